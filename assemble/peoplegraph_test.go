package assemble_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAnAppUsesGraphForWhoSignedIn: by its own SDK, for one person at a time. What is "me"
// is that person, by that person's own token, and nobody else's things are reached, though
// they signed in for the same app.
func TestAnAppUsesGraphForWhoSignedIn(t *testing.T) {
	indoors(t, 5, func(j *journey, _ *copied) {
		c := &crmApp{crm: letPeopleIn(j, "Calendars.ReadBasic", "Calendars.Read", "Mail.ReadBasic", "Mail.Read")}
		before := j.changed
		j.changed = func() {
			before()
			j.replace("  crm:\n    app: crm\n", `  own:
    app: crm
    kind: graph
    tenant: contoso
    registration: people
    people: true
    private: full
    operations: ["GET /users/{id}/messages", "GET /users/{id}/events", "POST /users/{id}/calendar/getSchedule"]
  crm:
    app: crm
`)
		}
		j.operate, j.apps = j.net.Listen(operated), j.net.Listen(answered)
		j.run("5m")
		c.key = c.newKey("crm")
		id, link := c.begins(nil)
		_, _, _ = c.signs(link, 2)
		c.consents(fmt.Sprint(c.progress(id)["do"]))
		c.connects(2, nil)
		c.connects(3, nil)
		for _, person := range []int{2, 3, 4} {
			c.outlook(http.MethodPost, "/v1.0/users/"+c.ready.Users[person].ID+"/messages", map[string]any{"subject": fmt.Sprint("of person ", person)})
		}
		time.Sleep(time.Minute)
		asks := func(person, method, path string, body any) (status int, code, text string) {
			var headers []string
			if person != "" {
				headers = []string{"Graphwarden-Person", person}
			}
			status, said := c.ask(answered, c.key, method, "/graph/v1.0"+path, body, headers...)
			if e, is := said["error"].(map[string]any); is {
				inner, _ := e["innerError"].(map[string]any)
				code, _ = inner["code"].(string)
			}
			raw, err := json.Marshal(said)
			if err != nil {
				t.Fatal(err)
			}
			return status, code, string(raw)
		}
		two, three, four := c.ready.Users[2], c.ready.Users[3], c.ready.Users[4]
		slot := map[string]any{"dateTime": "2026-12-01T08:00:00", "timeZone": "UTC"}
		end := map[string]any{"dateTime": "2026-12-01T18:00:00", "timeZone": "UTC"}
		for name, s := range map[string]struct {
			person, method, path string
			body                 any
			code, holds          string
		}{
			"me":                              {two.ID, "GET", "/me/messages", nil, "", "of person 2"},
			"me, by name":                     {three.UserPrincipalName, "GET", "/me/messages", nil, "", "of person 3"},
			"by id":                           {two.ID, "GET", "/users/" + two.ID + "/messages", nil, "", "of person 2"},
			"by name":                         {three.ID, "GET", "/users('" + three.UserPrincipalName + "')/messages", nil, "", "of person 3"},
			"in a batch":                      {two.ID, "POST", "/$batch", map[string]any{"requests": []any{map[string]any{"id": "1", "method": "GET", "url": "/me/messages"}}}, "", "of person 2"},
			"one's own times":                 {two.ID, "POST", "/me/calendar/getSchedule", map[string]any{"schedules": []string{two.UserPrincipalName}, "startTime": slot, "endTime": end}, "", "scheduleItems"},
			"somebody else's times":           {two.ID, "POST", "/me/calendar/getSchedule", map[string]any{"schedules": []string{three.UserPrincipalName}, "startTime": slot, "endTime": end}, "proxy.mailbox", ""},
			"who signed in, too":              {two.ID, "GET", "/users/" + three.ID + "/messages", nil, "proxy.mailbox", ""},
			"who did not":                     {two.ID, "GET", "/users/" + four.ID + "/messages", nil, "proxy.mailbox", ""},
			"for who did not":                 {four.ID, "GET", "/me/messages", nil, "proxy.person", ""},
			"for who did not, by name":        {four.UserPrincipalName, "GET", "/users/" + two.ID + "/messages", nil, "proxy.person", ""},
			"for nobody":                      {"", "GET", "/me/messages", nil, "proxy.person", ""},
			"for nobody, by id":               {"", "GET", "/users/" + two.ID + "/messages", nil, "proxy.person", ""},
			"what is not listed":              {two.ID, "GET", "/me/mailFolders", nil, "proxy.operation", ""},
			"through a manager":               {two.ID, "GET", "/me/manager", nil, "proxy.operation", ""},
			"a batch for somebody else":       {two.ID, "POST", "/$batch", map[string]any{"requests": []any{map[string]any{"id": "1", "method": "GET", "url": "/me/messages", "headers": map[string]any{"graphwarden-person": three.ID}}}}, "", "proxy.batch"},
			"a batch to somebody else":        {two.ID, "POST", "/$batch", map[string]any{"requests": []any{map[string]any{"id": "1", "method": "GET", "url": "/users/" + three.ID + "/messages"}}}, "", "proxy.mailbox"},
			"a batch that is nobody's":        {"", "POST", "/$batch", map[string]any{"requests": []any{map[string]any{"id": "1", "method": "GET", "url": "/me/messages"}}}, "", "proxy.person"},
			"a link of one for somebody else": {two.ID, "GET", "/users/" + two.ID + "/messages?$skiptoken=gw1.AAAA", nil, "proxy.link", ""},
		} {
			status, code, text := asks(s.person, s.method, s.path, s.body)
			if code != s.code || (status < 400) != (s.code == "") || !strings.Contains(text, s.holds) {
				t.Errorf("%s: %d %s", name, status, text)
			}
		}
		c.theirOwn(map[string]bool{two.ID: true, three.ID: true})
	})
}
