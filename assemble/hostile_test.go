package assemble_test

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

// request is one of a corpus.
type request struct {
	method, path, body string
	headers            []string
	want               string
	at                 int // its line
}

// corpus reads a file of requests.
func corpus(t *testing.T, path string) (lines []string, out []request) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines = strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	for i, text := range lines {
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		r := request{at: i}
		if before, want, found := strings.Cut(text, " => "); found {
			text, r.want = before, want
		}
		parts := strings.Split(text, " | ")
		r.method, r.path, _ = strings.Cut(parts[0], " ")
		for _, part := range parts[1:] {
			if header, is := strings.CutPrefix(part, "+"); is {
				r.headers = append(r.headers, header)
			} else {
				r.body = part
			}
		}
		out = append(out, r)
	}
	return lines, out
}

// send sends a request of a corpus in a version of the API.
func (g *guarded) send(version string, r request) said { return g.sendAs(g.key, version, r) }

// sendAs is send with a key.
func (g *guarded) sendAs(key, version string, r request) said {
	headers := make([]string, len(r.headers))
	for i, h := range r.headers {
		headers[i] = g.names.Replace(h)
	}
	return g.ask(r.method, "/graph/"+version+g.names.Replace(r.path), key, g.names.Replace(r.body), headers...)
}

// TestTheHostileCorpus sends what an attacker would to a gateway: each request has the
// answer that stands beside it, none makes the gateway stumble, and by the tenant's own
// ledger nobody outside the flow's scope was touched.
func TestTheHostileCorpus(t *testing.T) {
	g := guard(t)
	n, passed := g.hostile("testdata/hostile.txt", g.key)
	if n < 400 {
		t.Fatalf("the corpus has %d requests", n)
	}
	touched := g.caused()
	g.spared(touched)
	t.Logf("%d requests in two versions, %d let through as harmless; the tenant was touched %d times", n, passed, len(touched))
}

// TestTheHostileCorpusOfPrivateEvents asks for what a private event says, as an app that
// is shown when it is: no answer has it.
func TestTheHostileCorpusOfPrivateEvents(t *testing.T) {
	g := guard(t)
	if a := g.ask(http.MethodGet, "/graph/v1.0/users/"+g.ready.Users[0].ID+"/events", g.key, ""); !strings.Contains(a.body, "Zebrafink") {
		t.Fatalf("there is nothing to be found: %s", a.body)
	}
	n, passed := g.hostile("testdata/hostile-private.txt", g.masked)
	if n < 60 || passed < 40 {
		t.Fatalf("the corpus has %d requests, and %d were let through", n, passed)
	}
}

// hostile sends a corpus with a key. It gives how many requests it has, and how many were
// let through.
func (g *guarded) hostile(file, key string) (n, passed int) {
	g.line.Helper()
	lines, requests := corpus(g.line.T, file)
	for _, r := range requests {
		for _, version := range []string{"v1.0", "beta"} {
			a := g.sendAs(key, version, r)
			is := fmt.Sprint(a.status, " ", a.code())
			switch {
			case a.status >= 500 || key == g.masked && strings.Contains(a.body, "Zebrafink"):
				g.line.Errorf("%s:%d, %s: %s %s", file, r.at+1, version, is, a.body)
			case updating() && version == "v1.0":
				before, _, _ := strings.Cut(lines[r.at], " => ")
				lines[r.at] = before + " => " + is
			case !updating() && is != r.want:
				g.line.Errorf("%s:%d, %s, %s: %s, want %s: %.300s", file, r.at+1, version, lines[r.at], is, r.want, a.body)
			case updating() && !strings.HasSuffix(lines[r.at], " => "+is):
				g.line.Errorf("%s:%d: beta answers %s: %s", file, r.at+1, is, lines[r.at])
			}
			if a.status < 400 {
				passed++
			}
		}
	}
	if updating() {
		if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			g.line.Fatal(err)
		}
	}
	return len(requests), passed
}

// spared wants that none of the truth's lines is about somebody outside.
func (g *guarded) spared(truth []string) {
	g.line.Helper()
	if len(truth) == 0 {
		g.line.Error("the flow's registration has done nothing at all")
	}
	for _, out := range g.ready.Users[2:] {
		for _, one := range truth {
			if low := strings.ToLower(one); strings.Contains(low, out.ID) || strings.Contains(low, strings.ToLower(out.UserPrincipalName)) {
				g.line.Errorf("%s was touched: %s", out.UserPrincipalName, one)
			}
		}
	}
}

// varies are the parts of an answer that may differ: links that go on, and what names
// the request.
var varies = regexp.MustCompile(`"@odata\.(?:next|delta)Link":"[^"]*"|"(?:date|request-id|client-request-id)":"[^"]*"`)

// continues finds a link that goes on.
var continues = regexp.MustCompile(`"@odata\.(?:next|delta)Link":"([^"]*)"`)

// TestLegitimateRequestsAreAnsweredAsByMicrosoft, byte for byte.
func TestLegitimateRequestsAreAnsweredAsByMicrosoft(t *testing.T) {
	g := guard(t)
	_, requests := corpus(t, "testdata/legitimate.txt")
	if len(requests) < 150 {
		t.Fatalf("the corpus has %d requests", len(requests))
	}
	statuses := map[int]int{}
	for _, r := range requests {
		for _, version := range []string{"v1.0", "beta"} {
			got, want := g.send(version, r), g.directly(version, r)
			statuses[got.status]++
			if got.code() != "-" || got.status != want.status || got.header.Get("Content-Type") != want.header.Get("Content-Type") ||
				varies.ReplaceAllString(got.body, "") != varies.ReplaceAllString(want.body, "") {
				t.Errorf("line %d, %s, %s %s\n got %d %.600s\nwant %d %.600s", r.at+1, version, r.method, r.path, got.status, got.body, want.status, want.body)
			}
			if links := continues.FindAllStringSubmatch(got.body, -1); len(links) != len(continues.FindAllString(want.body, -1)) || len(links) > 0 && !strings.Contains(links[0][1], "token=gw1.") {
				t.Errorf("line %d, %s: the links are not the gateway's, or not there: %.300s", r.at+1, version, got.body)
			}
		}
	}
	if statuses[http.StatusOK] < 300 {
		t.Errorf("the answers are %v", statuses)
	}
	t.Logf("%d requests in two versions: %v", len(requests), statuses)
}

// directly asks Microsoft.
func (g *guarded) directly(version string, r request) said {
	g.line.Helper()
	path := r.path
	if r.want != "" {
		path = r.want
	}
	q := httptest.NewRequestWithContext(g.line.Context(), r.method, "https://"+host+"/"+version+g.names.Replace(path), bytes.NewReader([]byte(g.names.Replace(r.body))))
	q.Header.Set("Authorization", "Bearer "+g.ready.Tokens.Everything)
	if r.body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for _, h := range r.headers {
		name, value, _ := strings.Cut(h, ": ")
		q.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	g.sim.Handler().ServeHTTP(w, q)
	return said{w.Code, w.Header(), w.Body.String()}
}

// updating says whether the answers of corpora are to be written.
func updating() bool { return flag.Lookup("update").Value.String() == "true" }
