package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/item"
	"github.com/graphwarden/graphwarden/lookup"
)

// Acts writes into Microsoft 365 for apps. Package act satisfies it.
type Acts interface {
	Create(ctx context.Context, r act.Create) (graphwarden.Intent, error)
	Update(ctx context.Context, r act.Update) (graphwarden.Intent, error)
	Delete(ctx context.Context, r act.Delete) (graphwarden.Intent, error)
	Cancel(ctx context.Context, r act.Cancel) (graphwarden.Intent, error)
	Respond(ctx context.Context, r act.Respond) (graphwarden.Intent, error)
}

// Mails sends mail for apps. Package act satisfies it.
type Mails interface {
	Upload(ctx context.Context, t act.Target, size int64, content io.Reader) (graphwarden.Upload, error)
	Send(ctx context.Context, r act.Send) (graphwarden.Intent, error)
}

// Asks asks Microsoft 365 for apps what is in no local copy, and tells what came of
// their writes. Package act satisfies it.
type Asks interface {
	Schedule(ctx context.Context, s act.Schedule) (json.RawMessage, error)
	Meet(ctx context.Context, m act.Meet) (act.Meetings, error)
	Instances(ctx context.Context, t act.Target, series string, w graphwarden.Window) ([]json.RawMessage, error)
	Write(ctx context.Context, app, id string) (graphwarden.Intent, error)
	Loser(ctx context.Context, in graphwarden.Intent) (graphwarden.Loser, bool, error)
}

// Known says what is known of an event by now, from the copy. Package lookup satisfies it.
type Known interface {
	// IsPrivate says how the event is in the copy; known is false where it is not there.
	IsPrivate(ctx context.Context, at lookup.At, id string) (private, known bool, err error)
	// WasPrivate says how one that is not there was when it was last seen.
	WasPrivate(ctx context.Context, at lookup.At, id string) (private, known bool, err error)
}

// Hiding asks Microsoft whether the event of a write hides what was kept of it from the
// app. Package act satisfies it.
type Hiding interface {
	Hides(ctx context.Context, in graphwarden.Intent) bool
}

// NewEvent is an event that an app wants made.
type NewEvent struct {
	Event     json.RawMessage `json:"event" rule:"required,object" doc:"as Graph documents the event; docs/writing.md lists what can be written"`
	Reference string          `json:"reference" rule:"max=255" doc:"what the app calls it; it comes back on every change" example:"deal-17"`
	Calendar  string          `json:"calendar" rule:"max=1024" doc:"the calendar's id; the default calendar when nothing is said"`
}

// EventChange is what an app wants changed of an event.
type EventChange struct {
	Change    json.RawMessage `json:"change" rule:"required,object" doc:"the properties to change, as Graph documents them"`
	Reference string          `json:"reference" rule:"max=255" doc:"what the app calls it from now on"`
}

// EventCancel says why a meeting is cancelled.
type EventCancel struct {
	Comment string `json:"comment" rule:"max=8000" doc:"for the attendees"`
}

// EventAnswer is an answer to an invitation.
type EventAnswer struct {
	Answer   string          `json:"answer" rule:"required,oneof=accept|tentativelyAccept|decline" doc:"what is answered" example:"accept"`
	Comment  string          `json:"comment" rule:"max=8000" doc:"for the organizer"`
	Silent   bool            `json:"silent" doc:"the organizer is not told"`
	Proposed json.RawMessage `json:"proposed_new_time" doc:"another time, with start and end as Graph writes them"`
}

// ScheduleQuestion asks when people are free or busy.
type ScheduleQuestion struct {
	People   []string        `json:"people" rule:"required,min=1,max=20" doc:"mailboxes that one flow of the app names, which writes, by name or id" example:"anna@contoso.com"`
	Start    json.RawMessage `json:"start" rule:"required,object" doc:"as Graph's dateTimeTimeZone"`
	End      json.RawMessage `json:"end" rule:"required,object" doc:"as Graph's dateTimeTimeZone"`
	Interval int             `json:"interval_minutes" rule:"min=0,max=1440" doc:"of each slot, from 5 on; 30 when nothing or 0 is said" example:"30"`
}

// Instances are the occurrences of a series.
type Instances struct {
	Items []json.RawMessage `json:"items" rule:"object" doc:"the occurrences as Microsoft Graph has them (v1.0, resource event)"`
	// Reference is the app's own.
	Reference  string            `json:"reference,omitempty" doc:"what the app calls the series" example:"deal-17"`
	References map[string]string `json:"references,omitempty" doc:"what the app calls single occurrences that have a name of their own, by id"`
}

