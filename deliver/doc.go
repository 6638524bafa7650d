// Package deliver brings changes to the sinks of apps, as signed webhooks after
// Standard Webhooks. It promises that a change is sent until it is acknowledged,
// under the same id each time; that the changes of one item arrive in order; and
// that neither an item that is refused nor a sink that is down holds up another.
package deliver
