package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assemble"
)

// plan is what the demo's configuration file says.
type plan struct {
	flows []plannedFlow
}

// plannedFlow is one flow of the plan.
type plannedFlow struct {
	app, registration string
	mailboxes         []string
	window            string // YAML of the flow's window
}

// newSecret makes a signing secret as Standard Webhooks writes it.
func newSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

// writeConfig writes the configuration and the files with its secrets, and gives
// the path of the configuration.
func writeConfig(folder, listen string, r ready, p plan, secrets map[string]string, urls func(app string) string) (string, error) {
	files := map[string]string{}
	var b strings.Builder
	fmt.Fprintf(&b, "database: graphwarden.db\nkey: graphwarden.key\nlisten: %s\npublic_url: http://%s\n", listen, listen)
	fmt.Fprintf(&b, "sweep: {woken: 5s, alone: 2s}\nadmit: [%s]\n", strings.Join(admitted(r, p, urls), ", "))
	fmt.Fprintf(&b, "tenants:\n  contoso:\n    id: %s\n    cloud: {login: %q, graph: %q}\n    ca: %q\n    registrations:\n",
		r.Tenant.ID, r.Authority, r.Graph, r.CA)
	for _, name := range []string{"reader", "calendar", "calendar-certificate"} {
		id, secret, certificate := r.app(name)
		fmt.Fprintf(&b, "      %s:\n        client_id: %s\n", name, id)
		if certificate != "" {
			fmt.Fprintf(&b, "        certificate_file: %q\n", certificate)
			continue
		}
		files[name+".secret"] = secret
		fmt.Fprintf(&b, "        secret_file: %s.secret\n", name)
	}
	b.WriteString("flows:\n")
	for _, f := range p.flows {
		files[f.app+".secret"] = secrets[f.app]
		fmt.Fprintf(&b, "  %s:\n    app: %s\n    kind: calendar\n    tenant: contoso\n    registration: %s\n", f.name(), f.app, f.registration)
		fmt.Fprintf(&b, "    mailboxes: [%s]\n    window: %s\n    sink: {url: %q, secret_file: %s.secret}\n",
			strings.Join(f.mailboxes, ", "), f.window, urls(f.app), f.app)
	}
	path := filepath.Join(folder, "graphwarden.yaml")
	files["graphwarden.yaml"] = b.String()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("writing the demo's configuration: %w", err)
		}
	}
	return path, nil
}

// admitted are the addresses on this machine that the gateway may call.
func admitted(r ready, p plan, urls func(app string) string) []string {
	var out []string
	for _, address := range []string{r.Graph, r.Authority, urls(p.flows[0].app)} {
		if u, err := url.Parse(address); err == nil && !slices.Contains(out, fmt.Sprintf("%q", u.Host)) {
			out = append(out, fmt.Sprintf("%q", u.Host))
		}
	}
	return out
}

// name is the flow's name in the configuration.
func (f plannedFlow) name() string { return f.app + "-calendars" }

// gateway is Graphwarden, running.
type gateway struct {
	*assemble.Graphwarden
	stop    context.CancelFunc
	running chan error // what Run returned
}

// buildGateway reads the configuration and builds what it says, with the
// listener that notifications arrive at.
func buildGateway(ctx context.Context, config string, listener net.Listener, log *slog.Logger) (*gateway, error) {
	c, err := assemble.Load(config)
	if err != nil {
		return nil, err
	}
	g, err := assemble.Build(ctx, c, assemble.Outside{Log: log, Listener: listener})
	if err != nil {
		return nil, err
	}
	return &gateway{Graphwarden: g, running: make(chan error, 1)}, nil
}

// start sets the gateway going until close.
func (g *gateway) start(ctx context.Context) {
	ctx, g.stop = context.WithCancel(ctx)
	go func() { g.running <- g.Run(ctx) }()
}

// close ends the gateway, waits for it, and gives back what it held.
func (g *gateway) close() error {
	if g.stop != nil {
		g.stop()
		<-g.running
	}
	return g.Close()
}
