package kill

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/sim"
)

// What the test binary is when it runs as one of the processes.
const (
	role       = "GRAPHWARDEN_KILL_ROLE"   // gateway or tenant
	roleFolder = "GRAPHWARDEN_KILL_FOLDER" // where it finds and keeps its files
	roleArmed  = "GRAPHWARDEN_KILL_ARMED"  // the step to die at, see failpoints
	roleSeed   = "GRAPHWARDEN_KILL_SEED"
)

func TestMain(m *testing.M) {
	run := map[string]func(context.Context) error{"gateway": beGateway, "tenant": beTenant}[os.Getenv(role)]
	if run == nil {
		os.Exit(m.Run())
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "it ended:", err)
		os.Exit(1)
	}
}

// beGateway runs the gateway of a folder's configuration, as "graphwarden serve"
// does, until its standard input ends. Each line of the input arms a failpoint.
func beGateway(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	folder := os.Getenv(roleFolder)
	passed, err := os.OpenFile(folder+"/passed", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	points := &failpoints{passed: passed, seen: map[string]bool{}, armed: os.Getenv(roleArmed)}
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			points.arm(in.Text())
		}
		stop()
	}()
	config, err := assemble.Load(folder + "/graphwarden.yaml")
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g, err := assemble.Build(ctx, config, assemble.Outside{Log: log, Step: points.step})
	if err != nil && ctx.Err() != nil {
		return nil // it was told to end while it started
	}
	if err != nil {
		return err
	}
	if err := g.Check(ctx); err != nil {
		log.Warn("beginning all the same", "reason", err)
	}
	points.note("running")
	if err := g.Run(ctx); err != nil {
		return err
	}
	return g.Close()
}

// beTenant runs the simulated tenant of a folder until its standard input ends.
func beTenant(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }()
	folder := os.Getenv(roleFolder)
	var seed uint64
	if _, err := fmt.Sscan(os.Getenv(roleSeed), &seed); err != nil {
		return err
	}
	o := sim.Options{Seed: seed, Users: people, HTTPNotifications: true, Truth: folder + "/truth.ndjson"}
	return sim.Serve(ctx, sim.Service{Options: o, Addr: "127.0.0.1:0", Ready: folder + "/ready.json"}, slog.New(slog.DiscardHandler))
}

// failpoints are the steps of a gateway that can kill it. A moment is written
// "before NAME" or "after NAME". What was passed is noted in a file, because a
// killed process tells nothing.
type failpoints struct {
	passed *os.File

	mu    sync.Mutex
	armed string
	seen  map[string]bool
}

func (p *failpoints) arm(moment string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = moment
}

func (p *failpoints) step(name string, act func() error) error {
	p.pass("before " + name)
	if err := act(); err != nil {
		return err
	}
	p.pass("after " + name)
	return nil
}

func (p *failpoints) pass(moment string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.seen[moment] {
		p.seen[moment] = true
		p.write("passed " + moment)
	}
	switch p.armed {
	case moment:
	case "panic " + moment:
		panic("armed to panic " + moment)
	default:
		return
	}
	p.write("killed " + moment)
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // it does not come to anything else
}

func (p *failpoints) note(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(line)
}

func (p *failpoints) write(line string) { _, _ = p.passed.WriteString(line + "\n") }

// noted reads the lines that a gateway has noted.
func noted(folder string) []string {
	raw, err := os.ReadFile(folder + "/passed")
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(strings.Split(string(raw), "\n"), func(l string) bool { return l == "" })
}
