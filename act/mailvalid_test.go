package act_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// fullMessage is a message with every property that can be written.
func fullMessage() doc {
	people := func(address string) []any { return []any{doc{"emailAddress": doc{"address": address, "name": "A"}}} }
	return doc{
		"subject": "Your ticket", "body": doc{"contentType": "html", "content": "<p>x</p>"}, "toRecipients": people("a@b.example"), "ccRecipients": people("c@b.example"),
		"bccRecipients": people("d@b.example"), "replyTo": people("e@b.example"), "importance": "high", "categories": []any{"Red"}, "isReadReceiptRequested": false, "isDeliveryReceiptRequested": true,
		"internetMessageHeaders":        []any{doc{"name": "x-ticket", "value": "17"}},
		"attachments":                   []any{doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGVsbG8=", "contentId": "a1", "isInline": false}},
		"singleValueExtendedProperties": []any{doc{"id": "String {11111111-2222-3333-4444-555555555555} Name Colour", "value": "red"}},
	}
}

// TestAWrongMessageIsRefusedWithItsField puts every wrong value in every place of a
// message with everything in it, in both modes. What the room lets pass, Microsoft
// takes.
func TestAWrongMessageIsRefusedWithItsField(t *testing.T) {
	for _, mode := range flow.MailModes() {
		t.Run(string(mode), func(t *testing.T) {
			p := openMail(t, mode)
			within := func(field, at string) bool { return strings.HasPrefix(field, at) || strings.HasPrefix(at, field) }
			wrongThings{root: "message", sample: fullMessage, related: within, refused: 900, taken: 10, rows: func() int { return len(p.rows(0)) },
				more: []any{"a@b.example\r\nBcc: x@y.example", "Ünïcode", "%%%", []any{doc{"name": "References", "value": "x"}}},
				write: func(message json.RawMessage) (graphwarden.Intent, error) {
					in, err := p.Send(t.Context(), act.Send{Target: p.to(""), Message: message})
					if err == nil {
						p.Ask(t, http.MethodPost, "/sim/clock", doc{"advance": "2100ms"}) // Exchange takes 30 a minute
					}
					return in, err
				}}.try(t)
		})
	}
}

// TestWhatIsNotForAppsIsNotInAMessage has an app try what only Graphwarden or
// Microsoft writes, and what Graph documents as read-only.
func TestWhatIsNotForAppsIsNotInAMessage(t *testing.T) {
	p := openMail(t, flow.Least)
	for name, value := range map[string]any{
		"id": "AAMk", "from": doc{}, "sender": doc{}, "From": doc{}, "isDraft": true, "internetMessageId": "<x@y.example>", "conversationId": "x", "parentFolderId": "x", "receivedDateTime": "x",
		"@odata.etag": "x", "Subject": "x", "flag": doc{}, "inferenceClassification": "focused", "webLink": "x", "uniqueBody": doc{}, "extensions": []any{},
	} {
		message := fullMessage()
		message[name] = value
		if _, err := p.Send(t.Context(), act.Send{Target: p.to(""), Message: write(t, message)}); !slices.Contains([]string{"act.property", "act.json"}, code(err)) {
			t.Errorf("%s gave %v", name, err)
		}
	}
	people := func(n int, domain string) (out []any) {
		for i := range n {
			out = append(out, doc{"emailAddress": doc{"address": strings.Repeat("x", 1+i%9) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + domain}})
		}
		return out
	}
	for name, test := range map[string]struct {
		change doc
		code   string
	}{
		"501 people":       {doc{"toRecipients": people(251, "@b.example"), "ccRecipients": people(250, "@c.example")}, "act.value"},
		"too large":        {doc{"body": doc{"contentType": "text", "content": strings.Repeat("x", 3<<20)}}, "act.large"},
		"another's mark":   {doc{"singleValueExtendedProperties": []any{doc{"id": act.Mark, "value": "x"}}}, "act.value"},
		"an item attached": {doc{"attachments": []any{doc{"@odata.type": "#microsoft.graph.itemAttachment", "name": "x", "item": doc{}}}}, "act.value"},
	} {
		message := fullMessage()
		maps.Copy(message, test.change)
		if _, err := p.Send(t.Context(), act.Send{Target: p.to(""), Message: write(t, message)}); code(err) != test.code {
			t.Errorf("%s gave %v", name, err)
		}
	}
	if n := p.all()["send"]; n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// TestALargeMessageGoesOut is as large as one may be, and Graph takes it.
func TestALargeMessageGoesOut(t *testing.T) {
	for _, mode := range flow.MailModes() {
		p := openMail(t, mode)
		message := fullMessage()
		message["toRecipients"] = []any{doc{"emailAddress": doc{"address": p.Ready.Users[2].UserPrincipalName}}}
		message["attachments"].([]any)[0].(doc)["contentBytes"] = strings.Repeat("QUJD", 780_000)
		raw := write(t, message)
		if in, err := p.Send(t.Context(), act.Send{Target: p.to(""), Message: raw}); err != nil || in.Outcome.State != graphwarden.IntentDone || len(raw) < 3_000_000 {
			t.Errorf("%s: %d bytes gave %+v, %v", mode, len(raw), in.Outcome, err)
		}
	}
}

func TestAFlowSendsToItsDomainsOnly(t *testing.T) {
	p := openMail(t, flow.Least)
	f := p.flow
	f.Recipients = []string{"Contoso.example"}
	p.config.Roster = roster{f}
	p.Act = act.New(p.config)
	if in, err := p.send("k1", "inside"); err != nil || in.Outcome.State != graphwarden.IntentDone {
		t.Errorf("inside gave %+v, %v", in.Outcome, err)
	}
	for _, list := range []string{"toRecipients", "ccRecipients", "bccRecipients"} {
		_, err := p.Send(t.Context(), act.Send{Target: p.to(""), Message: write(t, doc{list: []any{doc{"emailAddress": doc{"address": "x@contoso.example"}}, doc{"emailAddress": doc{"address": "x@evil-contoso.example"}}}})})
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || r.Code != "act.recipient" || r.Kind != graphwarden.Denied || r.Field != "message."+list+"[1]" {
			t.Errorf("%s gave %v", list, err)
		}
	}
	if n := p.all()["send"]; n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// postman is a Microsoft that takes every message.
func postman(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(q.URL.Path, "/messages") {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":"AAMkAGI2TGuLAAABbmVZAAA=","isDraft":true,"internetMessageId":"<x@y.example>"}`)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// FuzzNothingInvalidIsSent sends anything as a message. What is refused names a code
// of the room's and sends nothing; what is sent is one object of known properties,
// from nobody else.
func FuzzNothingInvalidIsSent(f *testing.F) {
	raw, _ := json.Marshal(fullMessage())
	f.Add(string(raw), "key", "ref", true)
	f.Add(`{"toRecipients":[{"emailAddress":{"address":"a@b.example"}}],"From":{}}`, "", "", false)
	f.Add(`{"message":{"toRecipients":[]},"saveToSentItems":"false"}`, "k", "r", true)
	known := fullMessage()
	type room struct {
		act  *act.Act
		rig  *rig.Rig
		mode flow.MailMode
	}
	var rooms []room
	for _, mode := range flow.MailModes() {
		a, r := scripted(f, flow.MailSend(mode), postman)
		rooms = append(rooms, room{a, r, mode})
	}
	f.Fuzz(func(t *testing.T, message, key, reference string, unkept bool) {
		for _, x := range rooms {
			before := len(x.rig.Microsoft.Requests())
			_, err := x.act.Send(t.Context(), act.Send{Target: act.Target{App: "crm", Tenant: "contoso", Mailbox: "alice@contoso.com", Key: key},
				Reference: reference, Message: json.RawMessage(message), Unkept: unkept})
			came := x.rig.Microsoft.Requests()[before:]
			var r *graphwarden.Refusal
			if err != nil && (!errors.As(err, &r) || !strings.HasPrefix(r.Code, "act.") || r.Do == "") {
				t.Fatalf("%q gave %v", message, err)
			}
			if err != nil && len(came) > 0 {
				t.Fatalf("%q was refused, and %d requests were sent", message, len(came))
			}
			for _, q := range came {
				body, _ := io.ReadAll(q.Body)
				sent := doc{}
				if len(body) > 0 && json.Unmarshal(body, &sent) != nil {
					t.Fatalf("what was sent is %s", body)
				}
				if inner, is := sent["message"].(doc); is && x.mode == flow.Least {
					sent = inner
				}
				for name := range sent {
					if _, is := known[name]; !is {
						t.Fatalf("%s was sent", name)
					}
				}
			}
		}
	})
}
