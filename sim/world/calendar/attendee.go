package calendar

import (
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// mostAttendees is how many attendees an event may have (documentation of the
// event resource).
const mostAttendees = 500

// attendees takes the list of those invited over. Somebody who was invited
// before keeps the answer given.
func (r *reading) attendees(name string, v any) error {
	values, ok := v.([]any)
	if !ok && v != nil {
		return outlook.BadProperty(name, "a collection is expected.")
	}
	if len(values) > mostAttendees {
		return outlook.Refuse(http.StatusBadRequest, "ErrorExceededMaxRecipientLimitShortMessage",
			"An event has at most %d attendees, this one would have %d.", mostAttendees, len(values))
	}
	before := *r.Event
	r.Attendees = nil
	for _, value := range values {
		a, err := r.oneAttendee(name, value)
		if err != nil {
			return err
		}
		if i := before.attendee(a.Address); i >= 0 && !r.asGiven {
			a.Response, a.Proposed = before.Attendees[i].Response, before.Attendees[i].Proposed
		}
		if r.attendee(a.Address) < 0 {
			r.Attendees = append(r.Attendees, a)
		}
	}
	return nil
}

func (r *reading) oneAttendee(name string, v any) (Attendee, error) {
	d, _ := v.(Doc)
	person, err := r.c.boxes.ReadPerson(r.tx, d)
	if err != nil {
		return Attendee{}, err
	}
	a := Attendee{Person: person, Response: Response{Given: none}}
	if a.Type, err = outlook.Enum(name+".type", d["type"], "required", "optional", "resource"); err != nil {
		return a, err
	}
	if status, ok := d["status"].(Doc); ok && r.asGiven {
		a.Response, err = readResponse(name, status)
	}
	return a, err
}

func readResponse(name string, d Doc) (Response, error) {
	given, err := outlook.Enum(name+".status.response", d["response"], none, organizer, tentative, accepted, declined, notResponded)
	r := Response{Given: given}
	if at, bad := time.Parse(time.RFC3339, outlook.Text(d, "time")); bad == nil && at.Year() > 1 {
		r.At = at.UTC()
	}
	return r, err
}

// Doc writes the answer.
func (r Response) Doc() Doc {
	return Doc{"response": r.Given, "time": outlook.Timestamp(r.At)}
}

// Doc writes the attendee; times in zone z.
func (a Attendee) Doc(z outlook.Zone) Doc {
	d := a.Person.Doc()
	d["type"] = a.Type
	d["status"] = a.Response.Doc()
	if a.Proposed != nil {
		d["proposedNewTime"] = Doc{"start": a.Proposed.Start.Doc(z), "end": a.Proposed.End.Doc(z)}
	}
	return d
}
