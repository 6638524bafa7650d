package sim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// to is a recipient.
func to(addresses ...string) []doc {
	out := []doc{}
	for _, a := range addresses {
		out = append(out, doc{"emailAddress": doc{"address": a}})
	}
	return out
}

// mail lists the messages at a path with the token for everything.
func (x *tenant) mail(path string) []doc {
	x.Helper()
	status, out := x.call("GET", "/v1.0"+path, x.ready.Tokens.Everything, nil)
	if status != 200 {
		x.Fatalf("GET %s: %d %v", path, status, out)
	}
	var list []doc
	for _, v := range out["value"].([]any) {
		list = append(list, v.(doc))
	}
	return list
}

// TestMailIsDeliveredOnce to each recipient of the tenant, and kept with the
// sender; nobody sees whom a blind copy went to.
func TestMailIsDeliveredOnce(t *testing.T) {
	x := start(t, sim.Options{})
	ann, bob, eve := x.ready.Users[0], x.ready.Users[1], x.ready.Users[2]
	status, out := x.call("POST", "/v1.0/users/"+ann.ID+"/sendMail", x.ready.Tokens.Everything, doc{"message": doc{
		"subject": "Lunch?", "body": doc{"contentType": "HTML", "content": "<p>At <b>noon</b>.</p>"}, "toRecipients": to(bob.UserPrincipalName, "someone@fabrikam.example"),
		"ccRecipients": to(bob.UserPrincipalName), "bccRecipients": to(eve.UserPrincipalName), "importance": "high"}})
	if status != 202 || len(out) > 0 {
		t.Fatalf("%d %v", status, out)
	}
	kept := x.mail("/users/" + ann.ID + "/mailFolders/sentitems/messages")
	if len(kept) != 1 || kept[0]["isDraft"] != false || len(kept[0]["bccRecipients"].([]any)) != 1 || kept[0]["importance"] != "high" {
		t.Fatalf("%v", kept)
	}
	for _, who := range []sim.ReadyUser{bob, eve} {
		got := x.mail("/users/" + who.ID + "/mailFolders/inbox/messages")
		if len(got) != 1 || got[0]["internetMessageId"] != kept[0]["internetMessageId"] || got[0]["isRead"] != false || len(got[0]["bccRecipients"].([]any)) != 0 ||
			got[0]["from"].(doc)["emailAddress"].(doc)["address"] != ann.UserPrincipalName || got[0]["bodyPreview"] != "At noon." {
			t.Errorf("%s got %v", who.UserPrincipalName, got)
		}
	}
	if found := x.mail(fmt.Sprintf("/users/%s/messages?$filter=internetMessageId eq '%s'", bob.ID, kept[0]["internetMessageId"])); len(found) != 1 {
		t.Errorf("by its message id: %v", found)
	}
	last := x.rows("0")
	if row := last[len(last)-1]; row["effect"] != "read" {
		t.Errorf("%v", row)
	}
	sends := 0
	for _, row := range last {
		if row["effect"] == "send" && row["mailbox"] == ann.ID {
			sends++
		}
	}
	if sends != 1 {
		t.Errorf("the truth knows %d sends", sends)
	}
	if status, _ := x.call("POST", "/v1.0/users/"+ann.ID+"/sendMail", x.ready.Tokens.Everything, doc{"message": doc{"toRecipients": to(bob.UserPrincipalName)}, "saveToSentItems": false}); status != 202 {
		t.Errorf("%d", status)
	}
	if kept := x.mail("/users/" + ann.ID + "/mailFolders/sentitems/messages"); len(kept) != 1 {
		t.Errorf("kept although it was not to be: %d", len(kept))
	}
}

// TestADraftIsFoundAgainOnceItIsSent: its immutable id stays, the other does not, and
// an extended property finds it.
func TestADraftIsFoundAgainOnceItIsSent(t *testing.T) {
	x := start(t, sim.Options{})
	ann, bob := x.ready.Users[0], x.ready.Users[1]
	const marker = "String {6a3b1c9e-8f0d-4a55-9f0e-3f1c6b7d2a10} Name Reference"
	stable := http.Header{"Prefer": {`IdType="ImmutableId"`}}
	_, made := x.callWith("POST", "/v1.0/users/"+ann.ID+"/messages", x.ready.Tokens.Everything, doc{"subject": "Offer", "toRecipients": to(bob.UserPrincipalName),
		"body": doc{"contentType": "Text", "content": "See below"}, "internetMessageId": "<offer-1@crm.example>", "internetMessageHeaders": []doc{{"name": "x-crm", "value": "7"}},
		"singleValueExtendedProperties": []doc{{"id": marker, "value": "A-17"}}}, stable)
	id, _ := made["id"].(string)
	if made["isDraft"] != true || id == "" || made["internetMessageId"] != "<offer-1@crm.example>" {
		t.Fatalf("%v", made)
	}
	old := x.mail("/users/" + ann.ID + "/mailFolders/drafts/messages")[0]["id"].(string)
	path := "/v1.0/users/" + ann.ID + "/messages/"
	if status, out := x.callWith("PATCH", path+id, x.ready.Tokens.Everything, doc{"subject": "Offer 17"}, stable); status != 200 || out["subject"] != "Offer 17" || out["id"] != id {
		t.Errorf("%d %v", status, out)
	}
	if status, out := x.callWith("POST", path+id+"/send", x.ready.Tokens.Everything, nil, stable); status != 202 || len(out) > 0 {
		t.Fatalf("%d %v", status, out)
	}
	status, got := x.callWith("GET", path+id, x.ready.Tokens.Everything, nil, stable)
	if status != 200 || got["isDraft"] != false || got["subject"] != "Offer 17" {
		t.Errorf("by its immutable id: %d %v", status, got)
	}
	if status, _ := x.call("GET", path+old, x.ready.Tokens.Everything, nil); status != 404 {
		t.Errorf("by the id of the draft: %d", status)
	}
	found := x.mail("/users/" + ann.ID + "/messages?$filter=singleValueExtendedProperties/any(ep: ep/id eq '" + marker + "' and ep/value eq 'A-17')&$expand=singleValueExtendedProperties($filter=id eq '" + marker + "')")
	if len(found) != 1 || found[0]["singleValueExtendedProperties"].([]any)[0].(doc)["value"] != "A-17" {
		t.Errorf("by its marker: %v", found)
	}
	if status, out := x.callWith("POST", path+id+"/send", x.ready.Tokens.Everything, nil, stable); status != 400 {
		t.Errorf("sent twice: %d %v", status, out)
	}
	if inbox := x.mail("/users/" + bob.ID + "/mailFolders/inbox/messages"); len(inbox) != 1 {
		t.Errorf("%d arrived", len(inbox))
	}
	if status, _ := x.call("PATCH", path+x.mail("/users/" + ann.ID + "/mailFolders/sentitems/messages")[0]["id"].(string), x.ready.Tokens.Everything, doc{"subject": "x"}); status != 400 {
		t.Errorf("a sent message was changed: %d", status)
	}
	folder := x.mail("/users/" + ann.ID + "/mailFolders")
	if len(folder) != 7 {
		t.Errorf("%d folders", len(folder))
	}
}

