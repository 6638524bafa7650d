package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

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
	return out, s.Delete()
}

// underService runs the program as a service where Windows started it as one.
func underService(ctx context.Context, run func(context.Context) int) int {
	is, err := svc.IsWindowsService()
	if err != nil || !is {
		return run(ctx)
	}
	h := &handler{ctx: ctx, run: run}
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
