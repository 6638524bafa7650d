package kill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// people is how many there are in the company. Calendars of the first few are
// fed, of more as the trial goes on.
const people = 24

// crowd are the people who change their calendars all the time. Their requests
// meet the same weather, so what they were not told of may have happened too:
// what counts is what the tenant shows in the end.
type crowd struct {
	tenant *tenant

	mu      sync.Mutex
	dice    *rand.Rand
	users   []string            // whose calendars change
	events  map[string][]string // by user
	masters map[string][]string
	extra   map[string][]string // calendars besides the default one
	made    int                 // changes that were answered well
	failed  int
}

// live has the people change their calendars until ctx ends.
func (c *crowd) live(ctx context.Context) {
	pace := time.NewTicker(60 * time.Millisecond)
	defer pace.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for range 2 {
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case <-pace.C:
				}
				err := c.change(ctx)
				c.mu.Lock()
				if err == nil {
					c.made++
				} else if ctx.Err() == nil {
					c.failed++
				}
				c.mu.Unlock()
			}
		})
	}
}

// roll gives a number below n.
func (c *crowd) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dice.IntN(n)
}

// pick gives one of a user's things, "" when there is none; taken, it is gone.
func (c *crowd) pick(of map[string][]string, user string, taken bool) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := of[user]
	if len(list) == 0 {
		return ""
	}
	i := c.dice.IntN(len(list))
	id := list[i]
	if taken {
		of[user] = append(list[:i:i], list[i+1:]...)
	}
	return id
}

func (c *crowd) add(to map[string][]string, user, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id != "" {
		to[user] = append(to[user], id)
	}
}

func (c *crowd) user() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.users[c.dice.IntN(len(c.users))]
}

// change does one thing that people do.
func (c *crowd) change(ctx context.Context) error {
	user := c.user()
	switch n := c.roll(100); {
	case n < 35:
		return c.create(ctx, user)
	case n < 60:
		return c.onEvent(ctx, user, http.MethodPatch)
	case n < 78:
		return c.onEvent(ctx, user, http.MethodDelete)
	case n < 84:
		return c.series(ctx, user)
	case n < 95:
		return c.exception(ctx, user)
	case n < 97:
		return c.calendar(ctx, user)
	default:
		calendar := c.pick(c.extra, user, true)
		if calendar == "" {
			return nil
		}
		_, err := c.tenant.outlook(ctx, http.MethodDelete, user, "/calendars/"+url.PathEscape(calendar), nil)
		return err
	}
}

// span is the start and end of something in the next weeks, and sometimes far off.
func (c *crowd) span() (start, end doc) {
	at := time.Now().UTC().Truncate(time.Hour).Add(time.Duration(c.roll(45*24)) * time.Hour)
	return moment(at), moment(at.Add(time.Duration(1+c.roll(4)) * 30 * time.Minute))
}

func moment(t time.Time) doc {
	return doc{"dateTime": t.Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
}

func (c *crowd) create(ctx context.Context, user string) error {
	start, end := c.span()
	body := doc{"subject": fmt.Sprint("Meeting ", c.roll(1e6)), "start": start, "end": end}
	if c.roll(8) == 0 {
		body["sensitivity"] = "private"
	}
	if c.roll(3) == 0 {
		body["attendees"] = []doc{{"type": "required", "emailAddress": doc{"address": c.tenant.upn(c.user())}}}
	}
	path := "/events"
	if calendar := c.pick(c.extra, user, false); calendar != "" && c.roll(2) == 0 {
		path = "/calendars/" + url.PathEscape(calendar) + "/events"
	}
	made, err := c.tenant.outlook(ctx, http.MethodPost, user, path, body)
	c.add(c.events, user, text(made, "id"))
	return err
}

func (c *crowd) onEvent(ctx context.Context, user, method string) error {
	id := c.pick(c.events, user, method == http.MethodDelete)
	if id == "" {
		return c.create(ctx, user)
	}
	var body any
	if method == http.MethodPatch {
		start, end := c.span()
		body = doc{"subject": fmt.Sprint("Moved ", c.roll(1e6)), "start": start, "end": end}
	}
	_, err := c.tenant.outlook(ctx, method, user, "/events/"+url.PathEscape(id), body)
	return err
}

func (c *crowd) series(ctx context.Context, user string) error {
	if id := c.pick(c.masters, user, false); id != "" && c.roll(2) == 0 {
		id = c.pick(c.masters, user, true)
		_, err := c.tenant.outlook(ctx, http.MethodDelete, user, "/events/"+url.PathEscape(id), nil)
		return err
	}
	at := time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, c.roll(20))
	made, err := c.tenant.outlook(ctx, http.MethodPost, user, "/events", doc{"subject": fmt.Sprint("Series ", c.roll(1e6)),
		"start": moment(at), "end": moment(at.Add(time.Hour)), "recurrence": doc{"pattern": doc{"type": "daily", "interval": 1 + c.roll(3)},
			"range": doc{"type": "numbered", "startDate": at.Format(time.DateOnly), "numberOfOccurrences": 3 + c.roll(5)}}})
	c.add(c.masters, user, text(made, "id"))
	return err
}

// exception moves an occurrence of a series, or takes it out.
func (c *crowd) exception(ctx context.Context, user string) error {
	master := c.pick(c.masters, user, false)
	if master == "" {
		return c.series(ctx, user)
	}
	window := url.Values{"startDateTime": {c.tenant.from.Format(time.RFC3339)}, "endDateTime": {c.tenant.to.AddDate(0, 1, 0).Format(time.RFC3339)}}
	var dates []string
	err := c.tenant.each(ctx, c.tenant.Tokens.Everything, c.tenant.Graph+"/v1.0/users/"+user+"/events/"+url.PathEscape(master)+"/instances?"+window.Encode(),
		func(d doc) { dates = append(dates, text(d, "id")) })
	if err != nil || len(dates) == 0 {
		return err
	}
	date := "/events/" + url.PathEscape(dates[c.roll(len(dates))])
	if c.roll(3) == 0 {
		_, err = c.tenant.outlook(ctx, http.MethodDelete, user, date, nil)
	} else {
		_, err = c.tenant.outlook(ctx, http.MethodPatch, user, date, doc{"subject": fmt.Sprint("This once ", c.roll(1e6))})
	}
	return err
}

// calendar makes a calendar besides the default one; a person has two at most.
func (c *crowd) calendar(ctx context.Context, user string) error {
	c.mu.Lock()
	has := len(c.extra[user])
	c.mu.Unlock()
	if has >= 2 {
		return nil
	}
	made, err := c.tenant.outlook(ctx, http.MethodPost, user, "/calendars", doc{"name": fmt.Sprint("Project ", c.roll(1e6))})
	c.add(c.extra, user, text(made, "id"))
	return err
}
