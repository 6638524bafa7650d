package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// grantsReport is what the gateway says of a registration's grants.
type grantsReport struct {
	Lines []struct {
		Permission, Drift, Class string
		Granted, Needed          bool
		Calls                    int
	}
	Changes []struct{ Do, What string }
	Unread  string
}

// granted shows what two registrations were granted, need and used, and has the
// difference made up by an administrator's sign-in.
func (s *stage) granted(ctx context.Context) error {
	s.chapter("Granted, needed, used: what each registration may do, beside what it did")
	for _, name := range []string{"calendar", "calendar-certificate"} {
		r, err := s.grantsOf(ctx, name)
		if err != nil {
			return err
		}
		granted, needed, calls := r.sum()
		if len(granted) == 0 {
			return fmt.Errorf("what %s was granted is unknown: %s", name, r.Unread)
		}
		text := fmt.Sprintf("%-20s granted %s, needed %s, used by %d calls", name, strings.Join(granted, ", "), strings.Join(needed, ", "), calls)
		if len(r.Changes) == 0 {
			s.did("%s", text)
			continue
		}
		s.trouble("%s: more than it needs", text)
	}
	began := time.Now()
	changes, err := s.mendGrants(ctx, "calendar")
	if err != nil {
		return err
	}
	r, err := s.grantsOf(ctx, "calendar")
	if err != nil {
		return err
	}
	granted, _, _ := r.sum()
	if len(r.Changes) > 0 {
		return fmt.Errorf("after the grants were set there is still %v to change", r.Changes)
	}
	s.did("an administrator signed in once and made %d changes; read again, calendar holds %s and nothing else (%s)", changes, strings.Join(granted, ", "), round(time.Since(began)))
	return nil
}

// sum gives what is granted, what is needed, and by how many calls that was used.
func (r grantsReport) sum() (granted, needed []string, calls int) {
	for _, l := range r.Lines {
		if l.Granted {
			granted = append(granted, l.Permission)
		}
		if l.Needed {
			needed = append(needed, l.Permission)
		}
		calls += l.Calls
	}
	return granted, needed, calls
}

// grantReader lets the registration that finds mailboxes read grants, too, as an
// administrator does: before the gateway signs in by it, so that its first token says
// so.
func (s *stage) grantReader(ctx context.Context) error {
	id, _, _ := s.simulator.ready.app("reader")
	at := s.simulator.Graph + "/v1.0"
	reader, err := s.outlook.do(ctx, http.MethodGet, at+"/servicePrincipals(appId='"+id+"')?$select=id", nil)
	if err != nil {
		return err
	}
	graph, err := s.outlook.do(ctx, http.MethodGet, at+"/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,appRoles", nil)
	if err != nil {
		return err
	}
	roles, _ := graph["appRoles"].([]any)
	for _, v := range roles {
		if role, _ := v.(doc); text(role, "value") == "Directory.Read.All" {
			_, err = s.outlook.do(ctx, http.MethodPost, at+"/servicePrincipals/"+text(reader, "id")+"/appRoleAssignments",
				doc{"principalId": text(reader, "id"), "resourceId": text(graph, "id"), "appRoleId": text(role, "id")})
		}
	}
	return err
}

// grantsOf asks the gateway of a registration's grants.
func (s *stage) grantsOf(ctx context.Context, name string) (r grantsReport, err error) {
	return r, s.gateway.operated(ctx, http.MethodGet, "/v1/connections/contoso/"+name+"/grants", nil, &r)
}

// mendGrants has an administrator sign in by a code and set a registration's grants;
// it gives how many changes that took.
func (s *stage) mendGrants(ctx context.Context, name string) (int, error) {
	public, _, _ := s.simulator.ready.app("public")
	path := "/v1/connections/contoso/" + name
	var begun struct {
		ID       string `json:"id"`
		UserCode string `json:"user_code"`
		Address  string `json:"address"`
	}
	if err := s.gateway.operated(ctx, http.MethodPost, path+"/sign-ins", doc{"administrator": true, "for": "grants", "device": true, "client_id": public}, &begun); err != nil {
		return 0, err
	}
	if err := s.sit(0).enter(ctx, begun.Address, begun.UserCode); err != nil {
		return 0, err
	}
	for pending := true; pending; {
		var done struct {
			Pending bool
			Every   int `json:"every_seconds"`
		}
		if err := s.gateway.operated(ctx, http.MethodPost, "/v1/sign-ins/"+begun.ID, doc{}, &done); err != nil {
			return 0, err
		}
		if pending = done.Pending; pending {
			select {
			case <-time.After(time.Duration(max(1, done.Every)) * time.Second):
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
	}
	var out struct {
		Changes []struct{ What string }
		Proven  bool
	}
	err := s.gateway.operated(ctx, http.MethodPost, path+"/grants/apply", doc{"administrator": begun.ID, "by": "the demo"}, &out)
	if err == nil && !out.Proven {
		err = errors.New("the grants were set, and Microsoft does not show it")
	}
	return len(out.Changes), errors.Join(err, s.gateway.operated(ctx, http.MethodDelete, "/v1/sign-ins/"+begun.ID, nil, nil))
}

// operated asks the gateway as an operator.
func (g *gateway) operated(ctx context.Context, method, path string, body, answer any) error {
	token, err := os.ReadFile(g.token)
	if err != nil {
		return fmt.Errorf("reading the operators' token: %w", err)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if body == nil {
		raw = nil
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+g.operate+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	r.Header.Set("Content-Type", "application/json")
	got, err := g.client.Do(r)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	if got.StatusCode >= 300 {
		var p struct{ Detail string }
		_ = json.NewDecoder(got.Body).Decode(&p) // the status says enough
		return fmt.Errorf("%s %s: %s %s", method, path, got.Status, p.Detail)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(got.Body).Decode(answer)
}
