package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Options say how the demo is told.
type Options struct {
	Story      string // the name of one of the Stories; "" is the first
	Executable string // the graphwarden program, which also is the simulator and the gateway
	Once       bool   // tell the story and end
	Users      int    // people in the simulated company
	Seed       uint64
	Calendars  string // a folder of .ics files to tell the story with, or ""
	Received   string // a file for every delivery that the app took, or ""
	Record     string // a file for every answer of the simulator, or ""
	Out        io.Writer
	Terminal   bool // Out is a terminal with colour
}

// stage is what the story is played on.
type stage struct {
	*screen
	options     Options
	folder      string
	simulator   *simulator
	outlook     *outlook
	receiver    *receiver
	gateway     *gateway
	switchboard *switchboard // of the story Presence
	crm         *crm         // of the story CRM
	meeting     string       // that the CRM made
	etag        string       // its version then
	began       time.Time    // when the gateway began to read
	plan        plan
	closing     []func() error // the last first
}

// Run tells the story. When it returns, no process, port or file of it is left.
func Run(ctx context.Context, o Options) (err error) {
	told, known := story(o.Story)
	if !known {
		return fmt.Errorf("there is no story %q", o.Story)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer quietPipes()()
	s := &stage{screen: &screen{out: o.Out, terminal: o.Terminal, gone: stop}, options: o}
	defer func() {
		for i := len(s.closing) - 1; i >= 0; i-- {
			err = errors.Join(err, s.closing[i]())
		}
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			s.line("")
			s.say("Stopped. Nothing is left behind.")
			err = nil
		}
	}()
	if o.Calendars != "" {
		if _, err := calendarFiles(o.Calendars); err != nil {
			return err
		}
	}
	if s.folder, err = os.MkdirTemp("", "graphwarden-demo-"); err != nil {
		return fmt.Errorf("making a folder for the demo: %w", err)
	}
	s.closing = append(s.closing, func() error { return os.RemoveAll(s.folder) })
	s.line(s.bold("Graphwarden") + " — the one guarded way between your applications and Microsoft 365")
	if err := s.tenant(ctx); err != nil {
		return err
	}
	if o.Calendars != "" && told.Name == Stories()[0].Name {
		return s.tellCalendars(ctx)
	}
	return told.tell(s, ctx)
}

// quietPipes has a write to a pipe that nobody reads any more fail, as other
// writes do, instead of ending the program with everything left behind; the
// function that it gives undoes that.
func quietPipes() func() {
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	return func() { signal.Stop(unread) }
}

// tenant starts the simulated Microsoft 365.
func (s *stage) tenant(ctx context.Context) error {
	s.chapter("A Microsoft 365 tenant, simulated in a process of its own")
	began := time.Now()
	var err error
	if s.simulator, err = startSimulator(ctx, s.screen, s.folder, s.options); err != nil {
		return err
	}
	s.closing = append(s.closing, s.simulator.stop)
	if s.outlook, err = openOutlook(s.simulator.ready); err != nil {
		return err
	}
	s.closing = append(s.closing, func() error { s.outlook.close(); return nil })
	s.did("%s: %d people with a year of meetings, at %s (%s)", s.simulator.Tenant.Domain, len(s.simulator.Users), s.simulator.Graph, round(time.Since(began)))
	return nil
}

// connect starts the app's receiver and the gateway, which answers once it has
// signed in.
func (s *stage) connect(ctx context.Context) error {
	secrets := map[string]string{}
	for _, f := range s.plan.flows {
		secrets[f.app] = newSecret()
	}
	if err := s.receive(secrets); err != nil {
		return err
	}
	listen, err := freeAddress()
	if err != nil {
		return err
	}
	operate, err := freeAddress()
	if err != nil {
		return err
	}
	apps, err := freeAddress()
	if err != nil {
		return err
	}
	config, err := writeConfig(s.folder, listen, operate, apps, s.simulator.ready, s.plan, secrets, s.receiver.url)
	if err != nil {
		return err
	}
	if s.gateway, err = startGateway(ctx, s.screen, s.options.Executable, s.folder, config, listen, operate); err != nil {
		return err
	}
	s.gateway.apps = apps
	s.began = time.Now()
	s.closing = append(s.closing, func() error { return s.gateway.stop() })
	return nil
}

// recordTo opens a file to write deliveries to; without a name there is none.
func (s *stage) recordTo(name string) (io.Writer, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("making the file for deliveries: %w", err)
	}
	s.closing = append(s.closing, f.Close)
	return f, nil
}
