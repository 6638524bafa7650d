package calendar

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// docs writes events for a list.
func (f *family) docs(c *wire.Call, p place, events []*calendar.Event) (wire.Answer, error) {
	v, err := look(c, p.role)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(p.box.Owner, p.holds.ID().Rest(), world.Read)
	from, to := shown(c, len(events))
	out := make([]wire.Doc, len(events))
	for i := from; i < to; i++ {
		out[i] = f.whole(c, events[i], v)
	}
	return wire.List(out), nil
}

// shown says which of n events must be written: where nothing is filtered or
// sorted, only those on the page. The kernel does not look at the others.
func shown(c *wire.Call, n int) (from, to int) {
	size, err := c.PageSize()
	if err != nil || c.Query.Filter != nil || len(c.Query.OrderBy) > 0 {
		return 0, n
	}
	if c.Query.Skip != nil {
		from = min(*c.Query.Skip, n)
	}
	return from, min(from+size, n)
}

// one writes an event.
func (f *family) one(c *wire.Call, p place, e *calendar.Event) (wire.Doc, error) {
	v, err := look(c, p.role)
	if err != nil {
		return nil, err
	}
	return f.whole(c, e, v), nil
}

func (f *family) list(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := p.readable(); err != nil {
		return wire.Answer{}, err
	}
	return f.docs(c, p, f.cal.List(c.Tx, p.holds.Key))
}

func (f *family) create(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := p.writable(); err != nil {
		return wire.Answer{}, err
	}
	e, err := f.cal.Create(c.Tx, p.holds, c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(e.Mailbox, e.ID().Rest(), world.Create)
	d, err := f.one(c, p, e)
	return created(c, d), err
}

func (f *family) get(c *wire.Call) (wire.Answer, error) {
	p, e, err := f.event(c)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(e.Mailbox, e.ID().Rest(), world.Read)
	d, err := f.one(c, p, e)
	return wire.Entity(d), err
}

func (f *family) update(c *wire.Call) (wire.Answer, error) {
	p, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	if e, err = f.cal.Update(c.Tx, e, c.Body); err != nil {
		return wire.Answer{}, err
	}
	d, err := f.one(c, p, e)
	return wire.Entity(d), err
}

func (f *family) remove(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Delete)
	if err != nil {
		return wire.Answer{}, err
	}
	f.cal.Delete(c.Tx, e)
	return wire.Empty(http.StatusNoContent), nil
}

func (f *family) instances(c *wire.Call) (wire.Answer, error) {
	p, e, err := f.event(c)
	if err != nil {
		return wire.Answer{}, err
	}
	from, to, err := readWindow(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return f.docs(c, p, f.cal.Instances(c.Tx, e, from, to))
}

func (f *family) cancel(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Delete)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Empty(http.StatusAccepted), f.cal.Cancel(c.Tx, e)
}

// forward needs no right to write: the invitation is passed on, the event stays.
func (f *family) forward(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.event(c)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(e.Mailbox, e.ID().Rest(), world.Send)
	return wire.Empty(http.StatusAccepted), f.cal.Forward(c.Tx, e, param[[]any](c, "ToRecipients"))
}

func (f *family) respond(verb string) func(*wire.Call) (wire.Answer, error) {
	return func(c *wire.Call) (wire.Answer, error) {
		_, e, err := f.changeable(c, world.Update)
		if err != nil {
			return wire.Answer{}, err
		}
		answer, err := calendar.ReadAnswer(verb, c.Body)
		if err != nil {
			return wire.Answer{}, err
		}
		return wire.Empty(http.StatusAccepted), f.cal.Respond(c.Tx, e, answer)
	}
}

func (f *family) snooze(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	until, err := outlook.ReadMoment("newReminderTime", param[any](c, "NewReminderTime"))
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Empty(http.StatusOK), f.cal.Snooze(c.Tx, e, until.At)
}

func (f *family) dismiss(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Empty(http.StatusOK), f.cal.Dismiss(c.Tx, e)
}
