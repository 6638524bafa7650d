// Package verifiers has published verifiers of Standard Webhooks for Go judge what
// a receiver gets from Graphwarden. GRAPHWARDEN_LETTERS is the file that the room
// deliver wrote with -letters.
package verifiers

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
	svix "github.com/svix/svix-webhooks/go"
)

type verifier interface {
	Verify(body []byte, header http.Header) error
}

func TestPublishedVerifiersJudgeTheLetters(t *testing.T) {
	raw, err := os.ReadFile(os.Getenv("GRAPHWARDEN_LETTERS"))
	if err != nil {
		t.Fatal(err)
	}
	var letters []struct {
		Name, Secret, Body string
		Headers            map[string]string
		Good               bool
	}
	if err := json.Unmarshal(raw, &letters); err != nil || len(letters) < 19 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	for name, of := range map[string]func(secret string) (verifier, error){
		"standard-webhooks": func(secret string) (verifier, error) { return standard.NewWebhook(secret) },
		"svix":              func(secret string) (verifier, error) { return svix.NewWebhook(secret) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, l := range letters {
				v, err := of(l.Secret)
				if err != nil {
					t.Fatal(err)
				}
				body, err := base64.StdEncoding.DecodeString(l.Body)
				if err != nil {
					t.Fatal(err)
				}
				h := http.Header{}
				for k, v := range l.Headers {
					h.Set(k, v)
				}
				if err := v.Verify(body, h); l.Good != (err == nil) {
					t.Errorf("%s: %v", l.Name, err)
				}
			}
		})
	}
}
