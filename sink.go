package graphwarden

import "time"

// SinkKind is how a sink takes changes.
type SinkKind string

// The kinds of sink.
const (
	Webhook SinkKind = "webhook" // signed requests to a URL
	Table   SinkKind = "table"   // rows that SQL readers use, in the store
	Nowhere SinkKind = "none"    // nothing is sent; apps read the stream of changes
)

// Sink is where an app's changes go. It reads the change sequence of its flow
// with a cursor of its own.
type Sink struct {
	Name  string // unique in the configuration
	App   string
	Flow  string
	Kind  SinkKind // "" is Webhook
	URL   string   // of a webhook
	Shape string   // how it shows items, in words that differ when that differs
}

// SinkState is how a sink is doing.
type SinkState struct {
	Sink
	Disabled     string    // why nothing is sent, or ""
	DisabledAt   time.Time // since when
	Cursor       int64     // the last change that is delivered or has failed
	Pending      int       // changes that are not delivered yet, failed ones among them
	OldestAt     time.Time // when the oldest of them was stored; zero without any
	Failing      int       // deliveries that failed at least once and will be tried again
	NextAt       time.Time // when the next of them is tried at the earliest; zero without any, and while it is disabled
	Dead         int       // dead letters
	Taken        int64     // attempts that were acknowledged, ever
	Refused      int64     // attempts that failed, ever
	TakenAt      time.Time // when something was last acknowledged
	FailingSince time.Time // since when every attempt fails; zero while some are taken
	Reason       string    // why the last attempt failed
	Replaying    int       // replays that are under way
}
