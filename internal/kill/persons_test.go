package kill

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/internal/browser"
	"github.com/graphwarden/graphwarden/store"
)

// persons are people who sign in so that an app may work in their names. The app does as
// a real one: what was not answered is begun anew.
type persons struct {
	r              *trial
	key            string // the app's
	client, secret string
	in             map[string]bool // by account: whether the app has them; not there: nobody knows
	signedIn, left int
	declined       map[string]int // what was not answered
}

const appPage = "https://crm.example/connected"

// signers are those who sign in.
func (r *trial) signers() int { return len(r.tenant.Users) - 4 }

// register makes the app registration that people sign in through, with an
// administrator's consent for everybody.
func (r *trial) register() {
	r.Helper()
	p := &r.persons
	p.r, p.in, p.declined = r, map[string]bool{}, map[string]int{}
	known, _ := catalog.Load().PermissionOf(catalog.MicrosoftGraph, "Calendars.Read")
	info, _ := known.In(catalog.DelegatedWork)
	var redirects []string
	_, port, _ := strings.Cut(r.door.Addr().String(), ":")
	for _, host := range []string{"127.0.0.1", "localhost"} {
		redirects = append(redirects, "http://"+host+":"+port+"/connect/signed-in")
	}
	do := func(path string, body doc) doc {
		d, err := r.tenant.do(r.ctx, r.tenant.Tokens.Everything, http.MethodPost, r.tenant.Graph+path, body)
		if err != nil {
			r.Fatal(err)
		}
		return d
	}
	made := do("/v1.0/applications", doc{"displayName": "crm", "web": doc{"redirectUris": redirects},
		"requiredResourceAccess": []doc{{"resourceAppId": catalog.MicrosoftGraph, "resourceAccess": []doc{{"id": info.ID, "type": "Scope"}}}}})
	do("/v1.0/servicePrincipals", doc{"appId": made["appId"]})
	p.client, p.secret = text(made, "appId"), text(do("/v1.0/applications/"+text(made, "id")+"/addPassword", doc{}), "secretText")
	do("/sim/apps", doc{"app": p.client, "do": "consent"})
}

// receiving is the part of a configuration that lets people sign in.
func (r *trial) receiving(files map[string]string) (registrations, flows string) {
	files["people.secret"] = r.persons.secret
	return fmt.Sprintf("      people: {client_id: %s, mode: code, secret_file: people.secret, people: {return_to: [%q]}}\n", r.persons.client, appPage),
		fmt.Sprintf("  crm: {app: crm, kind: calendar, tenant: contoso, registration: people, people: true, window: {from: %s, to: %s}, sink: {url: %q, secret_file: sink.secret}}\n",
			r.tenant.from.Format(time.DateOnly), r.tenant.from.AddDate(0, 0, 9).Format(time.DateOnly), r.scribe.inbox.URL)
}

// appeal asks one of the members something in the app's name.
func (p *persons) appeal(method, path string, body doc) (int, doc) {
	headers := map[string]string{}
	if method == http.MethodPost {
		headers["Idempotency-Key"] = fmt.Sprintf("crm-%d", p.r.dice.Uint64())
	}
	status, answer, err := p.r.appeal(p.r.ctx, p.r.any().apps, p.key, method, "/v1/tenants/contoso"+path, body, headers)
	if err != nil {
		return 0, nil
	}
	return status, answer
}

// open waits until one of the gateways that were just started answers: a person tries a
// page again that is not there yet, and an app does not give up in the first second.
func (p *persons) open() {
	p.r.until(15*time.Second, func() bool {
		status, _ := p.appeal(http.MethodGet, "/people", nil)
		return status > 0 || !slices.ContainsFunc(p.r.members, func(m *member) bool { return m.process != nil && m.alive() })
	})
}

