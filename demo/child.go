package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
)

// child is a part of the story that runs in a process of its own. When it is
// killed it is started again at once: what it knows is on disk.
type child struct {
	name       string // "the gateway"
	executable string
	args       []string
	log        string // the file for what it says
	screen     *screen

	mu       sync.Mutex
	command  *exec.Cmd
	hold     io.Closer // the process ends when this is closed
	up       bool      // it has answered once
	starts   int
	stopping bool

	stopped chan struct{} // closed by stop
	ended   chan struct{} // closed when it is not started again
	why     error         // why, once ended is closed
}

// start starts the process, and again whenever it ends, until stop.
func (c *child) start() error {
	c.stopped, c.ended = make(chan struct{}), make(chan struct{})
	command, err := c.launch()
	if err != nil {
		return err
	}
	go c.watch(command)
	return nil
}

// launch starts one process.
func (c *child) launch() (*exec.Cmd, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return nil, context.Canceled
	}
	log, err := os.OpenFile(c.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the log of %s: %w", c.name, err)
	}
	defer log.Close()
	command := exec.Command(c.executable, c.args...)
	command.Stdout, command.Stderr = log, log
	hold, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.name, err)
	}
	c.command, c.hold = command, hold
	c.starts++
	return command, nil
}

// watch waits for the end of each process and starts the next.
func (c *child) watch(command *exec.Cmd) {
	defer close(c.ended)
	for {
		err := command.Wait()
		c.mu.Lock()
		over, failed := c.stopping, !c.up && !signalled(err)
		c.mu.Unlock()
		if failed && !over {
			said, _ := os.ReadFile(c.log)
			c.why = &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "demo.process", Cause: err,
				Say: fmt.Sprintf("%s ended before it answered: %s", c.name, said[max(0, len(said)-2000):]), Do: "Try graphwarden sim, or graphwarden serve, on its own."}
		}
		if over || failed {
			return
		}
		if err == nil { // it was asked to end, perhaps all of us were
			select {
			case <-c.stopped:
				return
			case <-time.After(time.Second):
			}
		}
		before, killed := command.Process.Pid, signalled(err)
		if command, err = c.launch(); err != nil {
			c.why = err
			return
		}
		how := "ended"
		if killed {
			how = "was killed"
		}
		c.screen.trouble("%s, process %d, %s; started again as process %d", c.name, before, how, command.Process.Pid)
	}
}

// signalled says whether a signal ended a process. One that ends by itself before
// it has answered would do so again.
func signalled(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && !exit.Exited()
}

// await waits until the child answers, as ask says.
func (c *child) await(ctx context.Context, ask func() bool) error {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for late := time.After(time.Minute); !ask(); {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.ended:
			return c.why
		case <-late:
			return fmt.Errorf("%s does not answer", c.name)
		case <-look.C:
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up = true
	return nil
}

// pid is the process that runs now.
func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.command.Process.Pid
}

// started is how many processes it has been.
func (c *child) started() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.starts
}

// kill kills the process without a word.
func (c *child) kill() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing %s: %w", c.name, err)
	}
	return nil
}

// stop ends the process, waits for its end, and has it not started again.
func (c *child) stop() error {
	c.mu.Lock()
	if c.stopping {
		c.mu.Unlock()
		return nil
	}
	c.stopping = true
	close(c.stopped)
	hold := c.hold
	c.mu.Unlock()
	_ = hold.Close() // a killed process has closed it already
	select {
	case <-c.ended:
		return nil
	case <-time.After(15 * time.Second):
	}
	err := c.kill()
	<-c.ended
	return err
}
