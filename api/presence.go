package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/presence"
)

// Presences says who is available: of the flows that a key is for, those who are
// named, or everybody.
type Presences interface {
	People(ctx context.Context, flows, named []string) ([]presence.Presence, error)
	Stream(ctx context.Context, flows, named []string, after string) (*presence.Stream, error)
}

// mostNamed is how many people a question may name, longestNames how long all their
// names may be.
const (
	mostNamed    = 200
	longestNames = 4096
)

func (a *API) presenceRoutes() []route {
	if a.config.Presences == nil {
		return nil
	}
	whom := param{name: "people", about: "whom it is about, names or object ids between commas; left out: everybody", most: longestNames, sample: "anna@contoso.com,ben@contoso.com"}
	codes := []string{"presence.*"}
	return []route{
		{pattern: "GET /v1/presence", name: "listPresence", about: "who is available, until when and what comes next", who: apps,
			query: paged(whom), out: Page[presence.Presence]{}, codes: codes, answer: a.presences},
		{pattern: "GET /v1/presence/stream", name: "followPresence", about: "everybody's state, and then what changes, as server-sent events", who: apps,
			query: []param{whom}, out: presence.Presence{}, codes: codes, events: a.presenceStream},
		{pattern: "GET /v1/presence/{person}", name: "getPresence", about: "whether somebody is available, until when and what comes next; one state for each presence flow", who: apps,
			out: Page[presence.Presence]{}, codes: codes, answer: a.presenceOf},
	}
}

// flowNames gives the flows that a caller's key is for.
func (a *API) flowNames(r *http.Request) []string {
	var names []string
	for _, f := range a.flowsOf(callerOf(r)) {
		names = append(names, f.Name)
	}
	return names
}

// named reads ?people=.
func named(r *http.Request) ([]string, error) {
	text := r.FormValue("people")
	if text == "" {
		return nil, nil
	}
	list := strings.Split(text, ",")
	for i, name := range list {
		if list[i] = strings.TrimSpace(name); list[i] == "" {
			return nil, wrongQuery("people", "one of the names is empty", "Write names or object ids with commas between them.")
		}
	}
	if len(list) > mostNamed {
		return nil, wrongQuery("people", fmt.Sprintf("it names %d people, more than %d", len(list), mostNamed), "Leave it out for everybody.")
	}
	return list, nil
}

func (a *API) presences(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	people, err := named(r)
	if err != nil {
		return nil, err
	}
	all, err := a.config.Presences.People(r.Context(), a.flowNames(r), people)
	if err != nil {
		return nil, err
	}
	key := func(p presence.Presence) string { return p.Person + " " + p.Flow }
	from, found := slices.BinarySearchFunc(all, t.after, func(p presence.Presence, after string) int { return strings.Compare(key(p), after) })
	if found {
		from++
	}
	return page(t, all[from:min(len(all), from+t.limit+1)], key), nil
}

func (a *API) presenceOf(r *http.Request) (any, error) {
	all, err := a.config.Presences.People(r.Context(), a.flowNames(r), []string{r.PathValue("person")})
	var unknown *graphwarden.Refusal
	if errors.As(err, &unknown) && unknown.Field == "people" {
		own := *unknown
		own.Field, err = "person", &own // of the path, here
	}
	if all == nil {
		all = []presence.Presence{}
	}
	return Page[presence.Presence]{Items: all}, err
}

// presenceStream tells everybody's state, says that it is live, and then tells what
// changes. What a listener was told last it says when it comes back.
func (a *API) presenceStream(r *http.Request, e *Told) error {
	people, err := named(r)
	if err != nil {
		return err
	}
	s, err := a.config.Presences.Stream(r.Context(), a.flowNames(r), people, r.Header.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	defer s.Close()
	live := false
	return e.tell(r.Context(), s.News, func() error {
		list := s.Next()
		for _, i := range list {
			if err := sendPresence(e, i); err != nil {
				return err
			}
		}
		if live {
			return nil
		}
		live = true
		return e.Send(s.At(), "live", fmt.Appendf(nil, `{"people":%d}`, len(list)))
	})
}

func sendPresence(e *Told, i presence.Item) error {
	if !i.Gone {
		return e.Send(i.ID, "presence", i.Body)
	}
	gone, err := json.Marshal(map[string]string{"person": i.Person, "id": i.User, "flow": i.Flow})
	if err != nil {
		return fmt.Errorf("writing that somebody is gone: %w", err)
	}
	return e.Send(i.ID, "gone", gone)
}
