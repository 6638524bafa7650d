package demo

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The app of this chapter speaks Microsoft Graph by an SDK.
const (
	deskApp  = "desk"
	deskFlow = "desk-graph"
	deskRule = "not-the-board"
)

// desk is what the configuration says of it: whose calendars it may read, and whose of
// them a rule forbids all the same.
type desk struct {
	mailboxes []string
	forbidden string
}

// rules are the forbid rules of the configuration, in Cedar.
func (d desk) rules() string {
	return fmt.Sprintf("// What the board does is none of the desk's business.\n@id(%q)\nforbid (principal == App::%q, action == Action::\"read\", resource is Mailbox)\nwhen { resource.name == %q };\n",
		deskRule, deskApp, strings.ToLower(d.forbidden))
}

// flow is its flow, as the configuration has it.
func (d desk) flow() string {
	return fmt.Sprintf("  %s:\n    app: %s\n    kind: graph\n    tenant: contoso\n    registration: calendar\n    mailboxes: [%s]\n    operations: [\"GET /users/{id}/calendarView\", \"GET /users/{id}/calendarView/delta\"]\n",
		deskFlow, deskApp, strings.Join(d.mailboxes, ", "))
}

// sdkCall is one call of the app's SDK, and what becomes of it.
type sdkCall struct {
	user, path, query string
	code, rule        string // of a refusal; the rule as the ledger has it
}

func (c sdkCall) says() string { return "GET /users/" + c.user + c.path }

// calls are those that the app makes: what its flow lists, what it does not, and what a
// rule forbids.
func (d desk) calls() []sdkCall {
	day := time.Now().UTC().Truncate(24 * time.Hour)
	view := url.Values{"startDateTime": {day.AddDate(0, 0, -30).Format(time.RFC3339)}, "endDateTime": {day.AddDate(0, 0, 30).Format(time.RFC3339)},
		"$orderby": {"start/dateTime"}, "$select": {"subject,start"}, "$top": {"3"}}.Encode()
	return []sdkCall{
		{user: d.mailboxes[0], path: "/calendarView", query: view, rule: "flow:" + deskFlow},
		{user: d.mailboxes[0], path: "/messages", query: url.Values{"$top": {"3"}}.Encode(), code: "proxy.operation", rule: "proxy.operation"},
		{user: d.forbidden, path: "/calendarView", query: view, code: "gate.forbidden", rule: "forbid:" + deskRule},
	}
}

// bySDK has an app call Graph by the proxy.
func (s *stage) bySDK(ctx context.Context) error {
	s.chapter("An app keeps its Graph SDK: only the address and the key are Graphwarden's")
	s.say("the flow of a third app, the %s, lists the calendar views of two people; a rule in Cedar forbids it one of them", deskApp)
	s.say("its calls are written as Microsoft's SDK for Go writes them")
	key, err := s.gateway.newKey(ctx, deskApp, "read")
	if err != nil {
		return err
	}
	for _, c := range s.plan.desk.calls() {
		status, said, err := s.gateway.asSDK(ctx, key, c)
		switch {
		case err != nil:
			return err
		case status == http.StatusOK && c.code == "" && len(said.Value) > 0:
			s.did("%s: %d, %d events", c.says(), status, len(said.Value))
		case status == http.StatusForbidden && said.Error.InnerError.Code == c.code:
			s.trouble("%s: %d, %s", c.says(), status, c.code)
			s.say("  %s", said.Error.Message)
		default:
			return fmt.Errorf("%s was answered %d with %d things, %q: %s", c.says(), status, len(said.Value), said.Error.InnerError.Code, said.Error.Message)
		}
	}
	return nil
}

// graphSays is of Graph's answers what the story tells.
type graphSays struct {
	Value []json.RawMessage
	Error struct {
		Message    string
		InnerError struct{ Code string }
	}
}

// asSDK sends a call as Microsoft's SDK for Go sends it (msgraph-sdk-go 1.89.0).
func (g *gateway) asSDK(ctx context.Context, key string, c sdkCall) (status int, said graphSays, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.apps+"/graph/v1.0/users/"+url.QueryEscape(c.user)+c.path+"?"+c.query, nil)
	if err != nil {
		return 0, said, err
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails (crypto/rand)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	for name, value := range map[string]string{
		"Accept": "application/json", "Authorization": "Bearer " + key, "User-Agent": "kiota-go/1.5.4",
		"Client-Request-Id": fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		"SdkVersion":        "graph-go/1.89.0, graph-go-core/1.4.0 (hostOS=linux; hostArch=amd64; runtimeEnvironment=go1.26.8;)",
	} {
		r.Header.Set(name, value)
	}
	answer, err := g.client.Do(r)
	if err != nil {
		return 0, said, err
	}
	defer answer.Body.Close()
	return answer.StatusCode, said, json.NewDecoder(answer.Body).Decode(&said)
}

