package assemble_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/sim"
)

// mails adds a flow that sends mail of the first person, by a registration of its own
// that may do what the mode takes and no more.
func (j *journey) mails(mode flow.MailMode, more string) {
	j.Helper()
	name := map[flow.MailMode]string{flow.Least: "mail", flow.ExactlyOnce: "mail-once"}[mode]
	app := j.ready.Apps[slices.IndexFunc(j.ready.Apps, func(a sim.ReadyApp) bool { return a.Name == name })]
	before := j.changed
	j.changed = func() {
		if before != nil {
			before()
		}
		if err := os.WriteFile(filepath.Join(j.folder, "mail.secret"), []byte(app.ClientSecret), 0o600); err != nil {
			j.Fatal(err)
		}
		j.replace("flows:\n", fmt.Sprintf("      mail: {client_id: %s, secret_file: mail.secret}\nflows:\n  tickets:\n    app: helpdesk\n    kind: mail-send\n    tenant: contoso\n    registration: mail\n    mailboxes: [%s]\n    mail: {mode: %s}\n%s",
			app.ClientID, j.ready.Users[0].UserPrincipalName, mode, more))
	}
}

// call asks a face as a client does, and gives what it answers.
func (j *journey) call(at net.Listener, key, method, path string, body any, header ...string) (int, map[string]any) {
	j.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		j.Fatal(err)
	}
	r, err := http.NewRequestWithContext(j.Context(), method, "http://"+at.Addr().String()+path, bytes.NewReader(raw))
	if err != nil {
		j.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		j.Fatal(err)
	}
	defer answer.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		j.Fatalf("%s %s answered %d: %v", method, path, answer.StatusCode, err)
	}
	return answer.StatusCode, out
}

