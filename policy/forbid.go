package policy

import (
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
	request, entities := p.flows[name].asCedar(app, name, op, mailbox, c)
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
	return d
}

// keys are the keys in an operation's path, whatever they are called.
var keys = regexp.MustCompile(`\{[a-z]+\}`)

// asCedar says in Cedar's words what is asked.
func (p permit) asCedar(app, name string, op flow.Operation, mailbox string, c Circumstances) (cedar.Request, types.EntityMap) {
	tenant := types.NewEntityUID("Tenant", types.String(c.Tenant))
	resource, entities := tenant, types.EntityMap{tenant: {UID: tenant}}
	if mailbox != "" {
		resource = types.NewEntityUID("Mailbox", types.String(mailbox))
		entities[resource] = types.Entity{UID: resource, Parents: types.NewEntityUIDSet(tenant),
			Attributes: types.NewRecord(types.RecordMap{"name": types.String(strings.ToLower(p.names[mailbox]))})}
	}
	action, at := "read", c.At.UTC()
	if op.Writes() {
		action = "write"
	}
	version, path, _ := strings.Cut(strings.TrimPrefix(op.Template(), "/"), "/")
	context := types.RecordMap{
		"flow": types.String(name), "method": types.String(op.Method()), "operation": types.String("/" + keys.ReplaceAllString(path, "{id}")), "version": types.String(version),
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
