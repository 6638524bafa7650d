package deliver_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

func whsec(key []byte) string { return "whsec_" + base64.StdEncoding.EncodeToString(key) }

// TestOnlyWhatWasSignedIsBelieved goes through what forgers and broken proxies
// send (R41). The published library judges the same.
func TestOnlyWhatWasSignedIsBelieved(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	other := seal.New([]byte(strings.Repeat("o", 32)))
	library, err := webhooks.NewWebhook(whsec(key))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	body := []byte(`{"a":"é"}`)
	signed := func(at time.Time, keys ...seal.Secret) http.Header {
		h := http.Header{}
		deliver.Sign(h, keys, "msg_1", at, body)
		return h
	}
	own := seal.New(key)
	with := func(name, value string) http.Header {
		h := signed(now, own)
		h.Set(name, value)
		return h
	}
	right := signed(now, own).Get("webhook-signature")
	for _, s := range []struct {
		name   string
		header http.Header
		body   string
		good   bool
	}{
		{"as it was sent", signed(now, own), string(body), true},
		{"signed with the key before, too", signed(now, other, own), string(body), true},
		{"with a signature of a version to come before it", with("webhook-signature", "v2,abc "+right), string(body), true},
		{"almost five minutes old", signed(now.Add(-290*time.Second), own), string(body), true},
		{"more than five minutes old", signed(now.Add(-310*time.Second), own), string(body), false},
		{"from more than five minutes ahead", signed(now.Add(310*time.Second), own), string(body), false},
		{"with another key", signed(now, other), string(body), false},
		{"with another body", signed(now, own), `{"a":"e"}`, false},
		{"with a body that was parsed and written anew", signed(now, own), `{"a": "é"}`, false},
		{"without a body", signed(now, own), "", false},
		{"with another id", with("webhook-id", "msg_2"), string(body), false},
		{"without an id", with("webhook-id", ""), string(body), false},
		{"without a time", with("webhook-timestamp", ""), string(body), false},
		{"with a time that is none", with("webhook-timestamp", "today"), string(body), false},
		{"with another time", with("webhook-timestamp", fmt.Sprint(now.Unix()+1)), string(body), false},
		{"without a signature", with("webhook-signature", ""), string(body), false},
		{"with the empty signature v1,", with("webhook-signature", "v1,"), string(body), false},
		{"with v1 alone", with("webhook-signature", "v1"), string(body), false},
		{"with a comma", with("webhook-signature", ","), string(body), false},
		{"with a short signature", with("webhook-signature", right[:20]), string(body), false},
		{"with one byte cut off", with("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(make([]byte, 31))), string(body), false},
		{"with a signature that is not base64", with("webhook-signature", "v1,???"), string(body), false},
		{"with the right signature under version 2", with("webhook-signature", "v2"+right[2:]), string(body), false},
		{"with the right signature and no version", with("webhook-signature", right[3:]), string(body), false},
		{"with the version of asymmetric keys", with("webhook-signature", "v1a"+right[2:]), string(body), false},
	} {
		if err := deliver.Verify(s.header, []byte(s.body), []seal.Secret{own}, now); s.good != (err == nil) {
			t.Errorf("%s: %v", s.name, err)
		}
		if err := library.Verify([]byte(s.body), s.header); s.good != (err == nil) {
			t.Errorf("%s: the published library says %v", s.name, err)
		}
	}
	for _, keys := range [][]seal.Secret{nil, {{}}} {
		if deliver.Verify(signed(now, seal.Secret{}), body, keys, now) == nil {
			t.Error("without a key anything is believed")
		}
	}
}

// TestSecretsRotateWithoutARejectedDelivery changes the secret of a running sink:
// both sign for a day, and the receiver changes over in the middle (R44).
func TestSecretsRotateWithoutARejectedDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder := t.TempDir()
		file := func(name string, key string) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, []byte(whsec([]byte(strings.Repeat(key, 32)))+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		s := put(t, nil)
		receives := seal.New([]byte(strings.Repeat("a", 32)))
		var mu sync.Mutex
		rejected, signatures := 0, map[int]int{}
		s.Net.Serve("strict.test:80", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			signatures[len(strings.Fields(r.Header.Get("webhook-signature")))]++
			if err := deliver.Verify(r.Header, body, []seal.Secret{receives}, time.Now()); err != nil {
				rejected++
				w.WriteHeader(http.StatusUnauthorized)
			}
		}))
		current := file("current", "a")
		s.deliver = s.with(nil, "http://strict.test/", func(c *deliver.Config) {
			c.Targets[0].Keys = &deliver.KeyFiles{Current: current, Previous: filepath.Join(folder, "previous"), Log: rig.Log()}
		})
		stop := s.run(t)
		defer stop()
		for hour := range 36 {
			switch hour {
			case 4: // the operator rotates
				file("previous", "a")
				file("current", "b")
			case 16: // the receiver follows
				mu.Lock()
				receives = seal.New([]byte(strings.Repeat("b", 32)))
				mu.Unlock()
			case 20: // somebody leaves a broken file for two hours
				if err := os.WriteFile(current, []byte("half a sec"), 0o600); err != nil {
					t.Fatal(err)
				}
			case 22:
				file("current", "b")
			case 28: // the overlap ends
				if err := os.Remove(filepath.Join(folder, "previous")); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 10 {
				s.happen(t, fmt.Sprintf("%c%d", 'a'+i, hour))
			}
			time.Sleep(time.Hour)
		}
		synctest.Wait()
		if rejected != 0 || signatures[1] == 0 || signatures[2] != 240 || signatures[1]+signatures[2] != 360 {
			t.Errorf("%d deliveries were rejected; by signatures: %v", rejected, signatures)
		}
	})
}

func TestASinkWithoutAReadableSecretDoesNotStart(t *testing.T) {
	k := &deliver.KeyFiles{Current: filepath.Join(t.TempDir(), "nowhere"), Log: rig.Log()}
	_, err := k.Keys()
	if r := new(graphwarden.Refusal); err == nil || !asRefusal(err, &r) || r.Code != "deliver.secret_file" {
		t.Errorf("%v", err)
	}
}

func TestAWrongSecretIsToldWithItsFile(t *testing.T) {
	folder := t.TempDir()
	k := &deliver.KeyFiles{Current: filepath.Join(folder, "current"), Previous: filepath.Join(folder, "previous"), Log: rig.Log()}
	for _, wrong := range []string{k.Current, k.Previous} {
		if err := os.WriteFile(k.Current, []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(wrong, []byte("hush"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := k.Keys()
		if r := new(graphwarden.Refusal); err == nil || !asRefusal(err, &r) || r.Code != "deliver.secret" || !strings.Contains(r.Say, wrong) || strings.Contains(r.Say, "hush") {
			t.Errorf("%v", err)
		}
	}
}
