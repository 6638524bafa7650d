package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// Signals are those at which the program ends in good order: Ctrl-C, a request
// to end, and the end of its terminal, unless whoever started it wants it to
// outlive that, as nohup does.
func Signals() []os.Signal {
	wanted := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		wanted = append(wanted, syscall.SIGHUP)
	}
	return wanted
}
