package kill

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// process is the test binary as something else.
type process struct {
	folder string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	log    *os.File
	ended  chan struct{} // closed when it has ended
}

// start starts a process; what it says goes to a file in its folder.
func start(folder, as string, env ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{folder: folder, cmd: exec.Command(self), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), append(env, role+"="+as, roleFolder+"="+folder)...)
	if p.log, err = os.OpenFile(filepath.Join(folder, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // how it ended stands in ProcessState
		_ = p.log.Close()
		close(p.ended)
	}()
	return p, nil
}

// arm has a gateway die at a moment.
func (p *process) arm(moment string) { fmt.Fprintln(p.stdin, moment) }

// kill ends a process without a word, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// alive says whether it still runs.
func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// stop ends a process in an orderly way.
func (p *process) stop() error {
	_ = p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(2 * time.Minute):
		p.kill()
		return fmt.Errorf("%s did not end when told to\n%s", p.folder, p.tail())
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with %d when told to end\n%s", p.folder, code, p.tail())
	}
	return nil
}

// tail is the end of what it said.
func (p *process) tail() string {
	raw, _ := os.ReadFile(filepath.Join(p.folder, "log"))
	return string(raw[max(0, len(raw)-3000):])
}

// killed says whether it died by SIGKILL rather than by itself.
func (p *process) killed() bool { return strings.Contains(p.cmd.ProcessState.String(), "killed") }

// openTenant starts the simulated tenant.
func openTenant(t *testing.T, seed uint64) (*process, sim.Ready) {
	t.Helper()
	p, err := start(t.TempDir(), "tenant", fmt.Sprint(roleSeed, "=", seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Error(err)
		}
	})
	var r sim.Ready
	await(t, "the tenant listens", time.Minute, func() bool {
		raw, err := os.ReadFile(filepath.Join(p.folder, "ready.json"))
		return err == nil && json.Unmarshal(raw, &r) == nil
	})
	return p, r
}

// await waits until something holds.
func await(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for late := time.After(within); !holds(); {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("after %s it does not hold that %s", within, what)
		}
	}
}

// door is the address that Microsoft sends notifications to: it hands each
// connection on to one of the gateways that are up, as a load balancer does.
type door struct {
	net.Listener
	mu    sync.Mutex
	dice  *rand.Rand
	ports []string
	conns sync.WaitGroup
}

func openDoor(t *testing.T, dice *rand.Rand) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{Listener: l, dice: dice}
	ctx, stop := context.WithCancel(context.Background())
	d.conns.Go(func() { d.run(ctx) })
	t.Cleanup(func() { stop(); _ = l.Close(); d.conns.Wait() })
	return d
}

func (d *door) run(ctx context.Context) {
	for {
		in, err := d.Accept()
		if err != nil {
			return
		}
		d.conns.Go(func() { d.hand(ctx, in) })
	}
}

// hand joins a connection to a gateway that takes it.
func (d *door) hand(ctx context.Context, in net.Conn) {
	defer in.Close()
	d.mu.Lock()
	order := d.dice.Perm(len(d.ports))
	d.mu.Unlock()
	for _, i := range order {
		out, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.ports[i])
		if err != nil {
			continue
		}
		defer out.Close()
		defer context.AfterFunc(ctx, func() { _ = in.Close(); _ = out.Close() })()
		var both sync.WaitGroup
		both.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
		both.Go(func() { _, _ = io.Copy(in, out); _ = in.Close() })
		both.Wait()
		return
	}
}

// freePort finds a port that a gateway can have each time it is started: below those
// that systems give to outgoing connections, so that nobody has it meanwhile. (Who dials
// such a port over and over while nobody listens is connected to himself.)
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprint("127.0.0.1:", 15000+rand.IntN(17000))
		if l, err := net.Listen("tcp", address); err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}
