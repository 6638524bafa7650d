package assemble

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// Recorded is what a database knows of what was decided, and of mailboxes. A
// *store.Store is one.
type Recorded interface {
	EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error
	Mailbox(ctx context.Context, tenant, upn string) (graphwarden.Mailbox, bool, error)
	Members(ctx context.Context, tenant, group string) ([]graphwarden.Mailbox, bool, error)
	People(ctx context.Context, tenant, registration string) ([]graphwarden.Person, error)
}

// Impact is what a configuration would have decided otherwise than was decided.
type Impact struct {
	Since     time.Time   `json:"since"`
	Decisions int         `json:"decisions"` // on calls of apps, that were judged again
	Refused   int         `json:"refused"`   // of them were let through and would be refused
	Allowed   int         `json:"allowed"`   // of them were refused and would be let through
	Depends   int         `json:"depends"`   // of them were refused, and it depends on whose mailbox it was
	Left      int         `json:"left"`      // decisions that no configuration changes, such as on what was not understood
	Rows      []ImpactRow `json:"rows"`      // the most calls first
	Unknown   []string    `json:"unknown"`   // what the record does not tell
}

// ImpactRow is one kind of call that would be decided otherwise.
type ImpactRow struct {
	Now       Verdict   `json:"now"`
	App       string    `json:"app"`
	Flow      string    `json:"flow,omitempty"`
	Tenant    string    `json:"tenant,omitempty"`
	Operation string    `json:"operation"` // method and template, as the ledger has them
	Mailbox   string    `json:"mailbox,omitempty"`
	Rule      string    `json:"rule"`          // by which it would be decided
	Say       string    `json:"say,omitempty"` // why it would be refused, or on what it depends
	Calls     int       `json:"calls"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
}

// unchanging are the beginnings of rules that are the same under each configuration: who
// is refused by them was not understood, or not known.
func unchanging(rule string) bool {
	changing := []string{"proxy.operation", "proxy.mailbox", "proxy.no_flow"}
	return strings.HasPrefix(rule, "proxy.") && !slices.Contains(changing, rule)
}

// Impact judges again, by this configuration, what was decided since a time. Whose
// mailboxes a flow has is taken from what is recorded now. Nothing is changed.
func (c *Config) Impact(ctx context.Context, from Recorded, since time.Time) (Impact, error) {
	out := Impact{Since: since, Rows: []ImpactRow{}, Unknown: []string{}}
	j, err := c.judging()
	if err != nil {
		return out, err
	}
	r := &rejudge{judging: j, from: from, names: map[string]string{}, rows: map[ImpactRow]*ImpactRow{}}
	if err := r.pin(ctx); err != nil {
		return out, err
	}
	err = from.EntriesAfter(ctx, 0, math.MaxInt, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Kind == graphwarden.Decided && e.App != graphwarden.House && !e.At.Before(since) {
			r.again(e, &out)
		}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("reading what was decided: %w", err)
	}
	for _, row := range r.rows {
		out.Rows = append(out.Rows, *row)
	}
	slices.SortFunc(out.Rows, func(a, b ImpactRow) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.App, b.App), cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Mailbox, b.Mailbox), cmp.Compare(a.Rule, b.Rule))
	})
	if r.unnamed > 0 {
		out.Unknown = append(out.Unknown, fmt.Sprintf("whose mailbox it was, of %d calls that were refused because it was not the flow's", r.unnamed))
	}
	if len(c.Policies) > 0 {
		out.Unknown = append(out.Unknown, "from where apps asked, and what came with a request by an expansion: rules were judged for no network, and for what was asked itself")
	}
	return out, nil
}

// rejudge judges again what was decided.
type rejudge struct {
	*judging
	from  Recorded
	names map[string]string // of mailboxes, by object id
	rows  map[ImpactRow]*ImpactRow

	unnamed int // calls that were refused because of a mailbox that is not recorded
}

// pin gives the mailboxes of flows the object ids that are known of them, and flows by
// group and for people those whom they have now.
func (r *rejudge) pin(ctx context.Context) error {
	for i := range r.flows {
		f := &r.flows[i]
		f.Mailboxes = slices.Clone(f.Mailboxes)
		for n, m := range f.Mailboxes {
			known, found, err := r.from.Mailbox(ctx, f.Tenant, m.UPN)
			if err != nil {
				return err
			}
			if found {
				f.Mailboxes[n].ID = known.ID
			}
		}
		for _, group := range f.Groups {
			members, _, err := r.from.Members(ctx, f.Tenant, group)
			if err != nil {
				return err
			}
			f.Mailboxes = append(f.Mailboxes, members...)
		}
		if f.People {
			people, err := r.from.People(ctx, f.Tenant, r.config.Flows[f.Name].Registration)
			if err != nil {
				return err
			}
			for _, p := range people {
				if p.App == f.App {
					f.Mailboxes = append(f.Mailboxes, graphwarden.Mailbox{ID: p.Account.ID, UPN: p.Account.Name})
				}
			}
		}
		for _, m := range f.Mailboxes {
			r.names[m.ID] = m.UPN
		}
	}
	return r.introduce()
}

// again judges a decision again, and takes down what is otherwise.
func (r *rejudge) again(e graphwarden.Entry, out *Impact) {
	if !e.Allowed && unchanging(e.Rule) {
		out.Left++
		return
	}
	out.Decisions++
	if nameless := !e.Allowed && e.Mailbox == "" && strings.Contains(e.Path, "{mailbox}"); nameless {
		r.depends(e, out)
		return
	}
	now := r.decide(e)
	if now.Allowed == e.Allowed {
		return
	}
	row := ImpactRow{Now: Refused, App: e.App, Flow: e.Flow, Tenant: e.Tenant, Operation: e.Method + " " + e.Path, Mailbox: cmp.Or(r.names[e.Mailbox], e.Mailbox), Rule: now.Rule, Say: now.Reason}
	if now.Allowed {
		row.Now, row.Say = Allowed, ""
		out.Allowed++
	} else {
		out.Refused++
	}
	r.take(row, e)
}

// depends looks at a call that was refused before anybody knew whose mailbox it was.
func (r *rejudge) depends(e graphwarden.Entry, out *Impact) {
	if e.Rule == "proxy.mailbox" {
		r.unnamed++
		return
	}
	for _, f := range r.flows {
		if _, has := performed(f, e); has && f.App == e.App && f.Kind.Name() == throughKind {
			out.Depends++
			r.take(ImpactRow{Now: Depends, App: e.App, Flow: e.Flow, Tenant: e.Tenant, Operation: e.Method + " " + e.Path, Rule: "flow:" + f.Name,
				Say: fmt.Sprintf("In the mailboxes of the flow %q it would be let through; the record does not tell whose it was.", f.Name)}, e)
			return
		}
	}
}

// take counts a call in its row.
func (r *rejudge) take(row ImpactRow, e graphwarden.Entry) {
	had := r.rows[row]
	if had == nil {
		first := row
		first.First = e.At
		had = &first
		r.rows[row] = had
	}
	had.Calls++
	had.Last = e.At
}

// decide is what the configuration says to a call that was decided before. What a
// flow does of itself only the flow of that name may do; what an app asked for by an SDK,
// any of its flows of kind graph.
func (r *rejudge) decide(e graphwarden.Entry) (last graphwarden.Decision) {
	last = graphwarden.Decision{Rule: "default/flow", Reason: "No flow of the app does this."}
	for _, f := range r.flows {
		op, has := performed(f, e)
		asks := f.Kind.Name() == throughKind
		if f.App != e.App || f.Tenant != e.Tenant && e.Tenant != "" || !asks && f.Name != e.Flow {
			continue
		}
		if !has {
			if f.Name == e.Flow {
				last = graphwarden.Decision{Rule: "default/operation", Reason: fmt.Sprintf("The flow %q does not perform %q.", f.Name, e.Method+" "+e.Path)}
			}
			continue
		}
		d := r.inForce.Judge(e.App, f.Name, op, e.Mailbox, r.then(f, e))
		for _, other := range othersOf(e) {
			if d.Allowed {
				d = r.inForce.Judge(e.App, f.Name, op, other, r.then(f, e))
			}
		}
		if d.Allowed {
			return d
		}
		last = d
	}
	return last
}

// performed is the operation of a flow that an entry is of.
func performed(f flow.Flow, e graphwarden.Entry) (flow.Operation, bool) {
	version, rest, _ := strings.Cut(strings.TrimPrefix(e.Path, "/"), "/")
	template := "/" + strings.Replace(rest, "{mailbox}", "{id}", 1)
	shape := flow.Asked(flow.Version(version), e.Method, template)
	for _, op := range f.Kind.Operations() {
		before := flow.Asked(flow.Version(version), op.Method(), template)
		switch {
		case op.LeadsOn() && op.Method() != e.Method && op.Shape() == before.Shape():
			return flow.Continued(e.Method, before), true
		case op.IsAsked() && op.Shape() == shape.Shape():
			return shape, true
		case !op.IsAsked() && op.Method() == e.Method && op.Template() == e.Path:
			return op, true
		}
	}
	return flow.Operation{}, false
}

// then are the circumstances in which a call was decided, as far as they are recorded.
func (r *rejudge) then(f flow.Flow, e graphwarden.Entry) policy.Circumstances {
	in := policy.Circumstances{Tenant: f.Tenant, At: e.At}
	if f.People {
		in.Person = e.Mailbox
	}
	return in
}

// othersOf are those whom a call asked about besides.
func othersOf(e graphwarden.Entry) []string {
	list, about := strings.CutPrefix(e.Note, "about ")
	list, _, _ = strings.Cut(list, ";") // and who asked
	if !about || !e.Allowed {
		return nil
	}
	return strings.Fields(list)
}
