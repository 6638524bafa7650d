package proxy_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/proxy"
)

// TestANameMeansOnePerson: an object id is nobody's name, whoever is called so, and a name
// that has been two people's means neither.
func TestANameMeansOnePerson(t *testing.T) {
	h := open(t, events, free)
	anna, ben := h.inside[0], h.inside[1]
	h.rooms.Flow.Mailboxes = graphwarden.MailboxScope{
		{ID: h.outer[0].ID, UPN: ben.ID}, // is called by the id of another
		{ID: "", UPN: "unpinned@contoso.example"},
		{ID: anna.ID, UPN: anna.Name},
		{ID: ben.ID, UPN: strings.ToUpper(anna.Name)},
		{ID: ben.ID, UPN: ben.Name},
	}
	for path, want := range map[string]string{
		"/users/" + ben.ID:                              "",
		"/users/" + strings.ToUpper(ben.ID):             "",
		"/users/" + ben.Name:                            "",
		"/users/" + anna.ID:                             "",
		"/users/" + anna.Name:                           "proxy.ambiguous",
		"/users/" + strings.ToUpper(anna.Name):          "proxy.ambiguous",
		"/users/unpinned@contoso.example":               "proxy.mailbox",
		"/users/nobody@contoso.example":                 "proxy.mailbox",
		"/users(userPrincipalName='" + anna.Name + "')": "proxy.ambiguous",
	} {
		a := h.asks("gwk_crm", "GET", path+"/events", "")
		if a.code() != want || (a.status == http.StatusOK) != (want == "") {
			t.Errorf("%s: %d %.300s", path, a.status, a.body)
		}
	}
	if got, want := h.asks("gwk_crm", "GET", "/users/"+ben.ID+"/events", ""), h.direct("GET", "/users/"+ben.ID+"/events", ""); unlinked(t, got.body) != unlinked(t, want.body) {
		t.Errorf("answered is somebody else's: %.300s", got.body)
	}
	if a := h.asks("gwk_crm", "POST", "/users/"+ben.ID+"/calendar/getSchedule", `{"schedules":["`+anna.Name+`"],"startTime":{"dateTime":"2026-12-01T08:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-12-01T18:00:00","timeZone":"UTC"}}`); a.code() != "proxy.ambiguous" || !strings.Contains(a.body, "Schedules[0]") {
		t.Errorf("in a body: %d %.300s", a.status, a.body)
	}
	// The flow's mailboxes are others from one request to the next.
	h.rooms.Flow.Mailboxes = graphwarden.MailboxScope{{ID: anna.ID, UPN: anna.Name}}
	if a := h.asks("gwk_crm", "GET", "/users/"+anna.Name+"/events", ""); a.status != http.StatusOK {
		t.Errorf("once it is one person's again: %d %.300s", a.status, a.body)
	}
	if a := h.asks("gwk_crm", "GET", "/users/"+ben.ID+"/events", ""); a.code() != "proxy.mailbox" {
		t.Errorf("of a mailbox that has left: %d %.300s", a.status, a.body)
	}
}

// TestAnAppActsForOnePerson: in the words of Graphwarden-Person as in a path.
func TestAnAppActsForOnePerson(t *testing.T) {
	const anna, ben, cleo = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002", "11111111-0000-4000-8000-000000000003"
	f := flow.Flow{Name: "own", People: true, Mailboxes: graphwarden.MailboxScope{
		{ID: cleo, UPN: anna}, {ID: anna, UPN: "anna@contoso.example"}, {ID: ben, UPN: "Anna@contoso.example"}, {ID: ben, UPN: "ben@contoso.example"}}}
	for person, want := range map[string]struct{ id, code string }{
		anna: {id: anna}, strings.ToUpper(anna): {id: anna}, "BEN@contoso.example": {id: ben}, ben: {id: ben},
		"anna@contoso.example": {code: "proxy.ambiguous"}, "dora@contoso.example": {code: "proxy.person"}, "": {code: "proxy.person"},
	} {
		left, err := proxy.ActsFor(f, person)
		var no *graphwarden.Refusal
		switch errors.As(err, &no); {
		case want.code != "":
			if no == nil || no.Code != want.code || no.Field != "Graphwarden-Person" {
				t.Errorf("for %q: %v", person, err)
			}
		case err != nil || len(left) != 1 || left[0].ID != want.id:
			t.Errorf("for %q: %v, %v", person, left, err)
		}
	}
	f.People = false
	if left, err := proxy.ActsFor(f, ""); err != nil || !slices.Equal(left, f.Mailboxes) {
		t.Errorf("for nobody: %v, %v", left, err)
	}
	if _, err := proxy.ActsFor(f, anna); err == nil {
		t.Error("a flow that signs in as an app acts for a person")
	}
}
