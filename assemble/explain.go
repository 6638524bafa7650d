package assemble

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/proxy"
	"github.com/graphwarden/graphwarden/strict"
)

// Question is a request of an app's that nobody makes.
type Question struct {
	App    string
	Method string // in capitals
	Path   string // of Graph, with its query: "/users/anna@contoso.com/messages", also with the version before it
	Body   []byte // JSON; nil: none
	// At and From are when and from which address it is asked, as far as that is known:
	// rules may ask. Without At it is asked now.
	At   time.Time
	From netip.Addr
}

// Verdict is what a configuration says to a request.
type Verdict string

// The verdicts. Depends is for what only Microsoft knows.
const (
	Allowed Verdict = "allowed"
	Refused Verdict = "refused"
	Depends Verdict = "depends"
)

// Explanation is what would become of a request, and why.
type Explanation struct {
	Verdict   Verdict `json:"verdict"`
	App       string  `json:"app"`
	Operation string  `json:"operation,omitempty"` // as a flow lists it; "" when the request is not understood
	Flow      string  `json:"flow,omitempty"`      // that permits it, or that came nearest
	Rule      string  `json:"rule"`                // as the ledger names it
	Because   []Cause `json:"because"`             // what of the configuration says so
	Code      string  `json:"code,omitempty"`      // of the refusal, as docs/errors.md explains it
	Field     string  `json:"field,omitempty"`     // what of the request it is about
	Say       string  `json:"say,omitempty"`
	Do        string  `json:"do,omitempty"`
	Declare   *Cause  `json:"declare,omitempty"` // what would permit it, and where it belongs
	// Unknown is what the configuration alone does not tell.
	Unknown []string `json:"unknown"`
}

// Cause is a place of the configuration.
type Cause struct {
	At   string `json:"at"`   // the setting
	File string `json:"file"` // that it stands in, with Line from 1
	Line int    `json:"line"`
	Text string `json:"text"` // what stands there, or belongs there
}

// judging is a configuration that judges without a database or a network: by the
// proxy's and the gate's own code, with stand-ins for the object ids of mailboxes.
type judging struct {
	config  *Config
	flows   []flow.Flow
	routes  map[string]gate.Route
	gate    *gate.Gate
	proxy   *proxy.Proxy
	inForce *policy.InForce
	at      time.Time  // when it is asked; zero: now
	from    netip.Addr // from where; not valid: not known
}

