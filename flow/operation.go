package flow

import (
	"net/http"
	"strings"
)

// API is one of Microsoft's services, as graphwarden.Cloud names their origins.
type API string

// The services that operations speak to.
const (
	Graph API = "graph" // Microsoft Graph, under /v1.0
	Login API = "login" // Entra's authority
	// Session is an upload session: an address that Microsoft made up for one file, on a
	// host of its own, which needs no token.
	Session API = "session"
)

// Operation is a method and path template of a Microsoft API. Operations are
// comparable; the zero Operation is none, and nothing permits it.
type Operation struct {
	name     string
	api      API
	method   string
	template string
	subject  string
	named    bool   // the body names the subject
	others   string // the member of the body that names mailboxes of others, see JudgeOthers
	own      bool   // see Own
	cmdlet   string // see Cmdlet
	mail     string // where in the body the message stands that it is about, see judgeMail
	asked    bool   // see Asked
	shape    string // of one that is asked, see Shape
}

// Name is the operation's name, stable, for decisions and messages.
func (o Operation) Name() string { return o.name }

// API is the service that the operation speaks to.
func (o Operation) API() API { return o.api }

// Method is the HTTP method.
func (o Operation) Method() string { return o.method }

// Template is the path from the API's origin, with a {parameter} for each value.
func (o Operation) Template() string { return o.template }

// Subject is the template of the resource that the operation is about when its
// path does not say, e.g. "users/{mailbox}/events" for a subscription; "" when
// the path says it.
func (o Operation) Subject() string { return o.subject }

// TouchesMailbox says whether the operation reaches into a mailbox, so that its
// caller must say which.
func (o Operation) TouchesMailbox() bool {
	return strings.Contains(o.template+o.subject, "{mailbox}") || o.others != ""
}

// Writes says whether the operation asks for more than an answer: it is recorded
// before it is sent.
func (o Operation) Writes() bool {
	return o.method != http.MethodGet
}

// ListCalendars lists the calendars of a mailbox (graph-facts §7).
func ListCalendars() Operation {
	return read("calendars.list", "/v1.0/users/{mailbox}/calendars")
}

// CalendarDelta reads the changes of one calendar within a window of time. The
// default calendar is read through its id like any other (graph-facts §3.2).
func CalendarDelta() Operation {
	return read("calendar.delta", "/v1.0/users/{mailbox}/calendars/{calendar}/calendarView/delta")
}

// GetCalendar reads one calendar: it is asked for when the list lacks it.
func GetCalendar() Operation {
	return read("calendar.get", "/v1.0/users/{mailbox}/calendars/{calendar}")
}

// GetEvent reads one event by its immutable id, whichever calendar it is in: it
// is asked for when a delta says that it is gone (graph-facts §3.2).
func GetEvent() Operation {
	return read("event.get", "/v1.0/users/{mailbox}/events/{event}")
}

// Subscribe asks to be notified of the changes of a mailbox's events
// (graph-facts §4.1).
func Subscribe() Operation {
	return Operation{
		name: "subscription.create", api: Graph, method: http.MethodPost,
		template: "/v1.0/subscriptions", subject: "users/{mailbox}/events", named: true,
	}
}

// RenewSubscription moves a subscription's expiry. It is also the answer to
// Microsoft's demand to show that it is still permitted (graph-facts §4.5).
func RenewSubscription() Operation {
	return onSubscription("subscription.renew", http.MethodPatch)
}

// Unsubscribe deletes a subscription.
func Unsubscribe() Operation {
	return onSubscription("subscription.delete", http.MethodDelete)
}

// Own says whether the operation reaches only what its registration made itself,
// so that it takes no permission.
func (o Operation) Own() bool { return o.own }

// ListSubscriptions lists the subscriptions of the registration (graph-facts §4.1).
func ListSubscriptions() Operation {
	o := read("subscription.list", "/v1.0/subscriptions")
	o.own = true
	return o
}

// RemoveSubscription deletes a subscription that belongs to no mailbox of any
// flow any more.
func RemoveSubscription() Operation {
	return Operation{
		name: "subscription.remove", api: Graph, method: http.MethodDelete,
		template: "/v1.0/subscriptions/{subscription}", own: true,
	}
}

// ListMembers lists the members of a group, also through other groups.
func ListMembers() Operation {
	return read("group.members", "/v1.0/groups/{group}/transitiveMembers")
}

// GetUser reads one user of the directory, by object id or by name.
func GetUser() Operation {
	return read("user.get", "/v1.0/users/{user}")
}

// ObtainToken asks Entra for a token (graph-facts §1.1).
func ObtainToken() Operation {
	return Operation{
		name: "token.obtain", api: Login, method: http.MethodPost,
		template: "/{tenant}/oauth2/v2.0/token",
	}
}

// RequestDeviceCode asks Entra for a code that a person enters in a browser
// anywhere (graph-facts §1.3).
func RequestDeviceCode() Operation {
	return Operation{
		name: "device.begin", api: Login, method: http.MethodPost,
		template: "/{tenant}/oauth2/v2.0/devicecode",
	}
}

func read(name, template string) Operation {
	return Operation{name: name, api: Graph, method: http.MethodGet, template: template}
}

// onSubscription is an operation on a subscription that exists. Its path does
// not name the mailbox, so the caller must, as the subscription was stored.
func onSubscription(name, method string) Operation {
	return Operation{
		name: name, api: Graph, method: method,
		template: "/v1.0/subscriptions/{subscription}", subject: "users/{mailbox}/events",
	}
}
