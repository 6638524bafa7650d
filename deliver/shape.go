package deliver

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
)

// Privacy is what a sink is shown of private and confidential items.
type Privacy string

// The kinds of privacy.
const (
	TimeOnly Privacy = "time-only" // when they are, and nothing that a person wrote
	Full     Privacy = "full"      // everything
	Drop     Privacy = "drop"      // nothing at all
)

// largest is how large an item may be that is sent by value, if a shape says
// nothing else. Standard Webhooks advises bodies below 20 kB; events with long
// texts exceed that, and receivers commonly take a megabyte.
const largest = 1 << 20

// Shape says which changes a sink is told, and how. The zero Shape tells every
// change by value and of private items the time only.
type Shape struct {
	ByReference bool                     // no item, but its version and where to read it
	Fields      []string                 // the item's properties to tell; none means all
	Private     Privacy                  // "" is TimeOnly
	Kinds       []graphwarden.ChangeKind // none means all
	Mailboxes   []string                 // by id or name; none means all
	Largest     int                      // bytes of an item sent by value; 0 is a megabyte
	Graph       string                   // origin of Graph, for links
	Own         bool                     // also versions that the app wrote itself, and those before them
}

// String writes the shape in words that differ when it differs.
func (s Shape) String() string {
	own := ""
	if s.Own {
		own = " own=true"
	}
	return fmt.Sprintf("reference=%t fields=%q private=%s kinds=%q mailboxes=%q largest=%d", s.ByReference, s.Fields, s.Private, s.Kinds, s.Mailboxes, s.Largest) + own
}

// Apply gives a delivery as the sink may see it; false means that it is not told. Of an
// item that has become private its earlier versions are private, too.
// An item that became private and must be dropped is told as deleted, because
// the sink may have it from before.
func (s Shape) Apply(d graphwarden.Delivery) (graphwarden.Delivery, bool) {
	if d.Change.Kind.OfConnection() {
		return d, s.wants(d)
	}
	if len(d.Change.Body) > 0 && s.Private != Full && (d.BecamePrivate || item.Private(d.Change.Body)) {
		switch {
		case s.Private != Drop:
			d.Change.Body = item.Mask(d.Change.Body)
		case d.Change.Kind == graphwarden.Updated:
			d.Change.Kind, d.Change.Body = graphwarden.Deleted, nil
		default:
			return d, false
		}
	}
	if len(d.Change.Body) > 0 && !s.ByReference {
		d.Change.Body = item.Select(d.Change.Body, s.Fields)
	}
	return d, s.wants(d)
}

func (s Shape) wants(d graphwarden.Delivery) bool {
	if len(s.Kinds) > 0 && d.Change.Kind != graphwarden.Snapshot && !slices.Contains(s.Kinds, d.Change.Kind) {
		return false
	}
	return len(s.Mailboxes) == 0 || slices.ContainsFunc(s.Mailboxes, func(m string) bool {
		return m == d.Mailbox.ID || strings.EqualFold(m, d.Mailbox.UPN)
	})
}

// Envelope gives what the sink reads of a delivery that Apply let pass.
func (s Shape) Envelope(d graphwarden.Delivery) graphwarden.Envelope {
	e := graphwarden.Envelope{
		SpecVersion: "1.0",
		ID:          d.ID,
		Type:        "com.graphwarden.event." + string(d.Change.Kind),
		Source: "/tenants/" + url.PathEscape(d.Tenant) + "/mailboxes/" + url.PathEscape(d.Mailbox.ID) +
			"/calendars/" + url.PathEscape(d.Resource),
		Subject:  d.Change.Item,
		Time:     d.Change.At.UTC(),
		Sequence: d.Change.Seq,
		Test:     d.Test,
		Data:     graphwarden.Payload{Mailbox: d.Mailbox.UPN, Calendar: d.Title, Reference: d.Origin.Reference, Write: d.Origin.Write},
	}
	if d.Change.Kind.OfConnection() {
		return s.ofConnection(e, d)
	}
	if len(d.Change.Body) == 0 {
		return e
	}
	most := s.Largest
	if most == 0 {
		most = largest
	}
	tooLarge := len(d.Change.Body) > most
	if !s.ByReference && !tooLarge {
		e.Data.Item = d.Change.Body
		return e
	}
	e.Data.ETag = item.ETag(d.Change.Body)
	e.Data.Link = s.Graph + "/v1.0/users/" + url.PathEscape(d.Mailbox.ID) + "/events/" + url.PathEscape(d.Change.Item)
	if tooLarge && !s.ByReference {
		e.Data.LeftOut = fmt.Sprintf("The item has %d bytes, more than %d.", len(d.Change.Body), most)
	}
	return e
}

// ofConnection makes the envelope of a change that is about a person's connection.
func (s Shape) ofConnection(e graphwarden.Envelope, d graphwarden.Delivery) graphwarden.Envelope {
	e.Type = "com.graphwarden.connection." + string(d.Change.Kind)
	e.Source = "/tenants/" + url.PathEscape(d.Tenant) + "/people/" + url.PathEscape(d.Mailbox.ID)
	e.Subject = d.Mailbox.ID
	e.Data = graphwarden.Payload{Mailbox: d.Mailbox.UPN, Connection: d.Change.Body}
	return e
}

// write gives an envelope as it is sent, a line of JSON.
func write(e graphwarden.Envelope) ([]byte, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // an item stays as Graph sent it
	err := encoder.Encode(e)
	return []byte(out.String()), err
}
