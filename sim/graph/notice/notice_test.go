package notice_test

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/notice"
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// office is a tenant with one mailbox, the subscriptions' routes, and a
// receiver that keeps what it is sent.
type office struct {
	*httptest.Server
	world    *world.World
	board    *notice.Board
	receiver *httptest.Server
	got      chan map[string]any
	answer   func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	copies   int
	now      time.Time
}

// Verify knows the tokens of the tests.
func (o *office) Verify(token string) (world.Caller, error) {
	switch token {
	case "app":
		return world.Caller{AppID: "app", Principal: "sp", Roles: []string{"Calendars.Read", "User.Read.All"}}, nil
	case "other":
		return world.Caller{AppID: "other", Principal: "sp3", Roles: []string{"Calendars.Read"}}, nil
	case "ada":
		return world.Caller{AppID: "app", Principal: "sp", User: "ada", Scopes: []string{"Calendars.Read"}}, nil
	}
	return world.Caller{AppID: "nothing", Principal: "sp2"}, nil
}

// Saw is not looked at here.
func (o *office) Saw(*state.Tx, world.Effect) {}

// Enter lets everybody in.
func (o *office) Enter(string, string, time.Time) (func(), time.Duration, string) {
	return func() {}, 0, ""
}

// Notification is the weather: as many copies as the test says, at once.
func (o *office) Notification() (int, time.Duration) { return o.copies, 0 }

