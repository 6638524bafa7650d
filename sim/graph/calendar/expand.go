package calendar

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// eventExpanders give the navigation properties of an event that $expand knows
// (documentation of the event resource, relationships).
func (f *family) eventExpanders() map[string]wire.Expander {
	return map[string]wire.Expander{
		"attachments": f.expand(func(c *wire.Call, _ place, e *calendar.Event) (any, error) {
			return f.cal.AttachmentDocs(c.Tx, e, c.Immutable()), nil
		}),
		"extensions": f.expand(func(_ *wire.Call, _ place, e *calendar.Event) (any, error) {
			return append([]wire.Doc{}, e.Extensions...), nil
		}),
		"calendar": f.expand(func(c *wire.Call, p place, e *calendar.Event) (any, error) {
			x, err := f.boxes.Calendar(c.Tx, e.Mailbox, e.Calendar)
			return f.boxes.CalendarDoc(c.Tx, x, p.role), err
		}),
		"instances":                     f.expand(f.expandInstances),
		"exceptionOccurrences":          f.expand(f.expandExceptions),
		"singleValueExtendedProperties": extendedOf("singleValueExtendedProperties"),
		"multiValueExtendedProperties":  extendedOf("multiValueExtendedProperties"),
	}
}

// expand finds the event that a document shows. What may not be read is not
// expanded either.
func (f *family) expand(get func(*wire.Call, place, *calendar.Event) (any, error)) wire.Expander {
	return func(c *wire.Call, d wire.Doc) (any, error) {
		p, err := f.find(c)
		if err != nil {
			return nil, err
		}
		if basic(c) || p.role != mailbox.Owner && !p.role.Reads() {
			return nil, wire.NoAccess()
		}
		e, err := f.cal.ByID(c.Tx, p.box.Owner, outlook.Text(d, "id"))
		if err != nil {
			return nil, err
		}
		return get(c, p, e)
	}
}

// expandInstances gives the occurrences in the window that the call has, or of
// the year from the start of the series.
func (f *family) expandInstances(c *wire.Call, p place, e *calendar.Event) (any, error) {
	from, to := e.Start.At, e.Start.At.Add(366*24*time.Hour)
	if c.Param("startDateTime") != "" {
		var err error
		if from, to, err = readWindow(c); err != nil {
			return nil, err
		}
	}
	return f.docsOf(c, p, f.cal.Instances(c.Tx, e, from, to))
}

func (f *family) expandExceptions(c *wire.Call, p place, e *calendar.Event) (any, error) {
	return f.docsOf(c, p, f.cal.Exceptions(c.Tx, e))
}

func (f *family) docsOf(c *wire.Call, p place, events []*calendar.Event) (any, error) {
	v, err := look(c, p.role)
	if err != nil {
		return nil, err
	}
	out := make([]wire.Doc, len(events))
	for i, e := range events {
		out[i] = f.whole(c, e, v)
	}
	return out, nil
}

// extendedOf gives the extended properties that the document was written with;
// which of them, the filter in $expand says.
func extendedOf(name string) wire.Expander {
	return func(_ *wire.Call, d wire.Doc) (any, error) {
		values, _ := d[name].([]any)
		out := []wire.Doc{}
		for _, v := range values {
			if x, ok := v.(wire.Doc); ok {
				out = append(out, x)
			}
		}
		return out, nil
	}
}
