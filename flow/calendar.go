package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// writing lists what writing events takes, besides reading one.
func writing() []Operation {
	return []Operation{
		CreateEvent(), CreateEventIn(), UpdateEvent(), DeleteEvent(), CancelEvent(), AcceptEvent(), TentativelyAcceptEvent(), DeclineEvent(),
		FindEvents(), FindEventsIn(), ListInstances(), GetSchedule(),
	}
}

// CreateEvent makes an event in a mailbox's default calendar (graph-facts §7).
func CreateEvent() Operation { return write("event.create", http.MethodPost, "/events") }

// CreateEventIn makes an event in one of a mailbox's calendars.
func CreateEventIn() Operation {
	return write("event.create_in", http.MethodPost, "/calendars/{calendar}/events")
}

// UpdateEvent changes an event, a series or one of its occurrences.
func UpdateEvent() Operation { return write("event.update", http.MethodPatch, "/events/{event}") }

// DeleteEvent deletes an event; attendees of the organizer's are told.
func DeleteEvent() Operation { return write("event.delete", http.MethodDelete, "/events/{event}") }

// CancelEvent cancels the organizer's meeting with a word to the attendees.
func CancelEvent() Operation { return write("event.cancel", http.MethodPost, "/events/{event}/cancel") }

// AcceptEvent accepts an invitation.
func AcceptEvent() Operation { return write("event.accept", http.MethodPost, "/events/{event}/accept") }

// TentativelyAcceptEvent accepts an invitation with reserve.
func TentativelyAcceptEvent() Operation {
	return write("event.tentatively_accept", http.MethodPost, "/events/{event}/tentativelyAccept")
}

// DeclineEvent declines an invitation, which takes the event off the calendar.
func DeclineEvent() Operation {
	return write("event.decline", http.MethodPost, "/events/{event}/decline")
}

// FindEvents finds events of a mailbox by a filter, such as an extended property.
func FindEvents() Operation { return read("events.find", "/v1.0/users/{mailbox}/events") }

// FindEventsIn finds events of one of a mailbox's calendars by a filter.
func FindEventsIn() Operation {
	return read("events.find_in", "/v1.0/users/{mailbox}/calendars/{calendar}/events")
}

// ListInstances lists the occurrences of a series within a window of time.
func ListInstances() Operation {
	return read("event.instances", "/v1.0/users/{mailbox}/events/{event}/instances")
}

// GetSchedule tells when people are free or busy. Its body names their mailboxes,
// each of which is judged (R10). It asks and changes nothing.
func GetSchedule() Operation {
	o := write("schedule.get", http.MethodPost, "/calendar/getSchedule")
	o.others = "schedules"
	return o
}

// Writing says whether the operation changes events, or sends mail.
func (o Operation) Writing() bool {
	return o.Writes() && o.others == "" && (slices.Contains(writing(), o) || o.Mails())
}

func write(name, method, template string) Operation {
	return Operation{name: name, api: Graph, method: method, template: "/v1.0/users/{mailbox}" + template}
}

// NamesOthers says whether the operation's body names mailboxes besides the one in
// its path.
func (o Operation) NamesOthers() bool { return o.others != "" }

// JudgeOthers refuses the body of an operation that NamesOthers unless the mailboxes
// it names, by address or by object id, are exactly those that were decided.
func (o Operation) JudgeOthers(decided []graphwarden.Mailbox, body []byte) error {
	if o.others == "" {
		if len(decided) > 0 && !o.asked { // what an app asks was judged where it was read
			return fmt.Errorf("judging the body of %s: it names no mailboxes", o.name)
		}
		return nil
	}
	named, err := listed(o.others, body)
	if err != nil {
		return fmt.Errorf("judging the body of %s: %w", o.name, err)
	}
	same := func(name string, m graphwarden.Mailbox) bool {
		return name != "" && (o.others == byID && name == m.ID || o.others != byID && strings.EqualFold(name, m.UPN))
	}
	if !slices.EqualFunc(named, decided, same) {
		return fmt.Errorf("judging the body of %s: it names %q, decided was %q", o.name, named, decided)
	}
	return nil
}

// byID is the member that names people by object id; others name them by address.
const byID = "ids"

// listed gives the texts that a JSON object's one member of a name lists, whatever
// the name's case.
func listed(member string, body []byte) ([]string, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, fmt.Errorf("it is not a JSON object")
	}
	var named []string
	found := 0
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("reading a member: %w", err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("reading member %v: %w", key, err)
		}
		if name, _ := key.(string); !strings.EqualFold(name, member) {
			continue
		}
		found++
		if err := json.Unmarshal(value, &named); err != nil {
			return nil, fmt.Errorf("reading %s: %w", member, err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("reading the end: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the object")
	}
	if found != 1 || len(named) == 0 {
		return nil, fmt.Errorf("it has %d members called %s, with %d names in the last", found, member, len(named))
	}
	return named, nil
}