func open(t *testing.T) *office {
	t.Helper()
	o := &office{got: make(chan map[string]any, 100), copies: 1, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	o.world = world.New(world.Options{Seed: 3, Domain: "contoso.example", Now: func() time.Time { return o.now }})
	o.receiver = httptest.NewServer(http.HandlerFunc(o.receive))
	t.Cleanup(o.receiver.Close)
	o.board = notice.New(notice.Options{World: o.world, Client: o.receiver.Client(), PlainHTTP: true, Weather: o,
		Render: func(_ *state.Tx, mailbox, id string) (world.Doc, bool) {
			return world.Doc{"id": id, "subject": "Lunch", "@odata.etag": `W/"1"`, "secret": "x"}, mailbox == "ada"
		},
		ID:       func(id world.ItemID, immutable bool) string { return fmt.Sprint(id.Key, immutable) },
		Calendar: func(_ *state.Tx, _, id string) (string, error) { return id, nil },
		Token:    func(app string) (string, error) { return "token for " + app, nil },
		Log:      slog.New(slog.DiscardHandler)})
	err := o.world.Open(func(tx *state.Tx) error {
		o.world.AddObject(tx, world.Object{ID: "ada", Type: "user", Doc: world.Doc{"userPrincipalName": "ada@contoso.example"}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	k, err := wire.New(wire.Options{World: o.world, Tokens: o, Witness: o, Limits: o,
		Shared: func(*state.Tx, string, string) bool { return false }}, o.board.Routes())
	if err != nil {
		t.Fatal(err)
	}
	o.Server = httptest.NewServer(k)
	t.Cleanup(o.Close)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.board.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return o
}

func (o *office) receive(w http.ResponseWriter, r *http.Request) {
	if o.answer != nil && o.answer(w, r) {
		return
	}
	if token := r.URL.Query().Get("validationToken"); token != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, token)
		return
	}
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	w.WriteHeader(http.StatusAccepted)
	o.got <- body
}

func (o *office) ask(t *testing.T, token, method, path string, body map[string]any) (int, map[string]any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, o.URL+"/v1.0"+path, strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := o.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var doc map[string]any
	_ = json.NewDecoder(answer.Body).Decode(&doc)
	return answer.StatusCode, doc
}

// wish is the body of a good subscription, with some members changed.
func (o *office) wish(change map[string]any) map[string]any {
	body := map[string]any{"resource": "users/ada@contoso.example/events", "changeType": "created,updated,deleted",
		"notificationUrl": o.receiver.URL + "/hook", "clientState": "s3cret",
		"expirationDateTime": o.now.Add(24 * time.Hour).Format(time.RFC3339)}
	for name, value := range change {
		if value == nil {
			delete(body, name)
			continue
		}
		body[name] = value
	}
	return body
}

// happen commits a change in ada's calendar.
func (o *office) happen(t *testing.T, kind world.ChangeKind, id string) {
	t.Helper()
	err := o.world.Update(func(tx *state.Tx) error {
		o.world.Record(tx, world.Change{Scope: "calendar:c1", Owner: "ada", ID: id, Kind: kind})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// next waits for what the receiver gets next.
func (o *office) next(t *testing.T) map[string]any {
	t.Helper()
	select {
	case body := <-o.got:
		return body
	case <-time.After(2 * time.Minute):
		t.Fatal("no notification came")
	}
	return nil
}

func item(t *testing.T, body map[string]any) map[string]any {
	t.Helper()
	items, _ := body["value"].([]any)
	if len(items) != 1 {
		t.Fatalf("%d items in %v", len(items), body)
	}
	return items[0].(map[string]any)
}

func TestSubscriptionsThatAreRefused(t *testing.T) {
	for _, s := range []struct {
		name, token string
		change      map[string]any
		status      int
		code        string
	}{
		{"without the permission to read", "nothing", nil, 403, "ErrorAccessDenied"},
		{"of what does not notify", "app", map[string]any{"resource": "organization"}, 400, "InvalidRequest"},
		{"of nobody's mailbox", "app", map[string]any{"resource": "users/bob/events"}, 404, "ErrorInvalidUser"},
		{"of another's mailbox, delegated", "ada", map[string]any{"resource": "users/bob/events"}, 404, "ErrorInvalidUser"},
		{"of /me without a user", "app", map[string]any{"resource": "me/events"}, 400, "BadRequest"},
		{"without a receiver", "app", map[string]any{"notificationUrl": nil}, 400, "InvalidRequest"},
		{"with a receiver in the clear elsewhere", "app", map[string]any{"notificationUrl": "http://receiver.example/"}, 400, "InvalidRequest"},
		{"too long", "app", map[string]any{"expirationDateTime": "2026-03-20T09:00:00Z"}, 400, "ExtensionError"},
		{"in the past", "app", map[string]any{"expirationDateTime": "2026-03-01T09:00:00Z"}, 400, "ExtensionError"},
		{"with an unknown change type", "app", map[string]any{"changeType": "created,eaten"}, 400, "InvalidRequest"},
		{"of created users", "app", map[string]any{"resource": "users", "changeType": "created"}, 400, "InvalidRequest"},
		{"with a long client state", "app", map[string]any{"clientState": strings.Repeat("x", 129)}, 400, "InvalidRequest"},
		{"with resource data and no $select", "app", map[string]any{"includeResourceData": true}, 400, "ExtensionError"},
		{"with resource data and no certificate", "app", map[string]any{"includeResourceData": true,
			"resource": "users/ada/events?$select=subject"}, 400, "InvalidRequest"},
		{"with $filter", "app", map[string]any{"resource": "users/ada/events?$filter=x"}, 400, "ExtensionError"},
	} {
		t.Run(s.name, func(t *testing.T) {
			o := open(t)
			status, doc := o.ask(t, s.token, "POST", "/subscriptions", o.wish(s.change))
			e, _ := doc["error"].(map[string]any)
			if status != s.status || e["code"] != s.code {
				t.Errorf("answered %d %v", status, doc)
			}
		})
	}
}

func TestAReceiverMustRepeatTheToken(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request) bool{
		"forbidden": func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(403); return true },
		"accepted": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(202)
			_, _ = io.WriteString(w, r.URL.Query().Get("validationToken"))
			return true
		},
		"as html": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, r.URL.Query().Get("validationToken"))
			return true
		},
		"something else": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "hello")
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := open(t)
			o.answer = answer
			status, doc := o.ask(t, "app", "POST", "/subscriptions", o.wish(nil))
			if e, _ := doc["error"].(map[string]any); status != 400 || e["code"] != "ValidationError" {
				t.Errorf("answered %d %v", status, doc)
			}
		})
	}
}

