package cli_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
)

// hire has the company take on somebody.
func (tn *tenant) hire(t *testing.T) (name, id string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tn.Graph+"/sim/people", strings.NewReader(`{"as":"licensed"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := tn.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var made struct{ ID, UserPrincipalName string }
	if err := json.NewDecoder(answer.Body).Decode(&made); err != nil || made.ID == "" {
		t.Fatalf("hiring answered %s: %v", answer.Status, err)
	}
	return made.UserPrincipalName, made.ID
}

// TestSkippedMailboxesSayWhatIsWrong has people become what companies have, after
// their mailboxes were found, and asks the command why they are not read.
func TestSkippedMailboxesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	tn := open(t)
	names, ids := make([]string, 6), make([]string, 6)
	for n := range names {
		names[n], ids[n] = tn.hire(t)
	}
	names[0], ids[0] = tn.Users[0].UserPrincipalName, tn.Users[0].ID
	name := func(n int) string { return names[n] }
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	named := []string{name(0), name(1), name(2), name(3), name(4), name(5), "nobody@contoso.example"}
	changed := strings.Replace(string(text), fmt.Sprintf("mailboxes: [%q]", name(0)), "groups: [99999999-8888-7777-6666-555555555555]\n    mailboxes: ["+strings.Join(named, ", ")+"]", 1)
	if err := os.WriteFile(config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stop := tn.serve(t, config)
	stop()
	for n, as := range map[int]string{1: "unlicensed", 2: "onPremises", 3: "guest", 4: "deleted"} {
		tn.steer(t, "/sim/people", fmt.Sprintf(`{"user":%q,"as":%q}`, ids[n], as))
	}
	tn.steer(t, "/sim/mailboxaccess", fmt.Sprintf(`{"policies":[{"app":"*","scope":%q,"right":"DenyAccess"}],"delay":"0s"}`, ids[5]))
	tn.serve(t, config)

	want := map[string]string{
		name(1): "mirror.mailbox_elsewhere", name(2): "mirror.mailbox_elsewhere", name(3): "mailbox.guest",
		name(4): "mirror.mailbox_deleted", name(5): "graph.mailbox_restricted", "nobody@contoso.example": "graph.user_unknown",
		"group 99999999-8888-7777-6666-555555555555": "graph.group_unknown",
	}
	var got map[string]string
	all := func() bool { // each for its reason
		for mailbox, code := range want {
			if got[mailbox] != code {
				return false
			}
		}
		return true
	}
	for deadline := time.Now().Add(2 * time.Minute); !all() && time.Now().Before(deadline); {
		code, out, stderr := run(t, "feeds", "--skipped", "--json", "--config", config)
		var list []map[string]any
		if err := json.Unmarshal([]byte(out), &list); err != nil || code != cli.ExitOK {
			t.Fatalf("%d %v\n%s%s", code, err, out, stderr)
		}
		got = map[string]string{}
		for _, k := range list {
			if k["group"] != nil {
				got[fmt.Sprint("group ", k["group"])] = fmt.Sprint(k["code"])
			} else {
				got[fmt.Sprint(k["mailbox"])] = fmt.Sprint(k["code"])
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	for mailbox, code := range want {
		if got[mailbox] != code {
			t.Errorf("%s is skipped with %q, want %q", mailbox, got[mailbox], code)
		}
	}
	if got[name(0)] != "" {
		t.Errorf("a mailbox that can be read is skipped: %s", got[name(0)])
	}
	_, out, _ := run(t, "feeds", "--skipped", "--config", config)
	for _, says := range []string{"on premises, or its licence was taken away", "is a guest", "was deleted", "application access policy", "has no user", "group 99999999-8888-7777-6666-555555555555"} {
		if !strings.Contains(out, says) {
			t.Errorf("the list does not say %q:\n%s", says, out)
		}
	}
	code, out, _ := run(t, "doctor", "--config", config)
	if code != cli.ExitUnhealthy || !strings.Contains(out, "fail     The flow office names the group 99999999-8888-7777-6666-555555555555") {
		t.Errorf("doctor ends with %d and does not tell of the group:\n%s", code, out)
	}
}

// TestFeedsTellOfAPersonWhoHasNotSignedIn: with what to do, beside the flows that are
// read.
func TestFeedsTellOfAPersonWhoHasNotSignedIn(t *testing.T) {
	t.Parallel()
	tn := open(t)
	who := tn.Users[1].UserPrincipalName
	config := tn.configure(t, func(s *settings) {
		s.operate = freePort(t)
		s.more = "  desks: {app: crm, kind: calendar, tenant: contoso, registration: anna, mailboxes: [" + who + "], sink: {type: none}}\n"
	})
	rewrite(t, config, "      signed:", "      anna: {client_id: \""+tn.app(t, "public").ClientID+"\", mode: code}\n      signed:")
	tn.serve(t, config)
	for _, more := range [][]string{nil, {"--skipped"}, {"--flow", "desks"}} {
		var out string
		for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(out, "connect.nobody_signed_in") && time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
			_, out, _ = run(t, append([]string{"feeds", "--config", config}, more...)...)
		}
		if strings.Count(out, who+" ") != 1 || !strings.Contains(out, "Nobody has signed in to the registration contoso/anna yet. Run: graphwarden connect contoso anna") {
			t.Errorf("feeds %v does not say who is to sign in:\n%s", more, out)
		}
	}
}
