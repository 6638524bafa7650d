package world

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// App is an application that the tenant is delivered with: what a client needs
// to know of it.
type App struct {
	Name        string
	ClientID    string
	Secret      string   // empty where it has none
	Application []string // application permissions, consented
	Delegated   []string // delegated permissions, consented for everybody
}

// Names of delivered apps that others than their readers need to find.
const (
	Everything          = "everything"
	CalendarCertificate = "calendar-certificate"
)

// delivery is an app to be delivered.
type delivery struct {
	Registration
	secret bool
}

// deliveries lists the apps that every tenant is delivered with: one that may do
// everything, one that may only read ids, one that may do nothing, a public one
// for device code and sign-in, one calendar app by secret and one by certificate,
// one that tells who is available, one that sends mail and one that looks for what
// it sent, too. Those that people sign in to have the addresses that programs on this
// machine come back to, among them Graphwarden's, as an administrator registers it.
func deliveries(graph Object) []delivery {
	loopback := []string{"http://localhost", "http://localhost/callback", "http://127.0.0.1", "http://127.0.0.1/callback", "http://localhost/graphwarden"}
	return []delivery{
		{secret: true, Registration: Registration{Name: Everything, MultiTenant: true,
			Web: loopback, Application: values(graph, "appRoles"), Delegated: values(graph, "oauth2PermissionScopes")}},
		{secret: true, Registration: Registration{Name: "reader",
			Application: []string{"Group.Read.All", "Organization.Read.All", "Place.Read.All", "User.Read.All"}}},
		{secret: true, Registration: Registration{Name: "nothing"}},
		{Registration: Registration{Name: "public", MultiTenant: true, Public: true, Native: loopback,
			Delegated: []string{"Calendars.Read", "Calendars.ReadWrite", "Calendars.ReadWrite.Shared", "email", "Group.Read.All",
				"offline_access", "openid", "profile", "User.Read", "User.Read.All"}}},
		{secret: true, Registration: Registration{Name: "calendar", Application: []string{"Calendars.ReadWrite"}}},
		{Registration: Registration{Name: CalendarCertificate, Application: []string{"Calendars.ReadWrite"}}},
		{secret: true, Registration: Registration{Name: "presence",
			Application: []string{"Calendars.Read", "MailboxSettings.Read", "Presence.Read.All"}}},
		{secret: true, Registration: Registration{Name: "mail", Application: []string{"Mail.Send"}}},
		{secret: true, Registration: Registration{Name: "mail-once", Application: []string{"Mail.ReadWrite", "Mail.Send"}}},
	}
}

// Deliver registers the delivered apps, consents to what they ask for and gives
// them with their secrets. All of it follows from the seed.
func (w *World) Deliver(tx *state.Tx) []App {
	graph, _ := w.ServicePrincipal(tx, GraphAppID)
	var out []App
	for _, r := range deliveries(graph) {
		r.AppID = w.stableID("app", r.Name)
		app, principal := w.NewRegistration(tx, r.Registration)
		w.ConsentRequired(tx, app, principal)
		if exchange, ok := w.ServicePrincipal(tx, ExchangeAppID); ok && r.Name == Everything {
			w.AssignRole(tx, principal, exchange, RoleID(exchange, ExchangeManageAsApp))
			w.Consent(tx, principal, exchange, "", []string{ExchangeManage})
		}
		a := App{Name: r.Name, ClientID: r.AppID, Application: r.Application, Delegated: r.Delegated}
		if r.secret {
			a.Secret = shapeSecret(w.Derive("secret", r.Name))
			w.addSecret(tx, app, "delivered", a.Secret, Founded(), Founded().AddDate(100, 0, 0))
		}
		out = append(out, a)
	}
	return out
}

// Founded is when the simulated organisation came to Microsoft 365. It is older
// than any clock that the simulator runs on.
func Founded() time.Time { return time.Date(1999, time.March, 1, 9, 0, 0, 0, time.UTC) }
