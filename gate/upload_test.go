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
