// Package graph speaks Microsoft Graph: calendars, delta pages, subscriptions,
// users. It promises to hand items on as Graph sent them, to follow Graph's links
// without rebuilding them, and to translate Graph's errors once, here, into
// refusals, waits and graphwarden.ErrResync. It keeps nothing and repeats
// nothing; the rooms above decide what to do about an outcome.
package graph
