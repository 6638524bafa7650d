package assemble_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// group makes a group of people and gives its id.
func (j *journey) group(people ...string) string {
	j.Helper()
	made := j.outlook(http.MethodPost, "/v1.0/groups", map[string]any{
		"displayName": "Readers of feeds", "mailEnabled": false, "mailNickname": "readers-of-feeds", "securityEnabled": true})
	id := made["id"].(string)
	for _, p := range people {
		j.join(id, p)
	}
	return id
}

func (j *journey) join(group, person string) {
	j.Helper()
	j.outlook(http.MethodPost, "/v1.0/groups/"+group+"/members/$ref", map[string]any{"@odata.id": "https://" + host + "/v1.0/directoryObjects/" + person})
}

// replace changes the configuration.
func (j *journey) replace(old, with string) {
	j.Helper()
	path := filepath.Join(j.folder, "graphwarden.yaml")
	raw, err := os.ReadFile(path)
	if err != nil {
		j.Fatal(err)
	}
	text := strings.Replace(string(raw), old, with, 1)
	if text == string(raw) {
		j.Fatalf("the configuration has no %s", old)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		j.Fatal(err)
	}
}

// scoped puts a group in place of the mailboxes.
func (j *journey) scoped(group string) {
	j.Helper()
	j.replace(fmt.Sprintf("mailboxes: [%s, %s]", j.ready.Users[0].UserPrincipalName, j.ready.Users[1].UserPrincipalName), "groups: ["+group+"]")
}

// eventually waits until something holds.
func (j *journey) eventually(what string, holds func() bool) {
	j.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for late := time.After(2 * time.Minute); !holds(); {
		select {
		case <-ticker.C:
		case <-late:
			j.Fatalf("waited in vain for %s", what)
		}
	}
}

// subscribed gives the subscriptions that the tenant has of everybody.
func (j *journey) subscribed() []any {
	j.Helper()
	r := httptest.NewRequestWithContext(j.Context(), http.MethodGet, "https://"+host+"/v1.0/subscriptions", nil)
	r.Header.Set("Authorization", "Bearer "+j.token("calendar"))
	w := httptest.NewRecorder()
	j.sim.Handler().ServeHTTP(w, r)
	var list struct{ Value []any }
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
		j.Fatalf("listing subscriptions: %d %s", w.Code, w.Body)
	}
	return list.Value
}

// token signs an app in.
func (j *journey) token(name string) string {
	j.Helper()
	for _, a := range j.ready.Apps {
		if a.Name != name {
			continue
		}
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "scope": {"https://graph.microsoft.com/.default"}}
		r := httptest.NewRequestWithContext(j.Context(), http.MethodPost, "https://"+host+"/"+j.ready.Tenant.ID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		j.sim.Handler().ServeHTTP(w, r)
		var got struct {
			Token string `json:"access_token"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Token == "" {
			j.Fatalf("signing %s in: %d %s", name, w.Code, w.Body)
		}
		return got.Token
	}
	j.Fatalf("no app %s", name)
	return ""
}

func TestMembersOfAGroupGetFeedsAndLeaversLoseThem(t *testing.T) {
	j := begin(t, 6)
	first := j.ready.Users[0]
	group := j.group(first.ID)
	j.changed = func() { j.scoped(group) }
	stop := j.run("1h")
	id := j.meeting("Of a member")
	j.told(id, graphwarden.Created)
	subscriptions := func() (n int) {
		list, err := j.gateway.Store.Subscriptions(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := subscriptions(); n != 1 {
		t.Errorf("%d subscriptions for one member", n)
	}
	j.outlook(http.MethodDelete, "/v1.0/groups/"+group+"/members/"+first.ID+"/$ref", nil)
	stop()
	stop = j.run("1h") // the group is read at the start, and every five minutes
	j.told(id, graphwarden.Deleted)
	feeds, err := j.gateway.Store.Feeds(t.Context(), "")
	if err != nil || len(feeds) != 0 {
		t.Errorf("a leaver has feeds: %+v %v", feeds, err)
	}
	j.eventually("the leaver's subscription to end at Microsoft", func() bool {
		return subscriptions() == 0 && len(j.subscribed()) == 0
	})
	stop()
}

func TestAMailboxThatCannotBeReadIsSkippedWithTheReason(t *testing.T) {
	j := begin(t, 6)
	for i, as := range []string{"licensed", "unlicensed", "onPremises", "deleted"} {
		if i > 0 {
			j.outlook(http.MethodPost, "/sim/people", map[string]any{"user": j.ready.Users[i].ID, "as": as})
		}
	}
	names := []string{}
	for _, u := range j.ready.Users[:4] {
		names = append(names, u.UserPrincipalName)
	}
	names = append(names, "nobody@"+j.ready.Tenant.Domain)
	j.changed = func() {
		j.replace(fmt.Sprintf("mailboxes: [%s, %s]", names[0], names[1]), "mailboxes: ["+strings.Join(names, ", ")+"]")
	}
	j.run("1h")
	j.told(j.meeting("The others do not matter"), graphwarden.Created)
	j.eventually("four mailboxes with a reason", func() bool {
		skipped, err := j.gateway.Store.Skipped(t.Context(), "office")
		if err != nil {
			t.Fatal(err)
		}
		codes := map[string]string{}
		for _, k := range skipped {
			codes[strings.ToLower(k.Mailbox.UPN)] = k.Code
		}
		return codes[strings.ToLower(names[1])] == "mirror.mailbox_elsewhere" && codes[strings.ToLower(names[2])] == "mirror.mailbox_elsewhere" &&
			codes[strings.ToLower(names[3])] == "graph.user_unknown" && codes[strings.ToLower(names[4])] == "graph.user_unknown" && len(codes) == 4
	})
	if got := j.outlook(http.MethodPost, "/sim/people", map[string]any{"user": j.ready.Users[1].ID, "as": "licensed"}); got == nil {
		t.Log("licensed again; read within the hour")
	}
}
