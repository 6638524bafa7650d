package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// Deliveries are looked at.
type Deliveries interface {
	SinkStates(ctx context.Context) ([]graphwarden.SinkState, error)
	FailedDeliveries(ctx context.Context, sink string, dead bool, after int64, afterSink string, limit int) ([]graphwarden.DeliveryState, error)
	DeliveryByID(ctx context.Context, id string) ([]graphwarden.DeliveryState, error)
	Replays(ctx context.Context, sink string) ([]graphwarden.Replay, error)
}

// Sinks are told what to do, and their changes are read.
type Sinks interface {
	Enable(ctx context.Context, sink string) error
	Replay(ctx context.Context, asked deliver.Asked) (graphwarden.Replay, error)
	Stop(ctx context.Context, replay int64) error
	Try(ctx context.Context, asked deliver.Trial) (deliver.Tried, error)
	Stream(ctx context.Context, flow, sink string, after *int64, since *time.Time) (*deliver.Stream, error)
}

// Sink is a sink as operators see it.
type Sink struct {
	Name         string     `json:"name"`
	App          string     `json:"app"`
	Flow         string     `json:"flow"`
	Type         string     `json:"type"` // webhook, table, none
	URL          string     `json:"url,omitempty"`
	State        string     `json:"state"` // delivering, waiting, failing, disabled, none
	Disabled     string     `json:"disabled,omitempty"`
	DisabledAt   *time.Time `json:"disabled_at,omitempty"`
	Cursor       int64      `json:"cursor"`
	Pending      int        `json:"pending"`
	OldestAt     *time.Time `json:"oldest_at"`
	Failing      int        `json:"failing"`
	NextAt       *time.Time `json:"next_at"` // when something that failed is tried at the earliest
	Dead         int        `json:"dead"`
	Taken        int64      `json:"taken"`
	Refused      int64      `json:"refused"`
	TakenAt      *time.Time `json:"taken_at"`
	FailingSince *time.Time `json:"failing_since"`
	Reason       string     `json:"reason,omitempty"` // of the last failure
	Replays      int        `json:"replays"`
}