// TestAnAppSendsMailThroughItsAddress sends from the mailbox that the flow names, in
// either mode, with the permissions of the mode alone.
func TestAnAppSendsMailThroughItsAddress(t *testing.T) {
	t.Parallel()
	for _, mode := range flow.MailModes() {
		t.Run(string(mode), func(t *testing.T) {
			j := begin(t, 3)
			j.mails(mode, "")
			j.operate, j.apps = j.listen(), j.listen()
			j.run("15m")
			token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
			if err != nil {
				t.Fatal(err)
			}
			operator := strings.TrimSpace(string(token))
			_, made := j.call(j.operate, operator, http.MethodPost, "/v1/apps/helpdesk/keys", map[string]any{"scope": "write"})
			key, _ := made["key"].(string)
			const canary = "the-text-that-nobody-else-reads"
			people := func(addresses ...string) []any {
				var out []any
				for _, a := range addresses {
					out = append(out, map[string]any{"emailAddress": map[string]any{"address": a}})
				}
				return out
			}
			message := func(more map[string]any) map[string]any {
				m := map[string]any{"subject": "Your ticket", "body": map[string]any{"contentType": "html", "content": "<p>" + canary + "</p>"}, "toRecipients": people(j.ready.Users[2].UserPrincipalName)}
				for name, v := range more {
					m[name] = v
				}
				return map[string]any{"message": m, "reference": "ticket-17"}
			}
			path := "/v1/tenants/contoso/mailboxes/" + j.ready.Users[0].UserPrincipalName + "/messages"
			for range 2 {
				status, sent := j.call(j.apps, key, http.MethodPost, path, message(nil), "Idempotency-Key", "k1")
				if status != http.StatusOK || sent["state"] != "done" || sent["reference"] != "ticket-17" || (sent["message"] != "") != (mode == flow.ExactlyOnce) {
					t.Fatalf("sending answered %d %v", status, sent)
				}
			}
			attached := func(bytes int) map[string]any {
				return map[string]any{"attachments": []any{map[string]any{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.bin", "contentBytes": strings.Repeat("AAAA", bytes/3)}}}
			}
			long := func(n int) map[string]any {
				return map[string]any{"body": map[string]any{"contentType": "text", "content": strings.Repeat(canary+" ", n/len(canary))}}
			}
			for nth, large := range []map[string]any{attached(2_000_000), long(2_500_000)} {
				if status, sent := j.call(j.apps, key, http.MethodPost, path, message(large), "Idempotency-Key", fmt.Sprint("large", nth)); status != http.StatusOK || sent["state"] != "done" {
					t.Errorf("a large message answered %d %v", status, sent)
				}
			}
			inbox := j.outlook(http.MethodGet, "/v1.0/users/"+j.ready.Users[2].ID+"/mailFolders/inbox/messages?$top=100", nil)["value"].([]any)
			if n := strings.Count(fmt.Sprint(inbox), canary); n == 0 || len(inbox) != 3 {
				t.Errorf("%d messages arrived", len(inbox))
			}
			for _, s := range []struct {
				situation, path string
				body            any
				status          int
				says            string
			}{
				{"somebody else's name", path, message(map[string]any{"from": people(j.ready.Users[1].UserPrincipalName)[0]}), 400, "docs/sending.md"},
				{"no recipient", path, message(map[string]any{"toRecipients": []any{}}), 400, "message.toRecipients"},
				{"no address", path, message(map[string]any{"ccRecipients": people("nobody")}), 400, "message.ccRecipients[0].emailAddress.address"},
				{"a mailbox that the flow does not name", "/v1/tenants/contoso/mailboxes/" + j.ready.Users[1].UserPrincipalName + "/messages", message(nil), 404, "api.not_there"},
				{"more attached than goes", path, message(attached(2_600_000)), 400, "field:message.attachments[0].contentBytes"},
				{"longer than goes", path, message(long(3_500_000)), 400, "field:message.body.content"},
				{"a subject too long", path, message(map[string]any{"subject": strings.Repeat("x", 256)}), 400, "field:message.subject"},
				{"two lines in the subject", path, message(map[string]any{"subject": "a\r\nBcc: x@y.example"}), 400, "message.subject"},
			} {
				if status, got := j.call(j.apps, key, http.MethodPost, s.path, s.body, "Idempotency-Key", strings.ReplaceAll(s.situation, " ", "-")); status != s.status || !strings.Contains(fmt.Sprint(got), s.says) {
					t.Errorf("%s answered %d %v", s.situation, status, got)
				}
			}
			status, list := j.call(j.operate, operator, http.MethodGet, "/v1/writes", nil)
			if status != http.StatusOK || len(list["items"].([]any)) != 3 || strings.Contains(fmt.Sprint(list), canary) {
				t.Errorf("operators see %d %v", status, list)
			}
		})
	}
}

func TestASendingFlowIsToldWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	for text, at := range map[string]string{
		"    direction: both\n":                                   "flows.tickets.direction",
		"    conflicts: refuse\n":                                 "flows.tickets.conflicts",
		"    private: full\n":                                     "flows.tickets.private",
		"    sink: {type: none}\n":                                "flows.tickets.sink",
		"    presence: {subjects: true}\n":                        "flows.tickets.presence",
		"    mail: {mode: least}\n":                               "",
		"    mail: {mode: exactly-once}\n":                        "",
		"    mail: {mode: twice}\n":                               "flows.tickets.mail.mode",
		"    mail: {recipients: [b.example]}\n":                   "flows.tickets.mail.mode",
		"    mail: {mode: least, recipients: ['not a domain']}\n": "flows.tickets.mail.recipients",
	} {
		j := begin(t, 3)
		j.mails(flow.Least, text)
		path := j.configuration("15m", "127.0.0.1:1")
		j.changed()
		if strings.Contains(text, "mail:") {
			j.replace("    mail: {mode: least}\n"+text, text)
		}
		_, err := assemble.Load(path)
		var r *graphwarden.Refusal
		if at == "" && err != nil || at != "" && (!errors.As(err, &r) || !strings.Contains(r.Say, at)) {
			t.Errorf("%q gave %v", text, err)
		}
	}
}

// TestAnAppSendsLargeFilesThroughItsAddress hands in a file of 10 MB and one of an odd
// size, at the address that is served, and compares what the recipient has byte for byte.
func TestAnAppSendsLargeFilesThroughItsAddress(t *testing.T) {
	t.Parallel()
	j := begin(t, 3)
	j.mails(flow.ExactlyOnce, "")
	j.operate, j.apps = j.listen(), j.listen()
	j.run("15m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	_, made := j.call(j.operate, strings.TrimSpace(string(token)), http.MethodPost, "/v1/apps/helpdesk/keys", map[string]any{"scope": "write"})
	key, _ := made["key"].(string)
	mailbox := "/v1/tenants/contoso/mailboxes/" + j.ready.Users[0].UserPrincipalName
	handIn := func(content io.Reader, header ...string) (int, map[string]any) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+j.apps.Addr().String()+mailbox+"/uploads", content)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var out map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, out
	}
	files, taken := map[string][]byte{}, []any{}
	for name, size := range map[string]int{"ten.bin": 10 << 20, "odd.bin": 4_321_987} {
		content := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(content)
		status, up := handIn(bytes.NewReader(content))
		if digest := fmt.Sprintf("%x", sha256.Sum256(content)); status != http.StatusCreated || up["sha256"] != digest || up["size"] != float64(size) {
			t.Fatalf("handing in %s answered %d %v", name, status, up)
		}
		files[name] = content
		taken = append(taken, map[string]any{"upload": up["id"], "name": name})
	}
	message := map[string]any{"subject": "Plans", "body": map[string]any{"contentType": "text", "content": "As you asked."},
		"toRecipients": []any{map[string]any{"emailAddress": map[string]any{"address": j.ready.Users[2].UserPrincipalName}}}}
	for range 2 {
		status, sent := j.call(j.apps, key, http.MethodPost, mailbox+"/messages", map[string]any{"message": message, "uploads": taken}, "Idempotency-Key", "k1")
		if status != http.StatusOK || sent["state"] != "done" {
			t.Fatalf("sending answered %d %v", status, sent)
		}
	}
	inbox := "/v1.0/users/" + j.ready.Users[2].ID + "/mailFolders/inbox/messages"
	list := j.outlook(http.MethodGet, inbox, nil)["value"].([]any)
	if len(list) != 1 {
		t.Fatalf("%d messages arrived", len(list))
	}
	hung := j.outlook(http.MethodGet, "/v1.0/users/"+j.ready.Users[2].ID+"/messages/"+list[0].(map[string]any)["id"].(string)+"/attachments", nil)["value"].([]any)
	for _, one := range hung {
		name, _ := one.(map[string]any)["name"].(string)
		content, _ := one.(map[string]any)["contentBytes"].(string)
		if base64.StdEncoding.EncodeToString(files[name]) != content {
			t.Errorf("%s did not arrive as it was handed in", name)
		}
	}
	if len(hung) != len(files) {
		t.Errorf("%d files arrived", len(hung))
	}
	for situation, c := range map[string]struct {
		content io.Reader
		header  []string
		status  int
		code    string
	}{
		"packed":            {strings.NewReader("x"), []string{"Content-Encoding", "gzip"}, http.StatusUnsupportedMediaType, "api.body_kind"},
		"empty":             {nil, nil, http.StatusBadRequest, "act.upload_size"},
		"of unknown length": {io.MultiReader(strings.NewReader("x")), nil, http.StatusBadRequest, "act.upload_size"},
	} {
		if status, got := handIn(c.content, c.header...); status != c.status || got["code"] != c.code {
			t.Errorf("a file that is %s answered %d %v", situation, status, got)
		}
	}
}
