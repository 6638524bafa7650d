package assemble_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/flow"
)

// TestPeopleSendMailOfTheirOwn: a flow of people's own sign-ins sends mail, in either
// mode, in the name of who signed in and of nobody else, with the delegated permissions
// of the mode.
func TestPeopleSendMailOfTheirOwn(t *testing.T) {
	for _, mode := range flow.MailModes() {
		t.Run(string(mode), func(t *testing.T) {
			indoors(t, 4, func(j *journey, _ *copied) {
				c := &crmApp{crm: letPeopleIn(j, "Calendars.Read", "Mail.Send", "Mail.ReadWrite")}
				before := j.changed
				j.changed = func() {
					before()
					j.replace("  crm:\n    app: crm\n", fmt.Sprintf("  letters:\n    app: crm\n    kind: mail-send\n    tenant: contoso\n    registration: people\n    people: true\n    mail: {mode: %s}\n  crm:\n    app: crm\n", mode))
				}
				j.operate, j.apps = j.net.Listen(operated), j.net.Listen(answered)
				j.run("5m")
				c.key = c.newKey("crm")
				id, link := c.begins(nil)
				asks := mustParse(t, link).Get("scope")
				if !strings.Contains(asks, "Mail.Send") || strings.Contains(asks, "Mail.ReadWrite") != (mode == flow.ExactlyOnce) {
					t.Errorf("the link asks for %s", asks)
				}
				_, _, _ = c.signs(link, 2)
				c.consents(fmt.Sprint(c.progress(id)["do"]))
				c.connects(2, nil)
				time.Sleep(time.Minute)
				send := func(person int) (int, map[string]any) {
					return c.ask(answered, c.key, http.MethodPost, "/v1/tenants/contoso/mailboxes/"+c.ready.Users[person].ID+"/messages", map[string]any{"message": map[string]any{
						"subject": "From the CRM", "body": map[string]any{"contentType": "text", "content": "x"},
						"toRecipients": []any{map[string]any{"emailAddress": map[string]any{"address": c.ready.Users[1].UserPrincipalName}}}}})
				}
				if status, sent := send(2); status != http.StatusOK || sent["state"] != "done" {
					t.Errorf("sending answered %d %v", status, sent)
				}
				if status, sent := send(3); status < 400 {
					t.Errorf("sending for somebody who did not sign in answered %d %v", status, sent)
				}
				inbox := c.outlook(http.MethodGet, "/v1.0/users/"+c.ready.Users[1].ID+"/mailFolders/inbox/messages?$top=100", nil)["value"].([]any)
				n := 0
				for _, m := range inbox {
					if message := fmt.Sprint(m); strings.Contains(message, "From the CRM") {
						n++
						if !strings.Contains(message, c.ready.Users[2].UserPrincipalName) {
							t.Errorf("it comes from somebody else: %s", message)
						}
					}
				}
				if n != 1 {
					t.Errorf("%d messages arrived", n)
				}
				c.theirOwn(map[string]bool{c.ready.Users[2].ID: true})
			})
		})
	}
}
