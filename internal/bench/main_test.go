//go:build linux

package bench_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

var (
	bars      = flag.Bool("bars", false, "measure the bars and print them as a table")
	only      = flag.String("only", "", "the bars to measure, by the first letters of their names, with commas")
	full      = flag.Bool("full", false, "the bars' own sizes: a minute of notifications, 16 minutes of idling")
	withSDK   = flag.Bool("sdk", false, "build the program with Microsoft's SDK if need be: about 7 minutes of processor time and 4.5 GB")
	coldBuild = flag.Bool("cold", false, "build everything from nothing, too: minutes of processor time")
	profile   = flag.String("profile", "", "a `folder` for profiles of the gateway, which is then part of this test's own binary")
)

// The environment in which this test's binary is a gateway.
const (
	asGateway = "GRAPHWARDEN_BENCH_GATEWAY"
	profiles  = "GRAPHWARDEN_BENCH_PROFILES"
)

func TestMain(m *testing.M) {
	if config := os.Getenv(asGateway); config != "" {
		os.Exit(serve(config, os.Getenv(profiles)))
	}
	if server := os.Getenv(asProxy); server != "" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := pass(ctx, server, os.Getenv(asProxyTrusts)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// serve is the gateway as its binary runs it; SIGUSR1 begins a profile.
func serve(config, folder string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if folder != "" {
		go profiled(ctx, folder)
	}
	return cli.Main(ctx, cli.Program{
		Args: []string{"serve", "--config", config}, Env: os.Getenv,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	})
}

// profiled writes profiles until ctx ends.
func profiled(ctx context.Context, folder string) {
	begin := make(chan os.Signal, 1)
	signal.Notify(begin, syscall.SIGUSR1)
	select {
	case <-begin:
	case <-ctx.Done():
		return
	}
	if f, err := os.Create(filepath.Join(folder, "cpu.pprof")); err == nil {
		_ = pprof.StartCPUProfile(f)
	}
	<-ctx.Done() // while everything is still there
	pprof.StopCPUProfile()
	for _, name := range []string{"heap", "goroutine"} {
		if f, err := os.Create(filepath.Join(folder, name+".pprof")); err == nil {
			_ = pprof.Lookup(name).WriteTo(f, 0)
			_ = f.Close()
		}
	}
}
