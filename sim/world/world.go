// Package world is the simulated Microsoft 365 tenant: its state, its rules and
// its change log, without any protocol. It promises that what one caller writes
// every other sees, and that every change is on the log that delta queries and
// notifications are made from. It refuses what Microsoft 365 refuses, by the
// rules whose sources stand beside them.
package world

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Doc is a resource as Microsoft Graph writes it in JSON: strings, float64s,
// bools, nils, []any and Docs. A stored Doc is never changed in place.
type Doc = map[string]any

// Options say what tenant a World holds.
type Options struct {
	Seed    uint64
	Domain  string           // the tenant's default domain, e.g. "contoso.example"
	Name    string           // the organisation's name
	Journal string           // the journal's file; empty: nothing is kept
	Base    string           // what the tenant is built from, as state.Options has it
	Now     func() time.Time // the time outside; nil: time.Now
}

// World is one simulated tenant.
type World struct {
	*state.Store
	TenantID string
	Domain   string
	Name     string

	Objects *state.Table[Object] // every directory object, by object id
	byType  *state.Index[Object]
	byKey   *state.Index[Object]
	Links   *state.Table[Link]
	from    *state.Index[Link]
	to      *state.Index[Link]

	Grants    *state.Table[Doc] // appRoleAssignments, by id
	grantedTo *state.Index[Doc]
	grantedOn *state.Index[Doc]
	Consents  *state.Table[Doc] // oauth2PermissionGrants, by id
	consented *state.Index[Doc]
	Secrets   *state.Table[Secret]
	// SecretDelay is how long a new client secret takes to work. It is read and
	// set in transactions that write.
	SecretDelay time.Duration
	Passwords   *state.Table[Password]
	Revoked     *state.Table[time.Time] // when a user's sign-ins were revoked, by user
	Keys        *state.Table[Key]       // private keys of the tenant and its apps, by use

	// ExchangeDelay is how long Exchange takes to go by what it is told; nil: its own
	// 30 minutes to 2 hours. It is read and set in transactions that write.
	ExchangeDelay *time.Duration

	Policies    *state.Table[AccessPolicy]
	Assignments *state.Table[ExchangeAssignment]
	Referred    *state.Table[ExchangePrincipal] // by client id
	Scopes      *state.Table[ManagementScope]   // by name in lower case

	Settings *state.Table[Doc] // tenant-wide groupSettings, by id

	Classifications *state.Table[Classification]
	classified      *state.Index[Classification]

	seed    uint64
	changes *state.Log[Change]
	pending pending
}

// New makes an empty world. Callers that keep tables of their own make them
// next, and then call Open.
func New(o Options) *World {
	s := state.New(state.Options{Path: o.Journal, Base: o.Base, Seed: o.Seed, Now: o.Now})
	w := &World{Store: s, Domain: o.Domain, Name: o.Name, TenantID: StableID(o.Seed, "tenant"), seed: o.Seed}
	w.Objects = state.NewTable[Object](s, "objects")
	w.byType = state.NewIndex(w.Objects, func(o Object) []string { return []string{o.typeKey()} })
	w.byKey = state.NewIndex(w.Objects, Object.keys)
	w.Links = state.NewTable[Link](s, "links")
	w.from = state.NewIndex(w.Links, func(l Link) []string { return []string{l.From + "|" + l.Rel} })
	w.to = state.NewIndex(w.Links, func(l Link) []string { return []string{l.To + "|" + l.Rel} })
	w.Grants = state.NewTable[Doc](s, "grants")
	w.grantedTo = state.NewIndex(w.Grants, func(d Doc) []string { return []string{Text(d, "principalId")} })
	w.grantedOn = state.NewIndex(w.Grants, func(d Doc) []string { return []string{Text(d, "resourceId")} })
	w.Consents = state.NewTable[Doc](s, "consents")
	w.consented = state.NewIndex(w.Consents, func(d Doc) []string { return []string{Text(d, "clientId")} })
	w.Secrets = state.NewTable[Secret](s, "secrets")
	w.Passwords = state.NewTable[Password](s, "passwords")
	w.Revoked = state.NewTable[time.Time](s, "revoked")
	w.Keys = state.NewTable[Key](s, "keys")
	w.Policies = state.NewTable[AccessPolicy](s, "policies")
	w.Assignments = state.NewTable[ExchangeAssignment](s, "assignments")
	w.Referred = state.NewTable[ExchangePrincipal](s, "exchange.principals")
	w.Scopes = state.NewTable[ManagementScope](s, "exchange.scopes")
	w.Settings = state.NewTable[Doc](s, "settings")
	w.Classifications = state.NewTable[Classification](s, "classifications")
	w.classified = state.NewIndex(w.Classifications, func(c Classification) []string { return []string{c.Resource} })
	w.changes = state.NewLog[Change](s, "changes")
	return w
}

// Text gives the string under name in d, or "".
func Text(d Doc, name string) string {
	s, _ := d[name].(string)
	return s
}

// Time writes t as Graph writes instants of directory objects.
func Time(t time.Time) string { return t.UTC().Format(time.RFC3339) }
