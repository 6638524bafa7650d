// Package deliver brings changes to the sinks of apps: as signed webhooks after
// Standard Webhooks, as rows of a table, or as a stream that apps read. It
// promises that a change is sent under one id until it is acknowledged, or set
// aside after three days of refusals; that the changes of one item arrive in
// order; and that neither an item that is refused nor a sink that is down holds up
// another. It refuses to show what a person wrote in a private item, unless a sink
// is declared to be shown it.
package deliver
