package cli

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/docs"
)

// serviceName is what the service is called, under systemd and on Windows.
const serviceName = "graphwarden"

// service has the system run the gateway.
func (p Program) service() *command {
	return &command{
		use:   "service",
		short: "Have the system run the gateway: systemd, or a Windows service",
		long: `Service installs the gateway as a service of the system: under systemd with a
hardened unit, on Windows as a service of its own. docs/operations.md says how it is
set up.`,
		examples: []string{"graphwarden service unit", "graphwarden service install --dry-run"},
		under:    []*command{p.serviceUnit(), p.installService(), p.uninstallService()},
	}
}

func (p Program) serviceUnit() *command {
	return &command{
		use:      "unit",
		short:    "Print the systemd unit",
		long:     "Unit prints the systemd unit that graphwarden service install puts in its place, to be looked at and packaged.",
		examples: []string{"graphwarden service unit", "graphwarden service unit > graphwarden.service"},
		run: func(c *call) error {
			_, err := io.WriteString(c.Stdout, docs.Unit())
			return err
		},
	}
}

// Installed is what graphwarden service install and uninstall print with --json.
type Installed struct {
	Files []string `json:"files"` // written, or removed
	Next  []string `json:"next"`  // what is to be run now
}

func (p Program) installService() *command {
	var root string
	return &command{
		use:   "install",
		short: "Install the service",
		long: `Install writes the systemd unit and the declaration of its user, or registers the
Windows service for the configuration that --config names. It starts nothing: what
is to be run then is said.`,
		examples: []string{"graphwarden service install --dry-run", "graphwarden service install --root build/package"},
		config:   "the configuration `file` that the service runs with (Windows)",
		prints:   Installed{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&root, "root", "/", "install below this `folder`, as packages are built")
		},
		changes: func(c *call) (effect, error) {
			return effect{says: "This writes " + strings.Join(paths(serviceFiles(root)), " and ") + ", or on Windows registers the service " + serviceName + "."}, nil
		},
		run: func(c *call) error {
			done, err := installService(c.config, root)
			if err != nil {
				return unserviceable(err)
			}
			return c.print(done, done.text("Installed"))
		},
	}
}

func (p Program) uninstallService() *command {
	var root string
	return &command{
		use:   "uninstall",
		short: "Remove the service",
		long: `Uninstall removes what install wrote, or the Windows service. The configuration, the
database and the user stay.`,
		examples: []string{"graphwarden service uninstall --dry-run", "graphwarden service uninstall --yes"},
		prints:   Installed{},
		takes:    "the service's name",
		flags:    func(f *pflag.FlagSet) { f.StringVar(&root, "root", "/", "remove below this `folder`") },
		changes: func(c *call) (effect, error) {
			return effect{says: "This removes the service " + serviceName + ".", name: serviceName}, nil
		},
		run: func(c *call) error {
			done, err := uninstallService(root)
			if err != nil {
				return unserviceable(err)
			}
			return c.print(done, done.text("Removed"))
		},
	}
}

func (i Installed) text(did string) string {
	text := ""
	for _, f := range i.Files {
		text += did + " " + f + "\n"
	}
	for _, n := range i.Next {
		text += "Now: " + n + "\n"
	}
	return text
}

func unserviceable(err error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "cli.service", Cause: err,
		Say: "The system does not let the service be changed: " + err.Error() + ".", Do: "Run it as root, or as an administrator; or package what graphwarden service unit prints."}
}

// serviceFile is a file that the service consists of under systemd.
type serviceFile struct{ path, text string }

func serviceFiles(root string) []serviceFile {
	return []serviceFile{
		{filepath.Join(root, "etc/systemd/system", serviceName+".service"), docs.Unit()},
		{filepath.Join(root, "etc/sysusers.d", serviceName+".conf"), "u graphwarden - \"Graphwarden\" /var/lib/graphwarden\n"},
	}
}

func paths(files []serviceFile) (out []string) {
	for _, f := range files {
		out = append(out, f.path)
	}
	return out
}

// writeService writes the files of systemd's service.
func writeService(root string) (Installed, error) {
	out := Installed{Files: paths(serviceFiles(root)), Next: []string{"systemd-sysusers", "install -d -o graphwarden -g graphwarden -m 0700 /etc/graphwarden",
		"systemctl daemon-reload", "systemctl enable --now graphwarden"}}
	for _, f := range serviceFiles(root) {
		err := os.MkdirAll(filepath.Dir(f.path), 0o755)
		if err == nil {
			err = os.WriteFile(f.path, []byte(f.text), 0o644)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// removeService removes them; those that are not there are no matter.
func removeService(root string) (Installed, error) {
	out := Installed{Files: []string{}, Next: []string{"systemctl daemon-reload"}}
	for _, f := range paths(serviceFiles(root)) {
		err := os.Remove(f)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return out, err
		}
		out.Files = append(out.Files, f)
	}
	return out, nil
}

// tellSystem tells systemd how the service is, in the words of sd_notify: a
// datagram to the socket that the environment names. Without one there is nobody
// to tell, and who does not hear it is no reason to stop.
func (p Program) tellSystem(state string) {
	socket := p.Env("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	if socket[0] == '@' { // Linux's abstract names begin with a zero byte
		socket = "\x00" + socket[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = io.WriteString(c, state)
}
