package demo

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// plan is what the demo's configuration file says.
type plan struct {
	flows []plannedFlow
	desk  *desk // nil in a story without
}

// plannedFlow is one flow of the plan.
type plannedFlow struct {
	app, registration string
	mailboxes         []string
	from, to          time.Time // days: the window of the flow
}

// newSecret makes a signing secret as Standard Webhooks writes it.
func newSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

// writeConfig writes the configuration and the files with its secrets, and gives
// the path of the configuration.
func writeConfig(folder, listen, operate, apps string, r ready, p plan, secrets map[string]string, urls func(app string) string) (string, error) {
	files := map[string]string{}
	var b strings.Builder
	fmt.Fprintf(&b, "database: graphwarden.db\nkey: graphwarden.key\nlisten: %s\npublic_url: http://%s\noperate: %s\n", listen, listen, operate)
	if p.desk != nil {
		files["rules.cedar"] = p.desk.rules()
		fmt.Fprintf(&b, "apps: %s\npolicies: [rules.cedar]\n", apps)
	}
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
		fmt.Fprintf(&b, "    mailboxes: [%s]\n    window: {from: %s, to: %s}\n    sink: {url: %q, secret_file: %s.secret}\n",
			strings.Join(f.mailboxes, ", "), f.from.Format(time.DateOnly), f.to.Format(time.DateOnly), urls(f.app), f.app)
	}
	if p.desk != nil {
		b.WriteString(p.desk.flow())
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

// gateway is Graphwarden in a process of its own.
type gateway struct {
	*child
	config   string
	database string
	listen   string // where notifications arrive
	operate  string // where operators are answered
	apps     string // where apps are; "" in stories without
	token    string // the file with the operators' token
	client   *http.Client
}

// startGateway starts a gateway and waits until it has signed in and answers.
func startGateway(ctx context.Context, sc *screen, executable, folder, config, listen, operate string) (*gateway, error) {
	g := &gateway{config: config, database: filepath.Join(folder, "graphwarden.db"), listen: listen, operate: operate,
		token: filepath.Join(folder, "operator.token"), client: &http.Client{Timeout: 10 * time.Second}}
	g.child = &child{name: "the gateway", screen: sc, executable: executable, log: filepath.Join(folder, "gateway.log"),
		args: []string{"serve", "--config", config, "--until-stdin-ends"}}
	if err := g.start(); err != nil {
		return nil, err
	}
	if err := g.await(ctx, func() bool { return g.answers(ctx) }); err != nil {
		return nil, errors.Join(err, g.stop())
	}
	return g, nil
}

// answers says whether it takes notifications in.
func (g *gateway) answers(ctx context.Context) bool {
	return g.ask(ctx, "http://"+g.listen+"/healthz", nil) == nil
}

// feed is a feed as operators see it.
type feed struct {
	Flow      string     `json:"flow"`
	MailboxID string     `json:"mailbox_id"`
	ReadAt    *time.Time `json:"read_at"`
	Items     int        `json:"items"`
}

// feeds asks how the feeds are.
func (g *gateway) feeds(ctx context.Context) ([]feed, error) {
	var all []feed
	for cursor := ""; ; {
		var page struct {
			Items []feed `json:"items"`
			Next  string `json:"next"`
		}
		query := url.Values{"limit": {"1000"}, "cursor": {cursor}}
		if err := g.ask(ctx, "http://"+g.operate+"/v1/feeds?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}

// ask asks as an operator.
func (g *gateway) ask(ctx context.Context, address string, answer any) error {
	token, err := os.ReadFile(g.token)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	response, err := g.client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("the gateway answered %s", response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// verified has the gateway's ledger read again and hashed anew, by the command
// that everybody has for it; the gateway stands still meanwhile, and has signed what came
// last.
func (g *gateway) verified(ctx context.Context) (said string, err error) {
	if err := g.stop(); err != nil {
		return "", err
	}
	out, err := exec.CommandContext(ctx, g.executable, "ledger", "verify", "--config", g.config).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the ledger does not verify: %w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// restart starts a gateway that stands still.
func (g *gateway) restart(ctx context.Context) error {
	c := &child{name: g.name, executable: g.executable, args: g.args, log: g.log, screen: g.screen}
	g.child = c
	if err := c.start(); err != nil {
		return err
	}
	return c.await(ctx, func() bool { return g.answers(ctx) })
}
