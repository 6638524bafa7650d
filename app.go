package graphwarden

// App is a program of the user's that Graphwarden serves. Its name appears in
// decisions, in the ledger and on deliveries.
type App struct {
	Name string
}

// House is the app in whose name Graphwarden calls for its own needs, such as
// pinning the mailbox ids of a connection.
const House = "graphwarden"
