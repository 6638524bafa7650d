package canon

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/item"
	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// What of Microsoft's schema tells of events.
const (
	Event    = edm.Namespace + "event"
	Schedule = edm.Namespace + "scheduleInformation" // of a person: what getSchedule tells
	reminder = edm.Namespace + "reminder"            // has an event's subject, and not its sensitivity
)

// Private is what becomes of a request for who is shown of private events their times
// only.
type Private struct {
	// Refusal says why masking the answer would not do; nil: it does.
	Refusal error
	// Tells says that events, or somebody's times, may stand in the answer: it has to be
	// masked.
	Tells bool
	// Query is the query to send in place of Request.Query: it has the sensitivity of each
	// event told.
	Query string
}

// Private says what becomes of the request for who is shown of private events their
// times only.
func (r *Request) Private() Private { return r.private }

// privately finds out what Private says.
func (p *parser) privately() error {
	last := p.target.Last()
	q := &p.request.private
	q.Tells = q.Tells || p.isEvent(last.Ref.Type) || last.Ref.Type == Schedule
	if q.Refusal == nil {
		q.Refusal = p.unmaskable()
	}
	// Each $select is given the sensitivity for as long as the query is written.
	for _, at := range p.chosen {
		at.Select = append(at.Select, expr.Property{"sensitivity"})
	}
	q.Query = p.request.query.String()
	for _, at := range p.chosen {
		at.Select = at.Select[:len(at.Select)-1]
	}
	return nil
}

// isEvent says whether something of a type may be an event.
func (p *parser) isEvent(typ string) bool {
	return p.model.IsDerivedFrom(typ, Event) || typ != "" && p.model.IsDerivedFrom(Event, typ)
}

// unmaskable says why the answer to the path, or that it is answered at all, would tell
// more of a private event than its time.
func (p *parser) unmaskable() error {
	steps, last := p.target.Steps, p.target.Last()
	behind := slices.IndexFunc(steps[:len(steps)-1], func(s edm.Step) bool { return !s.Ref.Collection && p.isEvent(s.Ref.Type) })
	writes := p.request.Method != http.MethodGet
	switch {
	case last.Ref.Type == reminder:
		return hides("", "Reminders say what an event is about, and not whether it is private.", "Ask for the events themselves.")
	case behind >= 0 && !p.model.IsDerivedFrom(last.Ref.Type, Event) && !p.adds():
		return hides("", "What stands behind an event does not say whether the event is private.", "Ask for the event itself, or have the flow shown private events (private: full).")
	case p.model.IsDerivedFrom(last.Ref.Type, edm.Namespace+"calendarPermission") && writes:
		return p.shares()
	case p.model.IsDerivedFrom(last.Ref.Type, Event) && !last.Ref.Collection && writes && p.request.Method != http.MethodDelete:
		return p.rewrites()
	}
	return nil
}

// adds says that something is put to an event, which is answered with just that.
func (p *parser) adds() bool {
	last := p.target.Last()
	return p.request.Method == http.MethodPost && last.Role == edm.RoleNav && (last.Name == "attachments" || last.Name == "extensions")
}

// shares refuses to let somebody see private events.
func (p *parser) shares() error {
	for name, value := range p.request.body {
		if role, _ := value.(string); strings.EqualFold(name, "role") && strings.EqualFold(role, "delegateWithPrivateEventAccess") {
			return hides(name, "The flow is not shown private events, and may not have anybody shown them.", "Share the calendar with another role, or have the flow shown private events (private: full).")
		}
	}
	return nil
}

// rewrites refuses a change of an event that, were it private, would tell of it: by
// what is refused, by whom it is sent to, or by making it one that is not private.
func (p *parser) rewrites() error {
	const do = "Leave it as it is, or have the flow shown private events (private: full)."
	if p.request.Method != http.MethodPatch {
		return hides("", "The event may be private, and what it says cannot be replaced unseen.", "Change what you mean by PATCH, or have the flow shown private events (private: full).")
	}
	for _, name := range slices.Sorted(maps.Keys(p.request.body)) {
		value, _ := p.request.body[name].(string)
		if name == "@odata.type" || slices.Contains(item.Unasked(), name) || name == "sensitivity" && (value == "private" || value == "confidential") {
			continue
		}
		return hides(name, fmt.Sprintf("The event may be private, and the flow, which is shown the time of such events only, may not change %s.", name), do)
	}
	return nil
}

// tells notes that events of a place are answered, with which query.
func (p *parser) tells(at place, q *odata.Query) {
	if !p.isEvent(at.typ) {
		return
	}
	p.request.private.Tells = true
	plain := func(one expr.Property) bool {
		return len(one) == 1 && (one[0] == "*" || one[0] == "sensitivity")
	}
	if p.model.IsDerivedFrom(at.typ, Event) && len(q.Select) > 0 && !slices.ContainsFunc(q.Select, plain) {
		p.chosen = append(p.chosen, q)
	}
}

// asks notes that an option asks for what a private event hides: which events come, and
// in what order, would tell.
func (p *parser) asks(typ *edm.Type, name, option string) {
	if option == "$select" || !p.isEvent(typ.Name) || slices.Contains(item.Shown(), name) || p.request.private.Refusal != nil {
		return
	}
	p.request.private.Refusal = hides(option, fmt.Sprintf("%s would tell by %s of what the flow is not shown: it is shown the time of private events only.", option, name),
		"Choose by "+strings.Join(item.Shown(), ", ")+"; or have the flow shown private events (private: full).")
}

func hides(field, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.private", Field: field, Say: say, Do: do}
}
