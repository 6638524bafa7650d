package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/act"
)

// MeetingQuestion asks when people could meet. The organizer is the mailbox of the path.
type MeetingQuestion struct {
	People   []string        `json:"people" rule:"max=19" doc:"who is to come beside the organizer: mailboxes that the same flow names, by name or id" example:"anna@contoso.com"`
	Others   int             `json:"others" rule:"min=0,max=100" doc:"how many more are to come of whom nothing can be known; each counts as 49 % sure"`
	Start    json.RawMessage `json:"start" rule:"required,object" doc:"as Graph's dateTimeTimeZone"`
	End      json.RawMessage `json:"end" rule:"required,object" doc:"as Graph's dateTimeTimeZone; up to 62 days after start"`
	Minutes  int             `json:"duration_minutes" rule:"min=0,max=1440" doc:"how long; 30 when nothing or 0 is said" example:"45"`
	Hours    string          `json:"hours" rule:"oneof=work|personal|unrestricted" doc:"work: the organizer's working hours (the default); personal: and weekends; unrestricted: any"`
	Most     int             `json:"most" rule:"min=0,max=100" doc:"how many times are suggested at most; 20 when nothing or 0 is said" example:"5"`
	Least    *int            `json:"least_percent" rule:"min=0,max=100" doc:"how sure it has to be that people can come; 50 when nothing is said"`
	Optional bool            `json:"organizer_optional" doc:"the organizer need not be free"`
}

// MeetingTimes are times when people could meet.
type MeetingTimes struct {
	Source string        `json:"source" rule:"oneof=graphwarden" doc:"who suggests: Graphwarden, from the free and busy times that Microsoft gave (getSchedule), ranked as Microsoft documents findMeetingTimes"`
	Items  []MeetingTime `json:"items" doc:"the surest first, and of those that are as sure the earliest"`
	Why    string        `json:"empty_reason,omitempty" rule:"oneof=attendeesUnavailable|attendeesUnavailableOrUnknown|organizerUnavailable|unknown" doc:"why there is none, in Graph's words"`
}

// MeetingTime is a time when people could meet.
type MeetingTime struct {
	Start      time.Time        `json:"start" doc:"in UTC"`
	End        time.Time        `json:"end" doc:"in UTC"`
	Confidence float64          `json:"confidence" doc:"how sure it is that people can come, in per cent: who is free counts 100, who is tentative or not known 49, who is busy 0" example:"100"`
	Organizer  string           `json:"organizer" rule:"oneof=free|tentative|busy|oof|workingElsewhere|unknown" doc:"what the organizer is then" example:"free"`
	People     []MeetingsPerson `json:"people" doc:"what each of the people is then, by name"`
}

// MeetingsPerson is what somebody is at a time.
type MeetingsPerson struct {
	Mailbox      string `json:"mailbox" doc:"the person's" example:"anna@contoso.com"`
	Availability string `json:"availability" rule:"oneof=free|tentative|busy|oof|workingElsewhere|unknown" doc:"what the person is then" example:"free"`
}

func (a *API) meetingTimes(r *http.Request) (any, error) {
	var in MeetingQuestion
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	found, err := a.config.Asks.Meet(r.Context(), act.Meet{Target: target(r), People: in.People, Others: in.Others, Start: in.Start, End: in.End,
		Minutes: in.Minutes, Hours: in.Hours, Most: in.Most, Least: in.Least, Optional: in.Optional})
	if err != nil {
		return nil, err
	}
	out := MeetingTimes{Source: "graphwarden", Items: []MeetingTime{}, Why: found.Why}
	for _, m := range found.List {
		t := MeetingTime{Start: m.Start.UTC(), End: m.End.UTC(), Confidence: m.Confidence, Organizer: m.Organizer, People: []MeetingsPerson{}}
		for _, name := range slices.Sorted(maps.Keys(m.People)) {
			t.People = append(t.People, MeetingsPerson{name, m.People[name]})
		}
		out.Items = append(out.Items, t)
	}
	return out, nil
}
