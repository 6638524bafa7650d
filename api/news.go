package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// longest is how many seconds a caller may have us wait for changes.
const longest = 30

// News is a part of the changes of an app's flows.
type News struct {
	Items  []graphwarden.Envelope `json:"items"`
	Cursor string                 `json:"cursor" doc:"where to go on, always there"`
	More   bool                   `json:"more" doc:"there may be more at once"`
}

// Change is one change on a stream, and where to go on after it.
type Change struct {
	Cursor string               `json:"cursor"`
	Change graphwarden.Envelope `json:"change"`
}

// Follows begins to read the changes of flows. deliver.Follower satisfies it.
type Follows interface {
	Follow(ctx context.Context, flows map[string]deliver.Shape, after int64, since time.Time) (*deliver.Follow, error)
}

func (a *API) newsRoutes() []route {
	if a.config.Following == nil {
		return nil
	}
	own := []param{{name: "cursor", about: "where to go on: cursor of an earlier answer; without one from now on", most: 4096},
		{name: "flow", about: "only those of a flow of the app", sample: "office"},
		{name: "since", about: "without a cursor: those since a time", kind: instant, sample: "2026-03-02T00:00:00Z"}}
	codes := []string{"deliver.cursor_old", "api.name", "api.not_there"}
	return []route{
		{pattern: "GET /v1/changes", name: "listChanges", about: "the changes of the app's flows, in order", who: apps, family: "changes",
			query: append(own[:3:3], param{name: "limit", about: "how many at most", kind: number, least: 1, most: mostPage, sample: "100"},
				param{name: "wait", about: "how many seconds to wait for a change when there is none", kind: number, most: longest, sample: "20"}),
			out: News{}, codes: codes, answer: a.news},
		{pattern: "GET /v1/changes/stream", name: "streamChanges", about: "the changes of the app's flows as they come, a line of JSON each", who: apps, family: "changes",
			query: own, out: Change{}, codes: codes, stream: a.newsStream},
	}
}

// follow begins to read changes where a request says.
func (a *API) follow(r *http.Request) (*deliver.Follow, error) {
	flows := map[string]deliver.Shape{}
	query := r.URL.Query()
	for _, f := range a.flowsOf(callerOf(r)) {
		if f.Kind.Events() && f.Kind.Reads() && (query.Get("flow") == "" || f.Name == query.Get("flow")) {
			flows[f.Name] = a.config.Shapes[f.Name]
		}
	}
	if len(flows) == 0 {
		return nil, errNotIn("flow", query.Get("flow"), "whose changes are told")
	}
	after, since := int64(-1), time.Time{}
	if cursor := query.Get("cursor"); cursor != "" {
		place, ours := asked(r).face.openCursor(r, cursor)
		n, err := strconv.ParseInt(place, 10, 64)
		if !ours || err != nil {
			return nil, wrongQuery("cursor", "it is not one that this app was given, for these flows", "Send cursor as it was given, with the same flow.")
		}
		after = n
	} else if at, err := time.Parse(time.RFC3339, query.Get("since")); err == nil {
		since = at
	}
	return a.config.Following.Follow(r.Context(), flows, after, since)
}

func (a *API) news(r *http.Request) (any, error) {
	f, err := a.follow(r)
	if err != nil {
		return nil, err
	}
	limit, wait := usualPage, time.Duration(0)
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil {
		limit = n
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("wait")); err == nil {
		wait = time.Duration(n) * time.Second
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	for {
		news := f.News()
		list, more, err := f.Next(r.Context(), limit)
		if err != nil {
			return nil, err
		}
		if len(list) > 0 || more || !a.pause(r, news, over) {
			if list == nil {
				list = []graphwarden.Envelope{}
			}
			return News{Items: list, Cursor: asked(r).face.sealCursor(r, strconv.FormatInt(f.Last, 10)), More: more}, nil
		}
	}
}

// pause waits until there may be news; false means that it is over.
func (a *API) pause(r *http.Request, news <-chan struct{}, over *time.Timer) bool {
	again := time.NewTimer(lookAgain)
	defer again.Stop()
	select {
	case <-news:
	case <-again.C:
	case <-over.C:
		return false
	case <-a.done:
		return false
	case <-r.Context().Done():
		return false
	}
	return true
}

// newsStream sends changes as they come, until the listener goes.
func (a *API) newsStream(r *http.Request, lines *Lines) error {
	f, err := a.follow(r)
	if err != nil {
		return err
	}
	if err := lines.Beat(); err != nil { // the listener learns that it is let in
		return err
	}
	said := time.Now()
	for {
		news := f.News()
		list, more, err := f.Next(r.Context(), linesAtOnce)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := lines.Write(Change{asked(r).face.sealCursor(r, strconv.FormatInt(e.Sequence, 10)), e}); err != nil {
				return err
			}
			said = time.Now()
		}
		if more {
			continue
		}
		if time.Since(said) > beat {
			if err := lines.Beat(); err != nil {
				return err
			}
			said = time.Now()
		}
		if !a.pause(r, news, time.NewTimer(beat)) && r.Context().Err() != nil {
			return nil
		}
	}
}