// TestWhatExchangeRefusesOfMail names the code of each refusal.
func TestWhatExchangeRefusesOfMail(t *testing.T) {
	x := start(t, sim.Options{})
	ann, bob := x.ready.Users[0], x.ready.Users[1]
	many := []string{}
	for i := range 501 {
		many = append(many, fmt.Sprintf("p%d@fabrikam.example", i))
	}
	send := func(message doc) (int, string) {
		status, out := x.call("POST", "/v1.0/users/"+ann.ID+"/sendMail", x.ready.Tokens.Everything, doc{"message": message})
		e, _ := out["error"].(doc)
		return status, fmt.Sprint(e["code"])
	}
	for name, c := range map[string]struct {
		message doc
		status  int
		code    string
	}{
		"nobody":          {doc{"subject": "x"}, 400, "ErrorInvalidRecipients"},
		"no address":      {doc{"toRecipients": to("nowhere")}, 400, "ErrorInvalidRecipients"},
		"too many":        {doc{"toRecipients": to(many...)}, 400, "ErrorExceededMessageLimit"},
		"somebody else's": {doc{"toRecipients": to(bob.UserPrincipalName), "from": to(bob.UserPrincipalName)[0]}, 403, "ErrorSendAsDenied"},
		"a header":        {doc{"toRecipients": to(bob.UserPrincipalName), "internetMessageHeaders": []doc{{"name": "References", "value": "x"}}}, 400, "InvalidInternetMessageHeader"},
	} {
		if status, code := send(c.message); status != c.status || code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, status, code, c.status, c.code)
		}
	}
	for user, want := range map[string]int{ann.ID: 403, bob.ID: 403} {
		if status, _ := x.call("POST", "/v1.0/users/"+user+"/sendMail", x.token("calendar"), doc{"message": doc{"toRecipients": to(bob.UserPrincipalName)}}); status != want {
			t.Errorf("an app without Mail.Send: %d", status)
		}
	}
	x.steer("/sim/clock", doc{"now": time.Date(2027, 1, 1, 8, 0, 1, 0, time.UTC)})
	x.ready, _ = x.Ready(origin)
	for n := range 31 {
		status, code := send(doc{"toRecipients": to("p@fabrikam.example")})
		if n < 30 && status != 202 || n == 30 && (status != 429 || code != "ErrorExceededMessageLimit") {
			t.Fatalf("message %d of a minute: %d %s", n+1, status, code)
		}
	}
	x.later("1m")
	if status, code := send(doc{"subject": "x", "toRecipients": to("nobody-" + ann.UserPrincipalName)}); status != 202 {
		t.Errorf("to an address of the tenant that nobody has: %d %s", status, code)
	}
	if report := x.mail("/users/" + ann.ID + "/mailFolders/inbox/messages"); len(report) != 1 || !strings.HasPrefix(report[0]["subject"].(string), "Undeliverable") {
		t.Errorf("%v", report)
	}
}

// TestARoleOfExchangeLetsAnAppSend in its scope and nowhere else.
func TestARoleOfExchangeLetsAnAppSend(t *testing.T) {
	x := start(t, sim.Options{})
	ann, bob := x.ready.Users[0], x.ready.Users[1]
	x.steer("/sim/mailboxaccess", doc{"delay": "0s", "assignments": []doc{{"app": "nothing", "role": "Application Mail.Send", "mailboxes": []string{ann.ID}}}})
	for user, want := range map[string]int{ann.ID: 202, bob.ID: 403} {
		if status, out := x.call("POST", "/v1.0/users/"+user+"/sendMail", x.token("nothing"), doc{"message": doc{"toRecipients": to(bob.UserPrincipalName)}}); status != want {
			t.Errorf("%d %v, want %d", status, out, want)
		}
	}
}
