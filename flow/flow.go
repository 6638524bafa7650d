package flow

import "github.com/graphwarden/graphwarden"

// Flow is what one app does with one tenant. Flows are declared; permissions and
// decisions follow from them.
type Flow struct {
	Name         string // unique in the configuration
	App          string // App.Name
	Kind         Kind
	Tenant       string // Tenant.Name
	Registration string // whose token it uses; "" when it needs none
	Mailboxes    graphwarden.MailboxScope
	Groups       []string // object ids of groups whose members belong to Mailboxes
	// Whole says that Mailboxes is all of the scope, as far as it was ever read:
	// what is not in it has left.
	Whole bool
	// People says that the flow works in the mailboxes of those who signed in for its
	// app, each with their own token.
	People bool
	// DefaultOnly has no calendar read but each mailbox's default one.
	DefaultOnly bool
	Reach       graphwarden.Reach // what part of the calendars, for kind calendar
	// ShowsPrivate says that the app is shown private events whole (private: full).
	// Else it is shown when they are, or nothing, and may not ask about the rest by
	// writing either.
	ShowsPrivate bool
	// Recipients are the domains to which a flow of kind mail-send sends; none means
	// all.
	Recipients []string
	// Conflicts says who wins when an app changes what it did not know had changed.
	Conflicts Conflicts
}

// Conflicts says whose version stays when an app changes an item that was changed
// in Microsoft 365 meanwhile. The version that loses is kept here.
type Conflicts string

// The ways of settling conflicts; "" is RefuseConflicts.
const (
	RefuseConflicts Conflicts = "refuse"         // the app's write is refused
	MicrosoftWins   Conflicts = "microsoft-wins" // the app's write is dropped
	AppWins         Conflicts = "app-wins"       // the app's write is made all the same
)

// ForReader is the house's own flow that reads users through a registration.
func ForReader(r graphwarden.Registration) Flow {
	return Flow{
		Name: "reader/" + r.Name, App: graphwarden.House, Kind: Reader(),
		Tenant: r.Tenant, Registration: r.Name,
	}
}

// ForKeeper is the house's own flow that looks after the subscriptions which a
// registration owns and no flow wants any more.
func ForKeeper(r graphwarden.Registration) Flow {
	return Flow{
		Name: "keeper/" + r.Name, App: graphwarden.House, Kind: Keeper(),
		Tenant: r.Tenant, Registration: r.Name,
	}
}

// ForMembers is the house's own flow that reads the members of groups. It is
// there only when a flow names groups.
func ForMembers(r graphwarden.Registration) Flow {
	return Flow{
		Name: "members/" + r.Name, App: graphwarden.House, Kind: Members(),
		Tenant: r.Tenant, Registration: r.Name,
	}
}

// ForSignIn is the house's own flow that obtains the tokens of a registration.
func ForSignIn(r graphwarden.Registration) Flow {
	return Flow{
		Name: "sign-in/" + r.Name, App: graphwarden.House, Kind: SignIn(),
		Tenant: r.Tenant,
	}
}
