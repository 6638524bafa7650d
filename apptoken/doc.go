// Package apptoken lets apps in by tokens that their own tenant issued them for
// Graphwarden's API. It promises that only an app's own token passes, of a tenant and a
// client that the configuration names, signed with a key which that tenant published
// within a day, in its time, from the networks that were allowed. It refuses tokens of
// people, and tokens for Microsoft's own APIs, which are to be shown to nobody else.
package apptoken
