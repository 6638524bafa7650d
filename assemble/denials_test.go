package assemble_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// TestWhatOperatorsAskIsInTheLedger (R48): what changes something, before it is done;
// what is denied, counted; and a flood costs a few entries.
func TestWhatOperatorsAskIsInTheLedger(t *testing.T) {
	j := begin(t, 4)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	j.operate = l
	stop := j.run("1m")
	token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(token, method, path, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+l.Addr().String()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	good := strings.TrimSpace(string(token))
	if status := ask(good, "POST", "/v1/connections/contoso/calendar/await", `{"for":"consent"}`); status != http.StatusOK {
		t.Fatalf("await: %d", status)
	}
	const flood = 300
	for range flood {
		if status := ask("wrong", "DELETE", "/v1/replays/1", ""); status != http.StatusUnauthorized {
			t.Fatalf("a wrong token: %d", status)
		}
	}
	for i := range 80 { // methods that nobody thought of
		ask("wrong", "X"+strconv.Itoa(i), "/v1/status", "")
	}
	flood80 := 80
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} { // and routes
		for _, path := range []string{"status", "feeds", "flows", "tenants", "notices", "deliveries", "sinks", "people", "connections", "key/rotate", "people/invite", "apps", "replays", "metrics"} {
			if ask("wrong", method, "/v1/"+path, "") == http.StatusUnauthorized {
				flood80++
			}
		}
	}
	ask(good, "GET", "/v1/nothing", "")
	ask(good, "POST", "/v1/connections/contoso/calendar/await", `{"for":1}`)
	ask(good, "POST", "/v1/connections/contoso/nothing/await", `{"for":"consent"}`)
	stop() // what is gathered is written down at the end
	j.entries(flood, flood80)
}

// entries looks at what the ledger has of operators' requests.
func (j *journey) entries(flood, more int) {
	j.Helper()
	s, err := store.Open(j.Context(), store.Options{Path: filepath.Join(j.folder, "graphwarden.db")})
	if err != nil {
		j.Fatal(err)
	}
	defer s.Close()
	count := map[string]int{}
	all := 0
	err = s.EntriesAfter(j.Context(), 0, 100_000, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Kind != graphwarden.Acted || e.Method == "" && !strings.Contains(e.Note, "denied") {
			return nil
		}
		n := 1
		if m := regexp.MustCompile(`(\d+) times|^(\d+) more`).FindStringSubmatch(e.Note); m != nil {
			n, _ = strconv.Atoi(m[1] + m[2])
		}
		count[e.Rule+" "+e.Method+" "+e.Path] += n
		all++
		return nil
	})
	if err != nil {
		j.Fatal(err)
	}
	denied := 0
	for what, n := range count {
		if strings.HasPrefix(what, "api.token") || strings.HasPrefix(what, "denied") {
			denied += n
		}
	}
	if count["operator POST /v1/connections/{tenant}/{registration}/await"] != 2 || count["api.token DELETE /v1/replays/{id}"] != flood || denied != flood+more {
		j.Errorf("the ledger has %v; %d denials of %d", count, denied, flood+more)
	}
	for _, code := range []string{"api.route", "api.field", "connect.unknown"} {
		found := false
		for what := range count {
			found = found || strings.HasPrefix(what, code)
		}
		if !found {
			j.Errorf("nothing of %s: %v", code, count)
		}
	}
	if all > 120 {
		j.Errorf("%d entries of %d requests", all, flood+84)
	}
}