// WriteRefusal says why a write was not made, or cannot be vouched for.
type WriteRefusal struct {
	Code   string `json:"code" example:"act.conflict"`
	Detail string `json:"detail" doc:"what is wrong, in a sentence"`
	Fix    string `json:"fix"`
}

// LostVersion is the version that lost when both sides had changed an event.
type LostVersion struct {
	Side string          `json:"side" rule:"oneof=app|microsoft" doc:"whose version it is"`
	ETag string          `json:"etag" doc:"of Microsoft's version"`
	Body json.RawMessage `json:"body" doc:"the change of the app, or the event as Microsoft Graph had it"`
}

// Write is a write of an app, and what came of it.
type Write struct {
	ID        string          `json:"id" example:"wrt_5d1c0e9b7a3f2468aabbccdd"`
	State     string          `json:"state" rule:"oneof=open|done|refused|lost|uncertain" doc:"open: not known yet; lost: Microsoft's version won"`
	Kind      string          `json:"kind" example:"event.create"`
	App       string          `json:"app"`
	Tenant    string          `json:"tenant"`
	Mailbox   string          `json:"mailbox"`
	Event     string          `json:"event" doc:"the event's immutable id; empty until it is made"`
	Message   string          `json:"message" doc:"of mail that is sent exactly once, the message's immutable id; empty until it is made"`
	Reference string          `json:"reference"`
	ETag      string          `json:"etag" doc:"the version that was written; empty when the effect was found again"`
	Item      json.RawMessage `json:"item" doc:"the event as Microsoft answered with it, a private one as the flow shows such (private); of a message its ids; null for none"`
	Found     bool            `json:"found" doc:"the answer was lost, and the effect was found"`
	Attempts  int             `json:"attempts"`
	MadeAt    time.Time       `json:"made_at"`
	EndedAt   *time.Time      `json:"ended_at"`
	NextAt    *time.Time      `json:"next_at" doc:"when an open one is tried again"`
	Refusal   *WriteRefusal   `json:"refusal" doc:"why it was not made, or cannot be vouched for; null when it was made"`
	Lost      *LostVersion    `json:"lost" doc:"the version that lost, when both sides had changed the event; null when none did"`
}

const eventsPath = "/v1/tenants/{tenant}/mailboxes/{mailbox}/events"

func (a *API) eventRoutes() []route {
	if a.config.Acts == nil {
		return nil
	}
	codes := []string{"act.*", "graph.*", "gate.*", "entra.*", "connect.*", "outbound.*"}
	writes := func(pattern, name, about string, in any, answer func(*http.Request) (any, error)) route {
		return route{pattern: pattern, name: name, about: about, who: apps, writes: true, in: in, out: Write{}, also: map[int]any{http.StatusAccepted: Write{}}, codes: codes, repeats: own, answer: answer}
	}
	matching := func(rt route) route { rt.matches = true; return rt }
	making := writes("POST "+eventsPath, "createEvent", "make an event", NewEvent{}, a.createEvent)
	making.status = http.StatusCreated
	making.also[http.StatusOK] = Write{}
	list := []route{
		making,
		matching(writes("PATCH "+eventsPath+"/{event}", "changeEvent", "change an event, a series or one occurrence", EventChange{}, a.changeEvent)),
		matching(writes("DELETE "+eventsPath+"/{event}", "deleteEvent", "delete an event", nil, a.deleteEvent)),
		matching(writes("POST "+eventsPath+"/{event}/cancel", "cancelEvent", "cancel a meeting that the mailbox organizes", EventCancel{}, a.cancelEvent)),
		writes("POST "+eventsPath+"/{event}/respond", "answerInvitation", "answer an invitation", EventAnswer{}, a.answerInvitation),
		{pattern: "GET " + eventsPath + "/{event}/instances", name: "listInstances", about: "the occurrences of a series in a window of time", who: apps, codes: codes, out: Instances{},
			query:  []param{{name: "start", about: "the beginning of the window", kind: instant, needed: true, sample: "2026-03-02T00:00:00Z"}, {name: "end", about: "its end", kind: instant, needed: true, sample: "2026-04-02T00:00:00Z"}},
			answer: a.instances},
		{pattern: "POST /v1/tenants/{tenant}/schedule", name: "askSchedule", about: "when people are free or busy, as Graph's getSchedule answers", who: apps, in: ScheduleQuestion{}, out: json.RawMessage{}, codes: codes, repeats: harmless, answer: a.schedule},
		{pattern: "POST /v1/tenants/{tenant}/mailboxes/{mailbox}/meeting-times", name: "suggestMeetingTimes", about: "times when people could meet, by when they are free and busy", who: apps, in: MeetingQuestion{}, out: MeetingTimes{}, codes: codes, repeats: harmless, answer: a.meetingTimes},
		{pattern: "GET /v1/writes/{id}", name: "getWrite", about: "a write, and what came of it", who: apps, out: Write{}, codes: []string{"act.write_unknown"}, answer: a.write},
	}
	return list
}

