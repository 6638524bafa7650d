package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/zone"
)

// Schedule is when somebody is free or busy, as others may ask for it.
type Schedule struct {
	Mailbox string // object id
	Zone    string // of the working hours; "" when it is not said
	Items   []ScheduleItem
	Problem string // why it is not known, in Microsoft's words, or ""
}

// ScheduleItem is a time that is not free. What it is about is not read.
type ScheduleItem struct {
	ShowAs     string
	Start, End time.Time
	Private    bool
}

// Settings are a mailbox's own.
type Settings struct {
	Zone string
	// Replies says whether automatic replies go out: "disabled", "alwaysEnabled", or
	// "scheduled", from Start to End.
	Replies    string
	Start, End time.Time
}

// Presence is what Teams knows of somebody.
type Presence struct {
	Mailbox      string // object id
	Availability string
	Activity     string
}

// clock is Graph's dateTimeTimeZone.
type clock struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

func onClock(t time.Time) clock { return clock{t.UTC().Format("2006-01-02T15:04:05"), "UTC"} }

// time reads what a clock shows. Nothing but UTC is asked for.
func (c clock) time() (time.Time, error) {
	loc, err := zone.Load(c.TimeZone)
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation("2006-01-02T15:04:05", c.DateTime, loc)
}

// Schedules asks through one mailbox when some people are free or busy
// (documentation of getSchedule; graph-facts §7).
func (g *Graph) Schedules(ctx context.Context, f flow.Flow, through graphwarden.Mailbox, people []graphwarden.Mailbox, from, to time.Time) ([]Schedule, error) {
	names := make([]string, len(people))
	ids := map[string]string{}
	for i, p := range people {
		names[i], ids[strings.ToLower(p.UPN)] = p.UPN, p.ID
	}
	question := struct {
		Schedules []string `json:"schedules"`
		Start     clock    `json:"startTime"`
		End       clock    `json:"endTime"`
		Interval  int      `json:"availabilityViewInterval"`
	}{names, onClock(from), onClock(to), 60}
	var said struct {
		Value []struct {
			ID    string `json:"scheduleId"`
			Items []struct {
				Status  string `json:"status"`
				Start   clock  `json:"start"`
				End     clock  `json:"end"`
				Private bool   `json:"isPrivate"`
			} `json:"scheduleItems"`
			Hours struct {
				Zone struct {
					Name string `json:"name"`
				} `json:"timeZone"`
			} `json:"workingHours"`
			Error *struct {
				Code string `json:"responseCode"`
			} `json:"error"`
		} `json:"value"`
	}
	err := g.askAbout(ctx, f, through, gate.Call{Operation: flow.GetSchedule(), Others: people}, question, &said)
	if err != nil {
		return nil, fmt.Errorf("asking when %d people are free: %w", len(people), err)
	}
	var out []Schedule
	for _, v := range said.Value {
		s := Schedule{Mailbox: ids[strings.ToLower(v.ID)], Zone: v.Hours.Zone.Name}
		if v.Error != nil {
			s.Problem = v.Error.Code
		}
		for _, i := range v.Items {
			start, err1 := i.Start.time()
			end, err2 := i.End.time()
			if err1 != nil || err2 != nil {
				s.Problem = "a time that cannot be read"
				continue
			}
			s.Items = append(s.Items, ScheduleItem{i.Status, start, end, i.Private})
		}
		if s.Mailbox != "" {
			out = append(out, s)
		}
	}
	return out, nil
}

// Presences asks what Teams knows of some people, 650 at most (graph-facts §7).
func (g *Graph) Presences(ctx context.Context, f flow.Flow, people []graphwarden.Mailbox) ([]Presence, error) {
	if len(people) == 0 {
		return nil, nil
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	var said struct {
		Value []struct {
			ID           string `json:"id"`
			Availability string `json:"availability"`
			Activity     string `json:"activity"`
		} `json:"value"`
	}
	question := map[string][]string{"ids": ids}
	if err := g.askAbout(ctx, f, people[0], gate.Call{Operation: flow.GetPresences(), Others: people}, question, &said); err != nil {
		return nil, fmt.Errorf("asking Teams about %d people: %w", len(people), err)
	}
	out := make([]Presence, len(said.Value))
	for i, v := range said.Value {
		out[i] = Presence{v.ID, v.Availability, v.Activity}
	}
	return out, nil
}

// askAbout asks a question about people.
func (g *Graph) askAbout(ctx context.Context, f flow.Flow, through graphwarden.Mailbox, c gate.Call, question, into any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("writing the question: %w", err)
	}
	c.Body = body
	answer, err := g.ask(ctx, f, through, http.StatusOK, c)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

// Settings reads the time zone and the automatic replies of a mailbox; not what
// the replies say.
func (g *Graph) Settings(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) (Settings, error) {
	body, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{Operation: flow.GetSettings()})
	if err != nil {
		return Settings{}, fmt.Errorf("reading the settings of %s: %w", m.UPN, err)
	}
	var said struct {
		Zone    string `json:"timeZone"`
		Replies struct {
			Status string `json:"status"`
			Start  *clock `json:"scheduledStartDateTime"`
			End    *clock `json:"scheduledEndDateTime"`
		} `json:"automaticRepliesSetting"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return Settings{}, fmt.Errorf("reading the settings of %s: %w", m.UPN, err)
	}
	s := Settings{Zone: said.Zone, Replies: said.Replies.Status}
	for _, at := range []struct {
		from *clock
		into *time.Time
	}{{said.Replies.Start, &s.Start}, {said.Replies.End, &s.End}} {
		if s.Replies != "scheduled" || at.from == nil {
			continue
		}
		if *at.into, err = at.from.time(); err != nil {
			return Settings{}, fmt.Errorf("reading the automatic replies of %s: %w", m.UPN, err)
		}
	}
	return s, nil
}