// signIn has somebody sign in for the app, from the link to the taking.
func (p *persons) signIn() {
	r := p.r
	p.open()
	u := r.tenant.Users[r.signers()+r.dice.IntN(4)]
	status, begun := p.appeal(http.MethodPost, "/sign-ins", doc{"registration": "people", "return_to": appPage, "hint": u.UserPrincipalName})
	if status == 0 || status >= 300 {
		p.declined["begun"]++
		return
	}
	end, _, err := browser.New(r.tenant.client.Transport, u.UserPrincipalName, u.Password).Open(text(begun, "link"), "http://"+r.host)
	if err != nil || !strings.HasPrefix(end, "http://") {
		p.declined["signed in at Microsoft"]++
		return
	}
	to, err := r.visit(end)
	if err != nil || to.Query().Get("code") == "" {
		p.declined["sent back"]++
		return
	}
	delete(p.in, u.ID) // until it is answered, nobody knows
	if status, _ = p.appeal(http.MethodPost, "/sign-ins/"+text(begun, "id")+"/take", doc{"code": to.Query().Get("code")}); status == http.StatusOK {
		p.in[u.ID] = true
		p.signedIn++
	} else {
		p.declined["taken"]++
	}
}

// visit goes to an address as a browser does, and gives where it is sent.
func (r *trial) visit(address string) (*url.URL, error) {
	ctx, stop := context.WithTimeout(r.ctx, 10*time.Second)
	defer stop()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: r.tenant.client.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(q)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	return answer.Location()
}

// anybody gives somebody whom the app has.
func (p *persons) anybody() string {
	for _, u := range p.r.tenant.Users[p.r.signers():] {
		if p.in[u.ID] {
			return u.ID
		}
	}
	return ""
}

// leave ends somebody's sign-in for the app.
func (p *persons) leave() {
	id := p.anybody()
	if id == "" {
		p.signIn()
		return
	}
	p.open()
	delete(p.in, id)
	if status, _ := p.appeal(http.MethodDelete, "/people/people/"+id, nil); status > 0 && status < 300 {
		p.in[id] = false
		p.left++
	}
}

// lose has an administrator end somebody's sign-in, and Microsoft refuse the token that
// is left, so that it shows.
func (p *persons) lose() {
	id := p.anybody()
	if id == "" {
		p.signIn()
		return
	}
	_, _ = p.r.tenant.outlook(p.r.ctx, http.MethodPost, id, "/revokeSignInSessions", doc{})
	p.r.sky(doc{"match": "GET /users/" + id + "/**", "status": 401, "times": 3})
}

// turn is what happens now and then.
func (p *persons) turn() {
	switch p.r.dice.IntN(4) {
	case 0:
		p.leave()
	case 1:
		p.lose()
	default:
		p.signIn()
	}
}

// comparePersons holds whom the app has, as far as it was answered, against who is
// stored; and what it was told of their connections against how those are.
func (r *trial) comparePersons(s *store.Store, _ map[place]string) (wrong []string) {
	r.Helper()
	list, err := s.People(r.ctx, "", "")
	if err != nil {
		r.Fatal(err)
	}
	stored := map[string]graphwarden.Person{}
	for _, p := range list {
		if _, twice := stored[p.Account.ID]; twice {
			wrong = append(wrong, fmt.Sprintf("%s is stored twice", p.Account.Name))
		}
		stored[p.Account.ID] = p
	}
	b := r.scribe.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	r.result.people = 0
	for id, in := range r.persons.in {
		if _, there := stored[id]; there != in {
			wrong = append(wrong, fmt.Sprintf("of %s the app knows %t, and stored is %t", id, in, there))
		}
	}
	for id, p := range stored {
		told := b.connections[id] // of somebody whose calendars were never found, too
		r.result.people += len(told)
		lost := len(told) > 0 && strings.HasSuffix(told[len(told)-1].Type, ".lost")
		if lost && p.LostAt.IsZero() && p.SignedInAt.Before(told[len(told)-1].Time) || !p.LostAt.IsZero() && !lost {
			wrong = append(wrong, fmt.Sprintf("%s is lost since %v, and of %d events the last says %t", p.Account.Name, p.LostAt, len(told), lost))
		}
	}
	return wrong
}