// onRecord shows the ledger's entry of each call and proves it. The gateway stands
// still: it signed what came last when it ended.
func (s *stage) onRecord(ctx context.Context) error {
	s.chapter("On record: each of the desk's calls, found in the ledger and proven without it")
	s.say("graphwarden ledger search --app %s", deskApp)
	var found []entry
	out, err := s.gateway.ledger(ctx, "search", "--app", deskApp, "--json", "--database", s.gateway.database)
	if err == nil {
		err = json.Unmarshal(out, &found)
	}
	if err != nil {
		return err
	}
	for _, e := range found {
		s.say("  entry %d  %-8s  %s%s", e.Seq, e.Outcome, strings.TrimSpace(e.Method+" "+e.Path), strings.TrimSuffix(", by "+e.Rule, ", by "))
	}
	found = slices.DeleteFunc(found, func(e entry) bool { return e.Kind != "decision" }) // an operator made the key
	calls := s.plan.desk.calls()
	if len(found) != len(calls) {
		return fmt.Errorf("the ledger has %d calls of the desk, and it made %d", len(found), len(calls))
	}
	for i, e := range found {
		if e.Allowed != (calls[i].code == "") || e.Rule != calls[i].rule {
			return fmt.Errorf("entry %d has %s %s as allowed: %v, by %s", e.Seq, e.Method, e.Path, e.Allowed, e.Rule)
		}
	}
	if err := s.arrivedOnly(found[0]); err != nil {
		return err
	}
	s.did("Microsoft 365's own record: of these calls only the first arrived, as %s", found[0].Call)
	return s.proven(ctx, found)
}

// entry is an entry of the ledger as the command shows it.
type entry struct {
	Seq          int64
	Kind, Call   string
	Method, Path string
	Allowed      bool
	Rule         string
	Outcome      string
}

// arrivedOnly holds what the tenant saw of the app's kind of calls against the one that
// was let through.
func (s *stage) arrivedOnly(let entry) error {
	f, err := os.Open(filepath.Join(s.folder, "truth.ndjson"))
	if err != nil {
		return err
	}
	defer f.Close()
	client, _, _ := s.simulator.app("calendar")
	reader, came := bufio.NewScanner(f), false
	reader.Buffer(nil, 1<<20)
	for reader.Scan() {
		var row struct {
			Call    string `json:"client_request_id"`
			App     string `json:"app"`
			Path    string `json:"path"`
			Mailbox string `json:"mailbox"`
		}
		if err := json.Unmarshal(reader.Bytes(), &row); err != nil {
			return fmt.Errorf("reading what the tenant saw: %w", err)
		}
		if row.App != client || !strings.HasSuffix(row.Path, "/calendarView") && !strings.HasSuffix(row.Path, "/messages") {
			continue
		}
		if row.Call != let.Call {
			return fmt.Errorf("the tenant saw call %q of %s, which was not let through", row.Call, row.Path)
		}
		came = true
	}
	if !came {
		return errors.Join(reader.Err(), fmt.Errorf("the tenant never saw call %q, which was let through", let.Call))
	}
	return reader.Err()
}

// proven proves entries, verifies each proof by itself, and has one refused that was
// changed.
func (s *stage) proven(ctx context.Context, found []entry) error {
	key := filepath.Join(s.folder, "graphwarden.checkpoint.vkey")
	for i, e := range found {
		number := strconv.FormatInt(e.Seq, 10)
		name := filepath.Join(s.folder, number+".tlog-proof")
		proof, err := s.gateway.ledger(ctx, "prove", number, "--database", s.gateway.database)
		if err == nil {
			err = os.WriteFile(name, proof, 0o600)
		}
		if err != nil {
			return err
		}
		if i == 0 {
			s.say("graphwarden ledger prove %s > %s.tlog-proof", number, number)
			s.say("graphwarden ledger verify --proof %s.tlog-proof --key graphwarden.checkpoint.vkey", number)
		}
		said, err := s.gateway.ledger(ctx, "verify", "--proof", name, "--key", key)
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(string(said), "\n")
		s.did("%s", first)
		forged, err := forge(proof)
		if err == nil {
			err = os.WriteFile(name, forged, 0o600)
		}
		if err != nil {
			return err
		}
		var ended *exec.ExitError
		if _, err := s.gateway.ledger(ctx, "verify", "--proof", name, "--key", key); !errors.As(err, &ended) || !strings.Contains(err.Error(), "ledger.not_proven") {
			return errors.Join(fmt.Errorf("a proof of entry %d with another app in it is not refused", e.Seq), err)
		}
	}
	s.did("with one letter of the app's name changed, none of the proofs holds")
	return nil
}

// forge changes a letter of the app's name in a proof's entry.
func forge(proof []byte) ([]byte, error) {
	lines := bytes.SplitN(proof, []byte("\n"), 3)
	text, is := bytes.CutPrefix(lines[min(1, len(lines)-1)], []byte("extra "))
	encoded, err := base64.StdEncoding.DecodeString(string(text))
	name := []byte(fmt.Sprintf("%d:%s,", len(deskApp), deskApp))
	if !is || err != nil || !bytes.Contains(encoded, name) {
		return nil, fmt.Errorf("the proof has no entry of the desk's: %s", proof)
	}
	other := bytes.Replace(encoded, name, []byte("4:dusk,"), 1)
	lines[1] = []byte("extra " + base64.StdEncoding.EncodeToString(other))
	return bytes.Join(lines, []byte("\n")), nil
}

// ledger runs a command of the ledger, and gives what it says.
func (g *gateway) ledger(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, g.executable, append([]string{"ledger"}, args...)...)
	var wrong bytes.Buffer
	c.Stderr = &wrong
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w: %s", args[0], err, wrong.Bytes())
	}
	return out, nil
}
