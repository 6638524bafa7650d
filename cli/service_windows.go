package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
	"golang.org/x/sys/windows/svc/mgr"
)

// eventID is the number of all our events: what they say tells them apart.
const eventID = 1

// restartDelay is how long Windows waits before it starts a service again that
// ended by itself.
const restartDelay = 5 * time.Second

// installService registers the service with Windows, which starts it with the
// system.
func installService(config, _ string) (Installed, error) {
	out := Installed{Files: []string{}, Next: []string{"sc start " + serviceName}}
	program, err := os.Executable()
	if err != nil {
		return out, err
	}
	if config, err = filepath.Abs(config); err != nil {
		return out, err
	}
	m, err := mgr.Connect()
	if err != nil {
		return out, err
	}
	defer m.Disconnect()
	s, err := m.CreateService(serviceName, program, mgr.Config{StartType: mgr.StartAutomatic, DelayedAutoStart: true, DisplayName: "Graphwarden",
		Description: "The guarded way between applications and Microsoft 365", ServiceStartName: `NT SERVICE\` + serviceName}, "serve", "--config", config)
	if err != nil {
		return out, err
	}
	defer s.Close()
	// Where the source is there already, from an installation before, it is as good.
	if err := eventlog.InstallAsEventCreate(serviceName, eventlog.Error|eventlog.Warning|eventlog.Info); err != nil {
		out.Next = append(out.Next, "eventcreate /L APPLICATION /SO "+serviceName+" /T INFORMATION /ID 1 /D installed")
	}
	return out, s.SetRecoveryActions([]mgr.RecoveryAction{{Type: mgr.ServiceRestart, Delay: restartDelay}}, 24*60*60)
}

// uninstallService takes the service away.
func uninstallService(string) (Installed, error) {
	out := Installed{Files: []string{}, Next: []string{}}
	m, err := mgr.Connect()
	if err != nil {
		return out, err
	}
	defer m.Disconnect()
	s, err := m.OpenService(serviceName)
	if err != nil {
		return out, err
	}
	defer s.Close()
	_ = eventlog.Remove(serviceName) // it may never have been there
	return out, s.Delete()
}

// underService runs the program as a service where Windows started it as one. A
// service has no standard error: what it says goes into Windows' event log.
func underService(ctx context.Context, p Program) int {
	is, err := svc.IsWindowsService()
	if err != nil || !is {
		return p.main(ctx)
	}
	if log, err := eventlog.Open(serviceName); err == nil {
		defer log.Close()
		p.Stderr = &eventLines{tell: func(level slog.Level, text string) error {
			switch {
			case level >= slog.LevelError:
				return log.Error(eventID, text)
			case level >= slog.LevelWarn:
				return log.Warning(eventID, text)
			}
			return log.Info(eventID, text)
		}}
	}
	h := &handler{ctx: ctx, run: p.main}
	if err := svc.Run(serviceName, h); err != nil && !errors.Is(err, context.Canceled) {
		return ExitInternal
	}
	return h.code
}

// handler answers Windows.
type handler struct {
	ctx  context.Context
	run  func(context.Context) int
	code int
}

// Execute runs the program until Windows asks it to stop.
func (h *handler) Execute(_ []string, asked <-chan svc.ChangeRequest, told chan<- svc.Status) (bool, uint32) {
	orders := make(chan order)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.code = obey(h.ctx, h.run, orders, func(s state) {
			told <- svc.Status{State: map[state]svc.State{starting: svc.StartPending, running: svc.Running, stopping: svc.StopPending}[s], Accepts: svc.AcceptStop | svc.AcceptShutdown}
		})
	}()
	for {
		select {
		case <-ended:
			return h.code != ExitOK, uint32(h.code)
		case r := <-asked:
			switch r.Cmd {
			case svc.Interrogate:
				told <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				select {
				case orders <- stop:
				case <-ended:
				}
			}
		}
	}
}