// Delivery is a delivery to one sink, as operators see it.
type Delivery struct {
	ID       string     `json:"id"`
	Sink     string     `json:"sink"`
	State    string     `json:"state"` // failing, waiting, disabled (its sink is), dead; of one by its id also pending, passed
	Sequence int64      `json:"sequence"`
	Kind     string     `json:"kind"`
	Item     string     `json:"item"`
	Mailbox  string     `json:"mailbox"`
	Calendar string     `json:"calendar"`
	StoredAt time.Time  `json:"stored_at"`
	Attempts int        `json:"attempts"`
	FirstAt  *time.Time `json:"first_failed_at"`
	NextAt   *time.Time `json:"next_at"` // at the earliest; null when nothing is tried
	DiedAt   *time.Time `json:"died_at,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	Last     []Attempt  `json:"last_attempts,omitempty"`
}

// Attempt is one attempt of a delivery.
type Attempt struct {
	Nth    int       `json:"nth"`
	At     time.Time `json:"at"`
	Took   float64   `json:"took_seconds"`
	Status int       `json:"status"` // 0: no answer
	Reason string    `json:"reason"`
}

// Replay is a replay as operators see it.
type Replay struct {
	ID       int64      `json:"id,omitempty"` // 0: it was only counted, or there was nothing to tell
	Sink     string     `json:"sink"`
	Snapshot bool       `json:"snapshot,omitempty"`
	Dead     bool       `json:"dead,omitempty"`
	First    int64      `json:"first"`
	Last     int64      `json:"last"`
	Mailbox  string     `json:"mailbox,omitempty"`
	Item     string     `json:"item,omitempty"`
	Kind     string     `json:"kind,omitempty"`
	Total    int        `json:"total"`
	Done     int        `json:"done"` // those that it came to
	Failed   int        `json:"failed" doc:"of those it came to, not taken there and then: they are tried again as deliveries that failed"`
	Disabled bool       `json:"disabled,omitempty" doc:"its sink is disabled: nothing is told"`
	NextAt   *time.Time `json:"next_at,omitempty" doc:"when the receiver, which was found down, is tried again"`
	MadeAt   *time.Time `json:"made_at"`
	EndedAt  *time.Time `json:"ended_at"`
}

// Enabling names a sink that shall go on.
type Enabling struct {
	Sink string `json:"sink" rule:"required,max=400" example:"office"`
}

func (a *API) deliveryRoutes() []route {
	if a.config.Deliveries == nil {
		return nil
	}
	sinkParam := param{name: "sink", about: "only those of a sink", of: aSink}
	changesQuery := []param{{name: "flow", about: "whose changes", needed: true}, {name: "sink", about: "as this sink of the flow is told them"},
		{name: "after", about: "those that follow this change's number", kind: number}, {name: "since", about: "those since a time", kind: instant},
		{name: "follow", about: "go on with those that come", kind: flag}}
	list := []route{
		{pattern: "GET /v1/sinks", name: "listSinks", about: "the sinks and how they are doing", query: []param{sinkParam}, out: Page[Sink]{}, answer: a.sinks},
		{pattern: "GET /v1/deliveries", name: "listDeliveries", about: "what failed", query: paged(sinkParam, param{name: "state", about: "what became of them", oneOf: []string{"failing", "dead"}}), out: Page[Delivery]{}, answer: a.deliveries},
		{pattern: "GET /v1/deliveries/{id}", name: "getDelivery", about: "one delivery: what became of it at each sink of its flow, with the last attempts of what failed", out: Page[Delivery]{}, answer: a.delivery},
		{pattern: "GET /v1/replays", name: "listReplays", about: "the last replays", query: []param{sinkParam}, out: Page[Replay]{}, answer: a.replays},
	}
	if a.config.Sinks == nil {
		return list
	}
	return append(list,
		route{pattern: "POST /v1/sinks/enable", name: "enableSink", about: "have a disabled sink go on", in: Enabling{}, codes: []string{"deliver.*"}, answer: a.enable},
		route{pattern: "POST /v1/sinks/test", name: "testSink", about: "send a sink a test delivery, or show it with dry_run", in: deliver.Trial{}, out: deliver.Tried{}, codes: []string{"deliver.*"}, answer: a.tryOut},
		route{pattern: "POST /v1/replays", name: "replay", about: "tell a sink again, or count with dry_run", in: deliver.Asked{}, out: Replay{}, codes: []string{"deliver.*", "api.name"}, answer: a.replay},
		route{pattern: "DELETE /v1/replays/{id}", name: "stopReplay", about: "stop a replay", codes: []string{"deliver.*"}, answer: a.stopReplay},
		route{pattern: "GET /v1/changes", name: "followFlow", about: "the changes of a flow, a line of JSON each", query: changesQuery, out: graphwarden.Envelope{}, codes: []string{"deliver.*"}, stream: a.changes})
}

func (a *API) sinks(r *http.Request) (any, error) {
	states, err := a.config.Deliveries.SinkStates(r.Context())
	if only := r.FormValue("sink"); only != "" {
		states = slices.DeleteFunc(states, func(s graphwarden.SinkState) bool { return s.Name != only })
	}
	list := make([]Sink, len(states))
	for i, s := range states {
		list[i] = Sink{Name: s.Name, App: s.App, Flow: s.Flow, Type: string(s.Kind), URL: s.URL, State: sinkWord(s), Disabled: s.Disabled,
			DisabledAt: moment(s.DisabledAt), Cursor: s.Cursor, Pending: s.Pending, OldestAt: moment(s.OldestAt), Failing: s.Failing,
			NextAt: moment(s.NextAt), Dead: s.Dead, Taken: s.Taken, Refused: s.Refused, TakenAt: moment(s.TakenAt),
			FailingSince: moment(s.FailingSince), Reason: s.Reason, Replays: s.Replaying}
	}
	return page(turn{limit: len(list)}, list, nil), err
}

// sinkWord says in a word how a sink is doing.
func sinkWord(s graphwarden.SinkState) string {
	switch {
	case s.Kind == graphwarden.Nowhere:
		return "none"
	case s.Disabled != "":
		return "disabled"
	case !s.FailingSince.IsZero():
		return "failing"
	case s.Pending > 0:
		return "delivering"
	}
	return "up to date"
}

func (a *API) deliveries(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	number, sink, _ := strings.Cut(t.after, " ")
	after, err := turn{after: number}.number()
	if err != nil {
		return nil, err
	}
	state := r.FormValue("state")
	if state != "" && state != "failing" && state != "dead" {
		return nil, wrongQuery("state", "it is neither failing nor dead")
	}
	states, err := a.config.Deliveries.FailedDeliveries(r.Context(), r.FormValue("sink"), state == "dead", after, sink, t.limit+1)
	return page(t, shownDeliveries(states), func(d Delivery) string { return strconv.FormatInt(d.Sequence, 10) + " " + d.Sink }), err
}

func (a *API) delivery(r *http.Request) (any, error) {
	states, err := a.config.Deliveries.DeliveryByID(r.Context(), r.PathValue("id"))
	return page(turn{limit: len(states)}, shownDeliveries(states), nil), err
}

func shownDeliveries(states []graphwarden.DeliveryState) []Delivery {
	list := make([]Delivery, len(states))
	for i, d := range states {
		list[i] = Delivery{ID: d.ID, Sink: d.Sink, State: "failing", Sequence: d.Change.Seq, Kind: string(d.Change.Kind), Item: d.Change.Item,
			Mailbox: d.Mailbox.UPN, Calendar: d.Title, StoredAt: d.Change.At.UTC(), Attempts: d.Attempt, FirstAt: moment(d.FirstAt),
			NextAt: moment(d.DueAt), DiedAt: moment(d.DiedAt), Reason: d.Reason}
		switch {
		case !d.DiedAt.IsZero():
			list[i].State = "dead"
		case d.Passed:
			list[i].State = "passed"
		case d.Disabled:
			list[i].State = "disabled"
		case d.Pending:
			list[i].State = "pending"
		case d.Waits:
			list[i].State = "waiting"
		}
		for _, x := range d.Attempts {
			list[i].Last = append(list[i].Last, Attempt{x.Nth, x.At.UTC(), x.Took.Seconds(), x.Status, x.Reason})
		}
	}
	return list
}

func (a *API) enable(r *http.Request) (any, error) {
	var asked Enabling
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	return reply{status: http.StatusNoContent}, a.config.Sinks.Enable(r.Context(), asked.Sink)
}

func (a *API) tryOut(r *http.Request) (any, error) {
	var asked deliver.Trial
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	return a.config.Sinks.Try(r.Context(), asked)
}

func (a *API) replay(r *http.Request) (any, error) {
	var asked deliver.Asked
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	begun, err := a.config.Sinks.Replay(r.Context(), asked)
	if err == nil && begun.Total == 0 && asked.Mailbox != "" {
		err = a.named(r.Context(), aMailbox, "mailbox", asked.Mailbox)
	}
	if err == nil && begun.Total == 0 && asked.Item != "" {
		err = a.itemNamed(r.Context(), asked)
	}
	return a.shownReplay(begun), err
}

// itemNamed refuses an item of which a sink's flow keeps nothing.
func (a *API) itemNamed(ctx context.Context, asked deliver.Asked) error {
	for _, snapshot := range []bool{false, true} {
		all, err := a.config.Sinks.Replay(ctx, deliver.Asked{Sink: asked.Sink, Item: asked.Item, Snapshot: snapshot, DryRun: true})
		if err != nil || all.Total > 0 {
			return err
		}
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.name", Field: "item",
		Say: fmt.Sprintf("Nothing is kept of an item %q in the flow of this sink.", shortened(asked.Item)), Do: "Name one by the id that its changes carry."}
}

func (a *API) replays(r *http.Request) (any, error) {
	all, err := a.config.Deliveries.Replays(r.Context(), r.FormValue("sink"))
	list := make([]Replay, len(all))
	for i, x := range all {
		list[i] = a.shownReplay(x)
	}
	return page(turn{limit: len(list)}, list, nil), err
}

func (a *API) shownReplay(x graphwarden.Replay) Replay {
	shown := Replay{ID: x.ID, Sink: x.Sink, Snapshot: x.Snapshot, Dead: x.Dead, First: x.First, Last: x.Last, Mailbox: x.Mailbox, Item: x.Item,
		Kind: string(x.Kind), Total: x.Total, Done: x.Done, Failed: x.Failed, MadeAt: moment(x.MadeAt), EndedAt: moment(x.EndedAt)}
	if x.EndedAt.IsZero() {
		shown.Disabled = x.Disabled
	}
	if x.EndedAt.IsZero() && !x.Disabled && x.RestsTo.After(a.config.Now()) {
		shown.NextAt = moment(x.RestsTo)
	}
	return shown
}

func (a *API) stopReplay(r *http.Request) (any, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return nil, wrongQuery("id", "it is not a replay's number")
	}
	return reply{status: http.StatusNoContent}, a.config.Sinks.Stop(r.Context(), id)
}
