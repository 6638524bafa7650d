package flow

import "slices"

// Direction is which way a kind of flow moves things, seen from the app.
type Direction string

// The directions.
const (
	In    Direction = "in"    // out of Microsoft 365, into the app
	Both  Direction = "both"  // out of it and into it
	Out   Direction = "out"   // out of the app, into Microsoft 365
	House Direction = "house" // for Graphwarden's own needs
)

// Kind is a kind of flow: what it is for and the operations it may perform.
type Kind struct {
	name       string
	direction  Direction
	operations []Operation
}

// Name is the kind's name, as a configuration writes it.
func (k Kind) Name() string { return k.name }

// Direction is which way the kind moves things.
func (k Kind) Direction() Direction { return k.direction }

// Operations lists what flows of the kind may perform, and nothing else.
func (k Kind) Operations() []Operation { return slices.Clone(k.operations) }

// Lists says whether one of the kind's operations has the shape of another.
func (k Kind) Lists(o Operation) bool {
	shape := o.Shape()
	return slices.ContainsFunc(k.operations, func(mine Operation) bool { return mine.Shape() == shape })
}

// Calendar brings the events of mailboxes to the app and is woken by
// notifications.
func Calendar() Kind {
	return Kind{"calendar", In, []Operation{
		ListCalendars(), GetCalendar(), CalendarDelta(), GetEvent(), Subscribe(), RenewSubscription(), Unsubscribe(),
	}}
}

// CalendarWriting is Calendar with what it takes to write events, too. Towards is
// Both, or Out for flows that only write; any other direction gives Calendar.
func CalendarWriting(towards Direction) Kind {
	switch towards {
	case Both:
		return Kind{"calendar", Both, append(Calendar().operations, writing()...)}
	case Out:
		return Kind{"calendar", Out, append(writing(), GetEvent())}
	}
	return Calendar()
}

// Reads says whether flows of the kind bring changes to the app.
func (k Kind) Reads() bool { return k.direction == In || k.direction == Both }

// Events says whether apps work with the events of mailboxes through flows of the
// kind. A presence flow reads calendars for itself, and gives away no event.
func (k Kind) Events() bool { return k.name == Calendar().name }

// MayWrite says whether flows of the kind write into Microsoft 365.
func (k Kind) MayWrite() bool { return k.direction == Both || k.direction == Out }

// Reader finds the object ids of users by their names, so that no flow's own
// registration needs a permission for it.
func Reader() Kind {
	return Kind{"reader", House, []Operation{GetUser()}}
}

// Members reads the members of groups, for flows whose scope names groups.
func Members() Kind {
	return Kind{"members", House, []Operation{ListMembers()}}
}

// Keeper lists the subscriptions that a registration owns, and deletes those that
// no flow wants. Who made them may do so; it takes no further permission.
func Keeper() Kind {
	return Kind{"keeper", House, []Operation{ListSubscriptions(), RemoveSubscription()}}
}

// SignIn obtains the tokens of one registration.
func SignIn() Kind {
	return Kind{"sign-in", House, []Operation{ObtainToken(), RequestDeviceCode()}}
}

// Named finds the kind that a configuration names; house kinds are not for apps
// to declare.
func Named(name string) (Kind, bool) {
	for _, kind := range []Kind{Calendar(), Presence(PresenceWants{}), MailSend(Least), Through(nil)} {
		if name == kind.name {
			return kind, true
		}
	}
	return Kind{}, false
}