func TestAChangeIsNotified(t *testing.T) {
	o := open(t)
	status, sub := o.ask(t, "app", "POST", "/subscriptions", o.wish(nil))
	if status != 201 || sub["id"] == "" || sub["clientState"] != "s3cret" {
		t.Fatalf("%d %v", status, sub)
	}
	o.happen(t, world.Created, "e1")
	got := item(t, o.next(t))
	data, _ := got["resourceData"].(map[string]any)
	if got["subscriptionId"] != sub["id"] || got["changeType"] != "created" || got["clientState"] != "s3cret" ||
		got["resource"] != "Users/ada/Events/e1false" || data["id"] != "e1false" || data["@odata.etag"] != `W/"1"` || got["tenantId"] != o.world.TenantID {
		t.Errorf("notified %v", got)
	}
}

func TestOnlyWhatIsFollowedIsNotified(t *testing.T) {
	o := open(t)
	o.ask(t, "app", "POST", "/subscriptions", o.wish(map[string]any{"changeType": "deleted"}))
	o.happen(t, world.Created, "e1")
	o.happen(t, world.Updated, "e1")
	err := o.world.Update(func(tx *state.Tx) error {
		o.world.Record(tx, world.Change{Scope: "calendar:c9", Owner: "bob", ID: "e9", Kind: world.Deleted})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.happen(t, world.Deleted, "e2")
	if got := item(t, o.next(t)); got["resource"] != "Users/ada/Events/e2false" {
		t.Errorf("notified %v", got)
	}
}

func TestWeatherLosesAndDoublesNotifications(t *testing.T) {
	o := open(t)
	o.ask(t, "app", "POST", "/subscriptions", o.wish(nil))
	o.copies = 0
	o.happen(t, world.Created, "lost")
	o.copies = 2
	o.happen(t, world.Created, "doubled")
	seen := 0
	for seen < 2 {
		items, _ := o.next(t)["value"].([]any)
		for _, i := range items {
			if r := i.(map[string]any)["resource"]; r != "Users/ada/Events/doubledfalse" {
				t.Fatalf("notified of %v", r)
			}
			seen++
		}
	}
}

func TestAnotherAppSeesNothingOfASubscription(t *testing.T) {
	o := open(t)
	_, sub := o.ask(t, "app", "POST", "/subscriptions", o.wish(nil))
	path := "/subscriptions/" + sub["id"].(string)
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		if status, _ := o.ask(t, "other", method, path, map[string]any{}); status != 404 {
			t.Errorf("%s by another app answered %d", method, status)
		}
	}
	if _, list := o.ask(t, "other", "GET", "/subscriptions", nil); len(list["value"].([]any)) != 0 {
		t.Errorf("another app lists %v", list)
	}
	if status, doc := o.ask(t, "app", "GET", path, nil); status != 200 || doc["encryptionCertificate"] != nil {
		t.Errorf("the owner reads %d %v", status, doc)
	}
}

func TestASubscriptionLivesUntilItExpires(t *testing.T) {
	o := open(t)
	_, sub := o.ask(t, "app", "POST", "/subscriptions", o.wish(nil))
	path := "/subscriptions/" + sub["id"].(string)
	longer := o.now.Add(6 * 24 * time.Hour).Format(time.RFC3339)
	if status, doc := o.ask(t, "app", "PATCH", path, map[string]any{"expirationDateTime": longer}); status != 200 {
		t.Fatalf("renewing: %d %v", status, doc)
	}
	o.world.Clock().Advance(5 * 24 * time.Hour)
	if status, _ := o.ask(t, "app", "GET", path, nil); status != 200 {
		t.Errorf("within its life: %d", status)
	}
	o.world.Clock().Advance(2 * 24 * time.Hour)
	if status, _ := o.ask(t, "app", "PATCH", path, map[string]any{"expirationDateTime": longer}); status != 404 {
		t.Errorf("after its life: %d", status)
	}
}

func TestLifecycleEvents(t *testing.T) {
	o := open(t)
	_, sub := o.ask(t, "app", "POST", "/subscriptions", o.wish(map[string]any{"lifecycleNotificationUrl": o.receiver.URL + "/life"}))
	o.world.Clock().Advance(23*time.Hour + 30*time.Minute)
	if got := item(t, o.next(t)); got["lifecycleEvent"] != "reauthorizationRequired" {
		t.Fatalf("before its end: %v", got)
	}
	if status, _ := o.ask(t, "app", "POST", "/subscriptions/"+sub["id"].(string)+"/reauthorize", nil); status != 204 {
		t.Errorf("reauthorize answered %d", status)
	}
	for _, e := range []notice.Event{notice.Missed, notice.SubscriptionRemoved} {
		if n, err := o.board.Raise("", e); n != 1 || err != nil {
			t.Fatalf("raising %s: %d, %v", e, n, err)
		}
		if got := item(t, o.next(t)); got["lifecycleEvent"] != string(e) || got["clientState"] != "s3cret" {
			t.Errorf("%v", got)
		}
	}
	if status, _ := o.ask(t, "app", "GET", "/subscriptions/"+sub["id"].(string), nil); status != 404 {
		t.Errorf("a removed subscription answers %d", status)
	}
	if _, err := o.board.Raise("", "bored"); err == nil {
		t.Error("an unknown event was raised")
	}
}

func TestResourceDataCanBeReadByItsReceiverOnly(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "receiver"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	o := open(t)
	status, doc := o.ask(t, "app", "POST", "/subscriptions", o.wish(map[string]any{"includeResourceData": true,
		"resource": "users/ada/events?$select=subject", "encryptionCertificate": base64.StdEncoding.EncodeToString(der), "encryptionCertificateId": "k1"}))
	if status != 201 {
		t.Fatalf("%d %v", status, doc)
	}
	o.happen(t, world.Updated, "e1")
	body := o.next(t)
	if tokens, _ := body["validationTokens"].([]any); len(tokens) != 1 || tokens[0] != "token for app" {
		t.Errorf("validation tokens %v", tokens)
	}
	sealed, _ := item(t, body)["encryptedContent"].(map[string]any)
	plain := unseal(t, key, sealed)
	if plain["subject"] != "Lunch" || plain["secret"] != nil || sealed["encryptionCertificateId"] != "k1" {
		t.Errorf("resource data %v", plain)
	}
}

// unseal follows Microsoft's recipe for receivers (graph-facts §4.6): key, then
// signature, then data.
func unseal(t *testing.T, key *rsa.PrivateKey, sealed map[string]any) map[string]any {
	t.Helper()
	part := func(name string) []byte {
		b, err := base64.StdEncoding.DecodeString(sealed[name].(string))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	k, err := rsa.DecryptOAEP(sha1.New(), nil, key, part("dataKey"), nil)
	if err != nil {
		t.Fatal(err)
	}
	data := part("data")
	mac := hmac.New(sha256.New, k)
	mac.Write(data)
	if !hmac.Equal(mac.Sum(nil), part("dataSignature")) {
		t.Fatal("the signature does not fit")
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, k[:16]).CryptBlocks(data, data)
	data = data[:len(data)-int(data[len(data)-1])]
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAnUnacknowledgedNotificationComesAgain(t *testing.T) {
	o := open(t)
	o.ask(t, "app", "POST", "/subscriptions", o.wish(nil))
	refused := 0
	o.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		refused++
		if refused == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return refused == 1
	}
	o.happen(t, world.Created, "e1")
	if got := item(t, o.next(t)); got["changeType"] != "created" || refused != 2 {
		t.Errorf("after %d attempts: %v", refused, got)
	}
}
