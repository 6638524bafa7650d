package demo

import (
	"context"
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

	"github.com/graphwarden/graphwarden/docs/blueprints"
)

// crmPlan is where everything of the story is.
type crmPlan struct{ listen, operate, apps, client, secret string }

// connectCRM writes the blueprint with this tenant's names in it, has the app
// registered that the guide describes, and starts a gateway.
func (s *stage) connectCRM(ctx context.Context) error {
	key := newSecret()
	if err := s.receive(map[string]string{CRM: key}); err != nil {
		return err
	}
	var addresses []string
	for range 3 {
		a, err := freeAddress()
		if err != nil {
			return err
		}
		addresses = append(addresses, a)
	}
	p := crmPlan{listen: addresses[0], operate: addresses[1], apps: addresses[2], client: "00000000-0000-0000-0000-000000000000", secret: "not yet"}
	path, err := s.writeCRM(p, key)
	if err != nil {
		return err
	}
	if p.client, p.secret, err = s.registered(ctx, path); err != nil {
		return err
	}
	if path, err = s.writeCRM(p, key); err != nil {
		return err
	}
	if s.gateway, err = startGateway(ctx, s.screen, s.options.Executable, s.folder, path, p.listen, p.operate); err != nil {
		return err
	}
	s.gateway.apps = p.apps
	s.closing = append(s.closing, func() error { return s.gateway.stop() })
	s.began = time.Now()
	return nil
}

// receive puts up the apps' receiver.
func (s *stage) receive(secrets map[string]string) error {
	record, err := s.recordTo(s.options.Received)
	if err != nil {
		return err
	}
	if s.receiver, err = startReceiver(secrets, record); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- s.receiver.run() }()
	s.closing = append(s.closing, func() error { return errors.Join(s.receiver.close(), <-served) })
	return nil
}

// writeCRM puts this tenant's names into the blueprint. Besides them the file says
// what only a simulator on this machine needs.
func (s *stage) writeCRM(p crmPlan, key string) (string, error) {
	text, err := blueprints.Read(CRM)
	if err != nil {
		return "", err
	}
	var hosts []string
	for _, address := range []string{s.simulator.Graph, s.simulator.Authority, s.receiver.url(CRM)} {
		if u, err := url.Parse(address); err == nil {
			hosts = append(hosts, fmt.Sprintf("%q", u.Host))
		}
	}
	slices.Sort(hosts)
	text = strings.NewReplacer(
		"public_url: https://gateway.example.com", fmt.Sprintf("public_url: http://%s\nsweep: {woken: 3s, alone: 2s}\nadmit: [%s]\n#", p.listen, strings.Join(slices.Compact(hosts), ", ")),
		"127.0.0.1:8080", p.listen, "127.0.0.1:8081", p.operate, "127.0.0.1:8082", p.apps,
		"    id: contoso.onmicrosoft.com", fmt.Sprintf("    cloud: {login: %q, graph: %q}\n    ca: %q\n    id: %s", s.simulator.Authority, s.simulator.Graph, s.simulator.CA, s.simulator.Tenant.ID),
		"00000000-0000-0000-0000-000000000000", p.client,
		"https://crm.example.com/hooks/calendar", s.receiver.url(CRM),
	).Replace(text)
	for name, content := range map[string]string{CRM + ".yaml": text, "people.secret": p.secret, CRM + ".secret": key} {
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("writing the demo's configuration: %w", err)
		}
	}
	return filepath.Join(s.folder, CRM+".yaml"), nil
}

// registered registers the app that the guide describes, as an administrator does.
func (s *stage) registered(ctx context.Context, config string) (client, secret string, err error) {
	out, err := exec.CommandContext(ctx, s.options.Executable, "connect", "contoso", "people", "--guide", "--json", "--config", config).Output()
	if err != nil {
		return "", "", fmt.Errorf("asking what to register: %w", err)
	}
	var guide struct {
		Application json.RawMessage `json:"application"`
	}
	if err := json.Unmarshal(out, &guide); err != nil {
		return "", "", fmt.Errorf("reading what to register: %w", err)
	}
	at := s.simulator.Graph + "/v1.0"
	made, err := s.outlook.do(ctx, http.MethodPost, at+"/applications", guide.Application)
	if err != nil {
		return "", "", err
	}
	client = text(made, "appId")
	if _, err := s.outlook.do(ctx, http.MethodPost, at+"/servicePrincipals", doc{"appId": client}); err != nil {
		return "", "", err
	}
	password, err := s.outlook.do(ctx, http.MethodPost, at+"/applications/"+text(made, "id")+"/addPassword", doc{})
	return client, text(password, "secretText"), err
}