// target is whom a request writes for.
func target(r *http.Request) act.Target {
	p := placeOf(r)
	t := act.Target{App: callerOf(r).Key.App, Tenant: p.Tenant, Mailbox: p.Mailbox.ID, Key: tryOf(r).Key}
	for _, f := range p.Flows {
		t.Flows = append(t.Flows, f.Name)
	}
	return t
}

// version is the one that a request names. A header that names none, or several, is no
// version, which is refused: who sent it meant one.
func version(r *http.Request) string {
	given := r.Header.Values("If-Match")
	if len(given) == 0 {
		return ""
	}
	return cmp.Or(strings.Join(given, ", "), " ")
}

func (a *API) createEvent(r *http.Request) (any, error) {
	var in NewEvent
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	made, err := a.config.Acts.Create(r.Context(), act.Create{Target: target(r), Calendar: in.Calendar, Reference: in.Reference, Event: in.Event})
	return a.wrote(r, made, err, http.StatusCreated)
}

func (a *API) changeEvent(r *http.Request) (any, error) {
	var in EventChange
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	made, err := a.config.Acts.Update(r.Context(), act.Update{Target: target(r), ID: r.PathValue("event"), Version: version(r), Reference: in.Reference, Change: in.Change})
	return a.wrote(r, made, err, http.StatusOK)
}

func (a *API) deleteEvent(r *http.Request) (any, error) {
	made, err := a.config.Acts.Delete(r.Context(), act.Delete{Target: target(r), ID: r.PathValue("event"), Version: version(r)})
	return a.wrote(r, made, err, http.StatusOK)
}

func (a *API) cancelEvent(r *http.Request) (any, error) {
	var in EventCancel
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	made, err := a.config.Acts.Cancel(r.Context(), act.Cancel{Target: target(r), ID: r.PathValue("event"), Version: version(r), Comment: in.Comment})
	return a.wrote(r, made, err, http.StatusOK)
}

func (a *API) answerInvitation(r *http.Request) (any, error) {
	var in EventAnswer
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if string(in.Proposed) == "null" {
		in.Proposed = nil
	}
	made, err := a.config.Acts.Respond(r.Context(), act.Respond{Target: target(r), ID: r.PathValue("event"), Answer: in.Answer, Comment: in.Comment, Silent: in.Silent, Proposed: in.Proposed})
	return a.wrote(r, made, err, http.StatusOK)
}

// wrote answers with a write: 202 as long as nobody knows what came of it.
func (a *API) wrote(r *http.Request, in graphwarden.Intent, err error, done int) (any, error) {
	var refusal *graphwarden.Refusal
	if in.Outcome.State == graphwarden.IntentRefused && errors.As(err, &refusal) {
		return nil, &problem{refusal: refusal, write: in.ID}
	}
	if err != nil {
		return nil, err
	}
	seen, err := a.seenWrite(r.Context(), in)
	switch in.Outcome.State {
	case graphwarden.IntentOpen, graphwarden.IntentUncertain:
		done = http.StatusAccepted
	case graphwarden.IntentLost:
		done = http.StatusOK
	}
	return reply{done, seen}, err
}

