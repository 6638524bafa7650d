package assemble_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// second adds a registration and a flow of it to the configuration.
func (j *journey) second(settings string) {
	j.Helper()
	app := ""
	for _, a := range j.ready.Apps {
		if a.Name == "calendar" {
			app = a.ClientID
			j.write("second.secret", a.ClientSecret)
		}
	}
	j.write("wrong.secret", "not-it")
	j.replace("    registrations:\n", fmt.Sprintf("    registrations:\n      second: {client_id: %s, %s}\n", app, settings))
	j.replace("flows:\n", fmt.Sprintf(`flows:
  second:
    app: portal
    kind: calendar
    tenant: contoso
    registration: second
    mailboxes: [%s]
    sink: {url: %q, secret_file: sink.secret}
`, j.ready.Users[2].UserPrincipalName, j.app.URL))
}

func (j *journey) write(name, content string) {
	j.Helper()
	if err := os.WriteFile(filepath.Join(j.folder, name), []byte(content), 0o600); err != nil {
		j.Fatal(err)
	}
}

// TestARegistrationThatDoesNotWorkHoldsUpNoOther: the gateway starts, what works is
// kept in step, and operators are told of what does not.
func TestARegistrationThatDoesNotWorkHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	second := graphwarden.Registration{Name: "contoso/second", Tenant: "contoso", Mode: graphwarden.BySecret}
	for _, s := range []struct {
		name, settings, notice string
		revoked                bool
	}{
		{"a connection that was revoked", "secret_file: second.secret", "notice.connection_revoked", true},
		{"a secret that is wrong", "secret_file: wrong.secret", "notice.sign_in_refused", false},
		{"a person who has not signed in", "mode: device", "notice.sign_in_awaited", false},
	} {
		t.Run(s.name, func(t *testing.T) {
			j := begin(t, 4)
			j.changed = func() { j.second(s.settings) }
			if s.revoked {
				stop := j.run("1s")
				j.told(j.meeting("before"), graphwarden.Created)
				if _, err := j.gateway.Custody.Revoke(t.Context(), second, "test"); err != nil {
					t.Fatal(err)
				}
				stop()
			}
			j.run("1s")
			j.told(j.meeting("still told"), graphwarden.Created)
			j.eventually(s.notice, func() bool {
				open, err := j.gateway.Store.Notices(t.Context(), false, 0, 100)
				return err == nil && slices.ContainsFunc(open, func(n graphwarden.Notice) bool { return n.Code == s.notice && n.Subject == second.Name })
			})
			if !s.revoked {
				return
			}
			if err := j.gateway.Custody.Connect(t.Context(), second, "test"); err != nil {
				t.Fatal(err)
			}
			begins := time.Now().UTC().AddDate(0, 0, 3).Truncate(time.Hour)
			at := func(t time.Time) any {
				return map[string]string{"dateTime": t.Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
			}
			there := j.outlook(http.MethodPost, "/v1.0/users/"+j.ready.Users[2].ID+"/events",
				map[string]any{"subject": "connected again", "start": at(begins), "end": at(begins.Add(time.Hour))})
			j.told(there["id"].(string), graphwarden.Created)
		})
	}
}

// TestAReaderThatDoesNotSignInEndsNothing: no mailbox was ever found, but the flow's
// own registration is sound, and an administrator may find them while the server runs.
func TestAReaderThatDoesNotSignInEndsNothing(t *testing.T) {
	j := begin(t, 4)
	j.changed = func() { j.write("reader.secret", "not-it") }
	j.run("1s")
	j.eventually("the notice", func() bool {
		open, err := j.gateway.Store.Notices(t.Context(), false, 0, 100)
		return err == nil && slices.ContainsFunc(open, func(n graphwarden.Notice) bool {
			return n.Code == "notice.sign_in_refused" && n.Subject == "contoso/reader"
		})
	})
	if skipped, err := j.gateway.Store.Skipped(t.Context(), ""); err != nil || len(skipped) != 0 {
		t.Errorf("nobody knows whether the names are right, and skipped are %+v, %v", skipped, err)
	}
}
