package gate_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// TestAnUploadGoesToTheCloudsOwnHostsWithoutAToken: the address of a session is used as
// Microsoft gave it, on a host of the cloud's, and nowhere else. What is refused is
// recorded, and neither entry shows the address.
func TestAnUploadGoesToTheCloudsOwnHostsWithoutAToken(t *testing.T) {
	const path = "/api/v2.0/Users('a@b')/Messages('m')/AttachmentSessions('s')?authtoken=a.secret%2Fone"
	for link, sent := range map[string]bool{
		"http://graph.test" + path:           true,
		"https://graph.test" + path:          false,
		"http://graph.test:8443" + path:      false,
		"http://graph.test.evil" + path:      false,
		"http://graph.test@evil.test" + path: false,
		"http://x@graph.test" + path:         false,
		"http://graph.test" + path + "#x":    false,
		"http://169.254.169.254" + path:      false,
		"https://outlook.office.com" + path:  false, // of another cloud
		path:                                 false,
		"::":                                 false,
		"":                                   false,
	} {
		r, m := put(t, nil)
		r.Flow.Kind = flow.MailSend(flow.ExactlyOnce)
		p, err := policy.New(r.Flows())
		if err != nil {
			t.Fatal(err)
		}
		r.Policy.Replace(p)
		answer, err := r.Gate.Do(t.Context(), gate.Call{App: "crm", Flow: "office", Operation: flow.PutRange(), Mailbox: rig.Alice, Args: flow.Args{"message": calendar},
			Link: link, Range: "bytes 0-3/4", Body: []byte("file")})
		entries, requests := r.Entries(t), m.Requests()
		if !sent {
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != gate.CodeLink || len(requests) != 0 || len(entries) != 1 || entries[0].Allowed {
				t.Errorf("%s: %v, %d requests, recorded %+v", link, err, len(requests), entries)
			}
			continue
		}
		finish(t, answer, err)
		if len(requests) != 1 || requests[0].Method != http.MethodPut || requests[0].RequestURI != path || requests[0].Header.Get("Authorization") != "" ||
			requests[0].Header.Get("Content-Range") != "bytes 0-3/4" || requests[0].Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: sent %+v", link, requests)
		}
		for _, e := range entries {
			if strings.Contains(e.Path+e.Note, "secret") {
				t.Errorf("recorded is %+v", e)
			}
		}
	}
}

// TestEachCloudHasItsOwnHostsForUploads: the host of the documentation is the worldwide
// cloud's.
func TestEachCloudHasItsOwnHostsForUploads(t *testing.T) {
	for _, c := range graphwarden.Clouds() {
		for origin, want := range map[string]bool{c.Graph: true, c.Exchange: true, "https://outlook.office.com": c.Name == "global", c.Login: false, "": false, "https://": false} {
			if c.TakesUploads(origin) != want {
				t.Errorf("%s takes uploads at %q: %v", c.Name, origin, !want)
			}
		}
	}
}

// TestWhatAnAppWasLedToIsOnTheCloudsOwnHosts: a file of SharePoint is read where the cloud
// keeps files, without a token, and passed on as it comes; nowhere else, and not by an
// operation of a room's.
func TestWhatAnAppWasLedToIsOnTheCloudsOwnHosts(t *testing.T) {
	for _, c := range graphwarden.Clouds() {
		domain := map[string]string{"global": "com", "usgov": "us", "usgovdod": "", "china": "cn"}[c.Name]
		for origin, want := range map[string]bool{
			c.Graph: true, "https://contoso.sharepoint." + domain: domain != "", "https://contoso-my.sharepoint." + domain: domain != "", "https://contoso.sharepoint-mil.us": c.Name == "usgovdod",
			"https://sharepoint." + domain: false, "https://.sharepoint." + domain: false, "https://contoso.sharepoint." + domain + ".evil.test": false, "https://evilsharepoint." + domain: false,
			"https://contoso.sharepoint." + domain + ":8443": false, "http://contoso.sharepoint." + domain: false, "https://a/b.sharepoint." + domain: false, "https://a.b.sharepoint." + domain: false, "": false,
		} {
			if c.KeepsFiles(origin) != want {
				t.Errorf("%s keeps files at %q: %v", c.Name, origin, !want)
			}
		}
	}
	if (graphwarden.Cloud{Name: "own", Graph: "https://own.test"}).KeepsFiles("https://x") {
		t.Error("a cloud of one's own keeps files anywhere")
	}
	asked := flow.Asked(flow.V1, http.MethodPost, "/users/{id}/messages/{id}/attachments/createUploadSession")
	const path = "/users/" + rig.Alice + "/messages/m/attachments/createUploadSession"
	for link, sent := range map[string]bool{"http://graph.test/x?authtoken=secret": true, "https://contoso.sharepoint.com/x": false, "http://169.254.169.254/x": false} {
		r, m := put(t, nil)
		r.Flow.Kind = flow.Through([]flow.Operation{asked})
		p, err := policy.New(r.Flows())
		if err != nil {
			t.Fatal(err)
		}
		r.Policy.Replace(p)
		call := gate.Call{App: "crm", Flow: "office", Operation: flow.Continued(http.MethodPut, asked), Mailbox: rig.Alice, Args: flow.Args{"path": path}, Link: link,
			Range: "bytes 0-3/4", Stream: strings.NewReader("file"), Length: 4}
		answer, err := r.Gate.Do(t.Context(), call)
		requests := m.Requests()
		if !sent {
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != gate.CodeLink || len(requests) != 0 {
				t.Errorf("%s: %v, %d requests", link, err, len(requests))
			}
			continue
		}
		finish(t, answer, err)
		if len(requests) != 1 || requests[0].Method != http.MethodPut || requests[0].Header.Get("Authorization") != "" || requests[0].ContentLength != 4 || requests[0].Header.Get("Content-Range") != "bytes 0-3/4" {
			t.Errorf("sent %+v", requests)
		}
		call.Mailbox, call.Stream = rig.Bob, strings.NewReader("file")
		if _, err := r.Gate.Do(t.Context(), call); err == nil {
			t.Error("somebody else's is let through")
		}
		call.Mailbox, call.Operation = rig.Alice, flow.Continued(http.MethodPut, flow.Asked(flow.V1, http.MethodPost, "/users/{id}/messages/{id}/copy"))
		if _, err := r.Gate.Do(t.Context(), call); err == nil {
			t.Error("what is behind another operation is let through")
		}
	}
}
