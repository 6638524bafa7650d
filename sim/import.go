package sim

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world/ics"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// importAhead is for how many years single events stand for what Graph has no
// pattern for.
const importAhead = 5

// importLimit is the most that one file may hold.
const importLimit = 64 << 20

// imported says what became of a file.
type imported struct {
	Events   []string `json:"events"`   // ids, in the order of the file
	Findings []string `json:"findings"` // what Graph could not take as it was
}

// importFile puts what a file holds into a mailbox: POST /sim/import?mailbox=UPN
// with text/calendar; calendar names one beside the mailbox's own.
func (s *Sim) importFile(w http.ResponseWriter, r *http.Request) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "text/calendar" {
		complain(w, http.StatusUnsupportedMediaType, fmt.Errorf("the simulator imports text/calendar, not %q", kind))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, importLimit))
	if err != nil {
		complain(w, http.StatusBadRequest, fmt.Errorf("reading the file: %w", err))
		return
	}
	q := r.URL.Query()
	file := q.Get("file")
	if file == "" {
		file = "the file"
	}
	out, err := s.Import(q.Get("mailbox"), q.Get("calendar"), file, body)
	if err != nil {
		complain(w, http.StatusBadRequest, err)
		return
	}
	tell(w, http.StatusOK, out)
}

// Import puts the events of an iCalendar file on a calendar of a user, all or
// none. Without a name it is the user's own calendar; a calendar that is not
// there is made, and so is the mailbox of a user who has none. The file's name is
// for the findings.
func (s *Sim) Import(user, calendar, file string, content []byte) (any, error) {
	items, findings, err := ics.Parse(bytes.NewReader(content), ics.Options{File: file, Horizon: s.World.Clock().Now().AddDate(importAhead, 0, 0)})
	if err != nil {
		return nil, err
	}
	out := imported{Events: []string{}, Findings: []string{}}
	for _, f := range findings {
		out.Findings = append(out.Findings, f.String())
	}
	err = s.World.Update(func(tx *state.Tx) error {
		x, err := s.calendarNamed(tx, user, calendar)
		if err != nil {
			return err
		}
		for _, item := range items {
			e, said, err := s.graph.Calendars.Import(tx, x, item)
			if err != nil {
				return err
			}
			out.Events = append(out.Events, e.ID().Immutable())
			out.Findings = append(out.Findings, said...)
		}
		return nil
	})
	return out, err
}

// calendarNamed finds a user's calendar, or makes it.
func (s *Sim) calendarNamed(tx *state.Tx, user, name string) (mailbox.Calendar, error) {
	owner, ok := s.World.User(tx, user)
	if !ok {
		return mailbox.Calendar{}, fmt.Errorf("the tenant has no user %q", user)
	}
	if _, err := s.graph.Mailboxes.Get(tx, owner.ID); err != nil {
		s.graph.Mailboxes.Add(tx, owner.ID, mailbox.ForUser, "UTC")
	}
	if name == "" {
		return s.graph.Mailboxes.Calendar(tx, owner.ID, "")
	}
	for _, x := range s.graph.Mailboxes.Calendars(tx, owner.ID) {
		if x.Name == name {
			return x, nil
		}
	}
	x, err := s.graph.Mailboxes.AddCalendar(tx, owner.ID, mailbox.Calendar{Name: name, Color: "auto"})
	if err != nil {
		return x, fmt.Errorf("making the calendar %q: %w", name, err)
	}
	return x, nil
}
