package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/graphwarden/graphwarden"
)

// Notices are what operators were told.
type Notices interface {
	Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error)
}

func (a *API) noticeRoutes() []route {
	return []route{{pattern: "GET /v1/notices", name: "listNotices", about: "what is wrong now", query: paged(param{name: "state", about: "open: what is wrong now; all: what was, too", oneOf: []string{"open", "all"}}), out: Page[graphwarden.Notice]{}, answer: a.notices}}
}

func (a *API) notices(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	after, err := t.number()
	if err != nil {
		return nil, err
	}
	state := r.FormValue("state")
	if state != "" && state != "open" && state != "all" {
		return nil, wrongQuery("state", "it is open or all")
	}
	list, err := a.config.Notices.Notices(r.Context(), state == "all", after, t.limit+1)
	return page(t, list, func(n graphwarden.Notice) string { return strconv.FormatInt(n.Seq, 10) }), err
}
