package world

import (
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// The time that Exchange takes to go by a changed setting (graph-facts §12).
const (
	ShortestPropagation = 30 * time.Minute
	LongestPropagation  = 2 * time.Hour
)

// MailboxAccess is all that restricts or opens mailboxes to apps.
type MailboxAccess struct {
	Policies    []AccessPolicy       `json:"policies"`
	Assignments []ExchangeAssignment `json:"assignments"`
}

// MailboxAccess gives the settings, with the times at which they take effect.
func (w *World) MailboxAccess(tx *state.Tx) MailboxAccess {
	a := MailboxAccess{Policies: []AccessPolicy{}, Assignments: []ExchangeAssignment{}}
	for _, p := range w.Policies.All(tx) {
		a.Policies = append(a.Policies, p)
	}
	for _, r := range w.Assignments.All(tx) {
		a.Assignments = append(a.Assignments, r)
	}
	return a
}

// SetMailboxAccess makes the settings what want says. What is new takes effect
// and what is missing ceases after delay, or after Exchange's own time when
// delay is nil; what stays keeps its time.
func (w *World) SetMailboxAccess(tx *state.Tx, want MailboxAccess, delay *time.Duration) {
	after := func(key string) time.Time { return tx.Now().Add(w.propagation(key, delay)) }
	policies := map[string]AccessPolicy{}
	for _, p := range want.Policies {
		p.Term = Term{}
		policies[keyOf(p)] = p
	}
	settle(tx, w.Policies, policies, after, func(p *AccessPolicy) *Term { return &p.Term })
	assignments := map[string]ExchangeAssignment{}
	for _, a := range want.Assignments {
		a.Term = Term{}
		assignments[keyOf(a)] = a
	}
	settle(tx, w.Assignments, assignments, after, func(a *ExchangeAssignment) *Term { return &a.Term })
}

// settle moves a table of settings towards what is wanted.
func settle[T any](tx *state.Tx, table *state.Table[T], want map[string]T, after func(string) time.Time, term func(*T) *Term) {
	for key, have := range table.All(tx) {
		_, stays := want[key]
		t := term(&have)
		switch {
		case t.Until != nil && !tx.Now().Before(*t.Until), !stays && tx.Now().Before(t.From):
			table.Delete(tx, key)
		case stays && t.Until != nil:
			t.Until = nil
			table.Put(tx, key, have)
		case !stays && t.Until == nil:
			until := after(key)
			t.Until = &until
			table.Put(tx, key, have)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if !table.Has(tx, key) {
			added := want[key]
			term(&added).From = after(key)
			table.Put(tx, key, added)
		}
	}
}

// propagation is how long Exchange takes with a setting.
func (w *World) propagation(key string, delay *time.Duration) time.Duration {
	if delay == nil {
		delay = w.ExchangeDelay
	}
	if delay != nil {
		return *delay
	}
	span := uint64(LongestPropagation - ShortestPropagation)
	return ShortestPropagation + time.Duration(binary.BigEndian.Uint64(w.Derive("propagation", key))%span)
}

// keyOf names a setting by what it says.
func keyOf(setting any) string {
	b, _ := json.Marshal(setting)
	return strings.ToLower(string(b))
}
