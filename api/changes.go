package api

import (
	"net/http"
	"strconv"
	"time"
)

const (
	// linesAtOnce is how many changes are read for a listener at once.
	linesAtOnce = 200
	// lookAgain is how often a listener's flow is looked at when nothing says that
	// there is news: another process may have stored some.
	lookAgain = 2 * time.Second
	// beat is how often a listener that hears nothing gets a sign of life.
	beat = 15 * time.Second
)

// changes streams a flow's changes: those that there are, and with follow=true
// those that come, until the listener goes. Each line carries its sequence; with
// the last one as after a listener goes on where it stopped.
func (a *API) changes(r *http.Request, lines *Lines) error {
	after, since, err := fromWhere(r)
	if err != nil {
		return err
	}
	follow := r.FormValue("follow") == "true"
	stream, err := a.config.Sinks.Stream(r.Context(), r.FormValue("flow"), r.FormValue("sink"), after, since)
	if err != nil {
		return err
	}
	said := time.Now()
	if follow {
		if err := lines.Beat(); err != nil { // the listener learns that it is let in
			return err
		}
	}
	for {
		news := stream.News()
		list, more, err := stream.Next(r.Context(), linesAtOnce)
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := lines.Write(e); err != nil {
				return err
			}
			said = time.Now()
		}
		if more {
			continue
		}
		if !follow {
			return nil
		}
		if time.Since(said) > beat {
			if err := lines.Beat(); err != nil {
				return err
			}
			said = time.Now()
		}
		timer := time.NewTimer(lookAgain)
		select {
		case <-news:
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return nil
		}
		timer.Stop()
	}
}

// fromWhere reads ?after= and ?since=.
func fromWhere(r *http.Request) (after *int64, since *time.Time, err error) {
	if text := r.FormValue("after"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return nil, nil, wrongQuery("after", "it is not a change's number")
		}
		after = &n
	}
	if text := r.FormValue("since"); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, nil, wrongQuery("since", "it is not a time such as 2026-03-02T08:00:00Z")
		}
		since = &at
	}
	return after, since, nil
}