func (a *API) write(r *http.Request) (any, error) {
	in, err := a.config.Asks.Write(r.Context(), callerOf(r).Key.App, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return a.seenWrite(r.Context(), in)
}

// seenWrite gives a write with the version that lost, if there is one.
func (a *API) seenWrite(ctx context.Context, in graphwarden.Intent) (Write, error) {
	loser, kept, err := a.config.Asks.Loser(ctx, in)
	if err != nil {
		return Write{}, err
	}
	since := false
	if len(in.Outcome.Result) > 0 || kept && loser.Side != "app" {
		if since, err = a.becamePrivate(ctx, in); err != nil {
			return Write{}, err
		}
	}
	in.Outcome.Result = a.shownTo(in.Flow, in.Outcome.Result, since)
	w := seenIntent(in)
	if kept {
		w.Lost = &LostVersion{loser.Side, loser.ETag, loser.Body}
		if loser.Side != "app" {
			w.Lost.Body = a.shownTo(in.Flow, loser.Body, since)
		}
	}
	return w, nil
}

// becamePrivate says whether the event of a write is private by now, whatever it was
// when it was written. Where the copy cannot say, as of a flow that reads nothing, and the
// write is told once more, Microsoft is asked, and while nobody can say it counts as private.
func (a *API) becamePrivate(ctx context.Context, in graphwarden.Intent) (bool, error) {
	mail := in.Kind == graphwarden.SendMail || in.Kind == graphwarden.SendMailOnce
	if a.config.Known == nil || mail || in.Item == "" || a.config.Shapes[in.Flow].Private == deliver.Full {
		return false, nil
	}
	at := lookup.At{Flow: in.Flow, Mailbox: in.Mailbox}
	private, known, err := a.config.Known.IsPrivate(ctx, at, in.Item)
	if err != nil || known {
		return private, err
	}
	if in.Kind == graphwarden.CreateEvent && !in.Again {
		return false, nil // it was just made, and is in no copy yet
	}
	private, known, err = a.config.Known.WasPrivate(ctx, at, in.Item)
	if err != nil || known || !in.Again {
		return private, err
	}
	return a.config.Hiding.Hides(ctx, in), nil
}

func seenIntent(in graphwarden.Intent) Write {
	o := in.Outcome
	w := Write{ID: in.ID, State: string(o.State), Kind: string(in.Kind), App: in.App, Tenant: in.Tenant, Mailbox: in.Mailbox.UPN, Reference: in.Reference,
		ETag: o.ETag, Item: o.Result, Found: o.Looked, Attempts: in.Attempts, MadeAt: in.MadeAt.UTC(), EndedAt: moment(o.EndedAt)}
	if in.Kind == graphwarden.SendMailOnce {
		w.Message = in.Item
	} else {
		w.Event = in.Item
	}
	if o.State == graphwarden.IntentOpen {
		w.NextAt = moment(in.DueAt)
	}
	if o.Refusal != nil {
		w.Refusal = &WriteRefusal{o.Refusal.Code, o.Refusal.Say, o.Refusal.Do}
	}
	return w
}

func (a *API) instances(r *http.Request) (any, error) {
	start, err1 := time.Parse(time.RFC3339, r.FormValue("start"))
	end, err2 := time.Parse(time.RFC3339, r.FormValue("end"))
	if err1 != nil || err2 != nil || !start.Before(end) {
		return nil, wrongQuery("end", "it is not after start", "Send an end that is later than start.")
	}
	list, err := a.config.Asks.Instances(r.Context(), target(r), r.PathValue("event"), graphwarden.Window{Start: start, End: end})
	shown, privacy := []json.RawMessage{}, a.strictest(placeOf(r).Flows, flow.ListInstances())
	for _, e := range list {
		if e = shownBy(privacy, e, false); e != nil {
			shown = append(shown, e)
		}
	}
	if err != nil {
		return nil, err
	}
	out := Instances{Items: shown}
	out.Reference, out.References, err = a.called(r, r.PathValue("event"), shown)
	return out, err
}

// called gives what the app calls a series, and single dates of it.
func (a *API) called(r *http.Request, series string, dates []json.RawMessage) (string, map[string]string, error) {
	if a.config.Reading == nil {
		return "", nil, nil
	}
	ids := []string{series}
	for _, raw := range dates {
		ids = append(ids, item.ID(raw))
	}
	all := map[string]string{}
	for _, f := range placeOf(r).Flows {
		found, err := a.config.Reading.References(r.Context(), f.Name, ids)
		if err != nil {
			return "", nil, err
		}
		maps.Copy(all, found)
	}
	whole := all[series]
	delete(all, series)
	return whole, all, nil
}

func (a *API) schedule(r *http.Request) (any, error) {
	var in ScheduleQuestion
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	t := target(r)
	answer, err := a.config.Asks.Schedule(r.Context(), act.Schedule{App: t.App, Tenant: t.Tenant, Flows: t.Flows, People: in.People, Start: in.Start, End: in.End, Interval: in.Interval})
	if err != nil || a.strictest(placeOf(r).Flows, flow.GetSchedule()) == deliver.Full {
		return answer, err
	}
	return item.MaskSchedule(answer), nil
}
