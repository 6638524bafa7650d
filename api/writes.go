package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/graphwarden/graphwarden"
)

// Intents are the writes of apps.
type Intents interface {
	// Intents gives at most limit writes that were asked for before a number, the
	// newest first.
	Intents(ctx context.Context, state graphwarden.IntentState, app string, before int64, limit int) ([]graphwarden.Intent, error)
	LoserOf(ctx context.Context, intent string) (graphwarden.Loser, bool, error)
}

func (a *API) writeRoutes() []route {
	if a.config.Intents == nil {
		return nil
	}
	return []route{{pattern: "GET /v1/writes", name: "listWrites", about: "what apps have written, the newest first", out: Page[Write]{},
		query: paged(param{name: "state", about: "only those in a state", oneOf: []string{"open", "done", "refused", "lost", "uncertain"}},
			param{name: "app", about: "only those of an app", of: anApp}), answer: a.listWrites}}
}

// listWrites shows of each write what it was and what came of it, and nothing of what
// is in the mailbox.
func (a *API) listWrites(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	before, err := t.number()
	if err != nil {
		return nil, err
	}
	list, err := a.config.Intents.Intents(r.Context(), graphwarden.IntentState(r.FormValue("state")), r.FormValue("app"), before, t.limit+1)
	if err != nil {
		return nil, err
	}
	seen := make([]Write, len(list))
	seq := map[string]int64{}
	for i, in := range list {
		in.Outcome.Result = nil
		seen[i] = seenIntent(in)
		seq[in.ID] = in.Seq
	}
	return page(t, seen, func(w Write) string { return strconv.FormatInt(seq[w.ID], 10) }), nil
}
