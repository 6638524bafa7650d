// Command graphwarden is the one guarded way between a company's applications
// and Microsoft 365.
package main

import (
	"context"
	"os"
	"os/signal"

	"github.com/graphwarden/graphwarden/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), cli.Signals()...)
	code := cli.Main(ctx, cli.Program{Args: os.Args[1:], Env: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
	stop()
	os.Exit(code)
}
