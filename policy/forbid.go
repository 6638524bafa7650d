package policy

import (
	"maps"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Circumstances are what rules may ask about a call besides what a flow permits it by.
type Circumstances struct {
	Tenant  string // its name in the configuration
	At      time.Time
	Network netip.Addr // from where the app asked; zero: nobody asks, or it is not known
	Person  string     // the object id of the person for whom the connection acts; ""
	Looks   bool       // the call changes nothing, whatever its method
}

// beginning of the names by which decisions of rules stand in the ledger.
const (
	forbids  = "forbid:"
	unjudged = "unjudged:" // a rule that could not be evaluated
)

// Forbidden says whether a decision is a rule's.
func Forbidden(d graphwarden.Decision) bool {
	return !d.Allowed && (strings.HasPrefix(d.Rule, forbids) || strings.HasPrefix(d.Rule, unjudged))
}

// Judge is Decide, and then no rule may forbid it. A rule that cannot be evaluated
// refuses. What Graphwarden does for itself, such as obtaining tokens, rules do not
// judge.
func (p *Policy) Judge(app, name string, op flow.Operation, mailbox string, c Circumstances) graphwarden.Decision {
	d := p.Decide(app, name, op, mailbox)
	if !d.Allowed || app == graphwarden.House || p.rules == nil || len(p.rules.list) == 0 {
		return d
	}
	for _, action := range actions(op, c.Looks) {
		if no := p.forbidden(app, name, op, mailbox, action, c); no.Rule != "" {
			return no
		}
	}
	return d
}

// silent are the ends of paths of actions that Microsoft documents to answer without
// content (202 or 204), so that nothing is read by them.
var silent = regexp.MustCompile(`(?i)[/.](sendMail|send|accept|decline|tentativelyAccept|cancel|forward|reply|replyAll|dismissReminder|snoozeReminder|permanentDelete)$`)

// actions are what a call does in the words of rules. What changes something and is
// answered with it reads, too.
func actions(op flow.Operation, looks bool) []string {
	switch {
	case looks, !op.Writes(), op.NamesOthers():
		return []string{"read"}
	case op.Method() == http.MethodDelete, silent.MatchString(op.Template()):
		return []string{"write"}
	}
	return []string{"write", "read"}
}

// forbidden is the decision of the first rule that forbids a call as one action; a
// decision without a rule says that none does.
func (p *Policy) forbidden(app, name string, op flow.Operation, mailbox, action string, c Circumstances) graphwarden.Decision {
	request, entities := p.asCedar(app, name, op, mailbox, action, c)
	_, told := cedar.Authorize(p.rules, entities, request)
	for _, one := range p.rules.list {
		if slices.ContainsFunc(told.Reasons, func(r cedar.DiagnosticReason) bool { return string(r.PolicyID) == one.name }) {
			return refused(forbids+one.name, "The rule %q (%s) forbids it.", one.name, one.place)
		}
	}
	for _, one := range p.rules.list {
		for _, e := range told.Errors {
			if string(e.PolicyID) == one.name {
				return refused(unjudged+one.name, "The rule %q (%s) cannot be judged, so that it refuses: %s.", one.name, one.place, e.Message)
			}
		}
	}
	return graphwarden.Decision{}
}

// Operations are the operations of flows as rules spell them, sorted.
func Operations(flows []flow.Flow) []string {
	spelled := spelledIn(flows)
	list := map[string]bool{}
	for _, f := range flows {
		for _, op := range f.Kind.Operations() {
			list[spell(op, spelled)] = true
		}
	}
	return slices.Sorted(maps.Keys(list))
}

// spelledIn is how rules spell the operations that apps ask for themselves, by shape: as
// the first flow by name lists each. Graph reads paths in any case, and rules do not.
func spelledIn(flows []flow.Flow) map[string]string {
	out := map[string]string{}
	for _, f := range slices.SortedFunc(slices.Values(flows), func(a, b flow.Flow) int { return strings.Compare(a.Name, b.Name) }) {
		for _, op := range f.Kind.Operations() {
			if shape := op.Shape(); op.IsAsked() && out[shape] == "" {
				out[shape] = spell(op, nil)
			}
		}
	}
	return out
}

// spell is the path of an operation as rules have it: below the version, with {id} for
// each key.
func spell(op flow.Operation, spelled map[string]string) string {
	if known := spelled[op.Shape()]; known != "" && op.IsAsked() {
		return known
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(op.Template(), "/"), "/")
	return "/" + keys.ReplaceAllString(path, "{id}")
}

// keys are the keys in an operation's path, whatever they are called.
var keys = regexp.MustCompile(`\{[a-z]+\}`)

// asCedar says in Cedar's words what is asked.
func (p *Policy) asCedar(app, name string, op flow.Operation, mailbox, action string, c Circumstances) (cedar.Request, types.EntityMap) {
	tenant := types.NewEntityUID("Tenant", types.String(c.Tenant))
	resource, entities := tenant, types.EntityMap{tenant: {UID: tenant}}
	if mailbox != "" {
		resource = types.NewEntityUID("Mailbox", types.String(mailbox))
		entities[resource] = types.Entity{UID: resource, Parents: types.NewEntityUIDSet(tenant),
			Attributes: types.NewRecord(types.RecordMap{"name": types.String(p.names[mailbox])})}
	}
	at := c.At.UTC()
	version, _, _ := strings.Cut(strings.TrimPrefix(op.Template(), "/"), "/")
	context := types.RecordMap{
		"flow": types.String(name), "method": types.String(op.Method()), "operation": types.String(spell(op, p.spelled)), "version": types.String(version),
		"at": types.NewDatetime(at), "weekday": types.Long((int64(at.Weekday())+6)%7 + 1),
	}
	if c.Network.IsValid() {
		context["network"] = types.IPAddr(netip.PrefixFrom(c.Network.Unmap(), c.Network.Unmap().BitLen()))
	}
	if c.Person != "" {
		context["person"] = types.String(c.Person)
	}
	return cedar.Request{Principal: types.NewEntityUID("App", types.String(app)), Action: types.NewEntityUID("Action", types.String(action)), Resource: resource, Context: types.NewRecord(context)}, entities
}