// judging makes the judge of a configuration; it reads no secret.
func (c *Config) judging() (*judging, error) {
	sketched := *c
	sketched.sketch = true
	d, err := sketched.declare(time.Now(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	j := &judging{config: c, flows: d.flows, routes: d.routes}
	for i := range j.flows {
		for n, m := range j.flows[i].Mailboxes {
			j.flows[i].Mailboxes[n].ID = standIn(m.UPN)
		}
	}
	return j, j.introduce()
}

func (j *judging) introduce() error {
	p, err := policy.New(j.flows)
	if err != nil {
		return err
	}
	j.inForce = policy.Under(j.config.rules)
	j.inForce.Replace(p)
	now := time.Now
	if !j.at.IsZero() {
		now = func() time.Time { return j.at }
	}
	j.gate = gate.New(gate.Config{Decider: j.inForce, Routes: j.routes, Now: now})
	byName := slices.SortedFunc(slices.Values(j.flows), func(x, y flow.Flow) int { return strings.Compare(x.Name, y.Name) })
	j.proxy = proxy.New(proxy.Config{Flows: func(string) []flow.Flow { return byName }, Tenants: j.config.tenants(), Now: now, Log: slog.New(slog.DiscardHandler)})
	return nil
}

// supposing is the same judge with more names among the mailboxes of flows.
func (j *judging) supposing(more map[string][]string) (*judging, error) {
	s := &judging{config: j.config, flows: slices.Clone(j.flows), routes: j.routes, at: j.at, from: j.from}
	for i, f := range s.flows {
		for _, name := range more[f.Name] {
			s.flows[i].Mailboxes = append(slices.Clone(s.flows[i].Mailboxes), graphwarden.Mailbox{ID: standIn(name), UPN: name})
		}
	}
	return s, s.introduce()
}

var objectID = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// standIn is an id for the mailbox of a name: of an object id that itself, of another
// name one that no mailbox has.
func standIn(name string) string {
	if objectID.MatchString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// Explain says what would become of a request, from the configuration alone. It goes
// the way that a request goes: the proxy's canonical form, the flows' operations and
// mailboxes, the gate's policy.
func (c *Config) Explain(ctx context.Context, q Question) (Explanation, error) {
	j, err := c.judging()
	if err != nil {
		return Explanation{}, err
	}
	return j.answer(ctx, q)
}

// answer says what would become of a request.
func (j *judging) answer(ctx context.Context, q Question) (Explanation, error) {
	version, path, query := locate(q.Path)
	asked := proxy.Question{App: q.App, Version: version, Method: q.Method, Path: path, Query: query, Body: q.Body}
	if apps := j.config.Apps(); !slices.Contains(apps, q.App) {
		return Explanation{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "appkey.app",
			Say: fmt.Sprintf("No flow of the configuration is of an app %q.", q.App), Do: meant.Rather(q.App, apps, "Name one of: "+strings.Join(apps, ", ")+".")}
	}
	if !j.at.Equal(q.At) || j.from != q.From {
		other := *j
		other.at, other.from = q.At, q.From
		if err := other.introduce(); err != nil {
			return Explanation{}, err
		}
		j = &other
	}
	if j.from.IsValid() {
		ctx = gate.From(ctx, netip.AddrPortFrom(j.from, 1).String())
	}
	return j.explain(ctx, asked)
}

func (j *judging) explain(ctx context.Context, asked proxy.Question) (Explanation, error) {
	found, decision, err := j.judge(ctx, asked)
	if err != nil {
		return Explanation{}, err
	}
	out := Explanation{Verdict: Allowed, App: asked.App, Flow: found.Call.Flow, Rule: decision.Rule, Because: []Cause{}, Unknown: []string{}}
	if op := found.Call.Operation; op.Method() != "" {
		out.Operation = op.Name()
	}
	if decision.Allowed {
		out.Because = j.because(found)
		out.Unknown = j.unsure(found)
		return out, nil
	}
	if err := j.refused(ctx, &out, asked, found, decision); err != nil {
		return Explanation{}, err
	}
	return out, nil
}

// judge asks the proxy and then the gate.
func (j *judging) judge(ctx context.Context, asked proxy.Question) (proxy.Explained, graphwarden.Decision, error) {
	found, err := j.proxy.Explain(asked)
	switch {
	case err != nil:
		return found, graphwarden.Decision{}, err
	case found.Refusal != nil:
		return found, graphwarden.Decision{Rule: found.Refusal.Code, Reason: found.Refusal.Say}, nil
	}
	return found, j.gate.Judge(ctx, found.Call), nil
}

// locate finds version and path in what people write for a request's address.
func locate(text string) (version flow.Version, path, query string) {
	if u, err := url.Parse(text); err == nil && u.Scheme != "" && u.Host != "" {
		_, text, _ = strings.Cut(text, "://"+u.Host)
	}
	path, query, _ = strings.Cut(text, "?")
	path = strings.TrimPrefix("/"+strings.TrimPrefix(path, "/"), strings.TrimSuffix(proxy.Prefix, "/"))
	for _, v := range []flow.Version{flow.V1, flow.Beta} {
		if rest, found := strings.CutPrefix(path, "/"+string(v)+"/"); found {
			return v, "/" + rest, query
		}
	}
	return flow.V1, path, query
}

// because are the lines that permit a request.
func (j *judging) because(found proxy.Explained) []Cause {
	f := j.config.Flows[found.Call.Flow]
	at := "flows." + found.Call.Flow
	out := []Cause{}
	for _, op := range append([]flow.Operation{found.Call.Operation}, found.Also...) {
		for i, listed := range f.Operations {
			if known, err := flow.ParseAsked(listed); err == nil && known.Shape() == op.Shape() {
				out = j.config.cause(out, strict.Entry(at+".operations", i), listed)
			}
		}
	}
	touched := j.touched(found)
	for i, m := range f.Mailboxes {
		if slices.Contains(touched, m) {
			out = j.config.cause(out, strict.Entry(at+".mailboxes", i), m)
		}
	}
	return out
}

// touched are the mailboxes that a request leads to, by the names that the flow has for
// them.
func (j *judging) touched(found proxy.Explained) (names []string) {
	ids := []string{found.Call.Mailbox}
	for _, m := range found.Call.Others {
		ids = append(ids, m.ID)
	}
	for _, f := range j.flows {
		for _, m := range f.Mailboxes {
			if f.Name == found.Call.Flow && slices.Contains(ids, m.ID) {
				names = append(names, m.UPN)
			}
		}
	}
	return names
}

// cause adds a place of the configuration, once.
func (c *Config) cause(to []Cause, at, text string) []Cause {
	one := Cause{At: at, File: c.file, Line: c.read.Place(at).Line, Text: text}
	if slices.Contains(to, one) {
		return to
	}
	return append(to, one)
}

// unsure is what a configuration that permits a request does not tell.
func (j *judging) unsure(found proxy.Explained) (out []string) {
	out = []string{}
	for _, name := range j.touched(found) {
		out = append(out, fmt.Sprintf("whether the tenant has a mailbox %s: until Graphwarden has found it, nothing is let through to it", name))
	}
	if found.Writes {
		out = append(out, "whether the app's key may write: one that may only read is refused (api.key_scope)")
	}
	return append(append(out, j.nowhere()...), "whether the app's key is for this flow, and whether Microsoft grants the permissions (graphwarden grants)")
}

// nowhere says which circumstances rules may ask for and nobody has said.
func (j *judging) nowhere() []string {
	switch now, anywhere := j.at.IsZero(), !j.from.IsValid(); {
	case len(j.config.Policies) == 0:
		return nil
	case now && anywhere:
		return []string{"from where and when the app asks: rules were judged for now, and for no network"}
	case now:
		return []string{"when the app asks: rules were judged for now"}
	case anywhere:
		return []string{"from where the app asks: rules were judged for no network"}
	}
	return nil
}

// refused says why a request is refused and what would permit it, or what that depends
// on.
func (j *judging) refused(ctx context.Context, out *Explanation, asked proxy.Question, found proxy.Explained, decision graphwarden.Decision) error {
	out.Verdict, out.Code, out.Say = Refused, gate.CodeDenied, decision.Reason
	if found.Refusal != nil {
		out.Code, out.Say, out.Do, out.Field = found.Refusal.Code, found.Refusal.Say, found.Refusal.Do, found.Refusal.Field
	}
	if policy.Forbidden(decision) {
		out.Code, out.Do = gate.CodeForbidden, "Whoever operates Graphwarden wrote this rule, and can change it."
		out.Because, out.Unknown = j.because(found), append(out.Unknown, j.nowhere()...)
		return nil
	}
	if out.Flow != "" {
		out.Because = j.config.cause(out.Because, "flows."+out.Flow, "the flow that came nearest")
	}
	switch out.Code {
	case "proxy.operation":
		out.Declare = j.lacking(found)
	case "proxy.mailbox":
		at := "flows." + out.Flow + ".mailboxes"
		out.Declare = &Cause{At: at, File: j.config.file, Line: j.config.read.Place(at).Line, Text: strings.Join(j.undeclared(out.Flow, found.Keys), ", ")}
	case "proxy.no_flow":
		out.Declare = &Cause{At: "flows", File: j.config.file, Line: j.config.read.Place("flows").Line,
			Text: fmt.Sprintf("NAME: {app: %s, kind: graph, tenant: TENANT, registration: REGISTRATION, mailboxes: [%s], operations: [%s]}", asked.App, strings.Join(found.Keys, ", "), found.Call.Operation.Name())}
	}
	return j.suppose(ctx, out, asked, found)
}

// lacking is the operation that the nearest flow does not list.
func (j *judging) lacking(found proxy.Explained) *Cause {
	f := j.config.Flows[found.Call.Flow]
	var listed []string
	for _, text := range f.Operations {
		if op, err := flow.ParseAsked(text); err == nil {
			listed = append(listed, op.Shape())
		}
	}
	for _, op := range append([]flow.Operation{found.Call.Operation}, found.Also...) {
		if !slices.Contains(listed, op.Shape()) {
			at := "flows." + found.Call.Flow + ".operations"
			return &Cause{At: at, File: j.config.file, Line: j.config.read.Place(at).Line, Text: op.Name()}
		}
	}
	return nil
}

// undeclared are those of the names that a flow does not have among its mailboxes.
func (j *judging) undeclared(name string, keys []string) (out []string) {
	for _, key := range keys {
		if !slices.ContainsFunc(j.config.Flows[name].Mailboxes, func(m string) bool { return strings.EqualFold(m, key) }) {
			out = append(out, key)
		}
	}
	return out
}

// suppose says what a refusal depends on: an object id may be that of a mailbox which
// is declared by its name, and anybody may be in a group. If the request would pass
// with those names in scope, the configuration alone does not decide.
func (j *judging) suppose(ctx context.Context, out *Explanation, asked proxy.Question, found proxy.Explained) error {
	if out.Code != "proxy.mailbox" {
		return nil
	}
	more, doubts := map[string][]string{}, map[string][]string{}
	for name, f := range j.config.Flows {
		byName := slices.ContainsFunc(f.Mailboxes, func(m string) bool { return !objectID.MatchString(m) })
		for _, key := range j.undeclared(name, found.Keys) {
			switch {
			case objectID.MatchString(key) && byName:
				doubts[name] = append(doubts[name], fmt.Sprintf("whether %s is the object id of one of the mailboxes that the flow %s names", key, name))
			case len(f.Groups) > 0:
				doubts[name] = append(doubts[name], fmt.Sprintf("whether %s is a member of a group that the flow %s names", key, name))
			default:
				continue
			}
			more[name] = append(more[name], key)
		}
	}
	if len(more) == 0 {
		return nil
	}
	other, err := j.supposing(more)
	if err != nil {
		return err
	}
	supposed, decision, err := other.judge(ctx, asked)
	if err != nil || !decision.Allowed {
		return err
	}
	out.Verdict, out.Flow, out.Rule, out.Declare = Depends, supposed.Call.Flow, decision.Rule, nil
	out.Because, out.Unknown = other.because(supposed), append(doubts[out.Flow], other.unsure(supposed)...)
	return nil
}
