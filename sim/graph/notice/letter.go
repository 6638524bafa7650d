package notice

import (
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// letter is one notification on its way to a receiver.
type letter struct {
	subscription string
	app          string
	url          string
	item         world.Doc
	rich         bool
	due          time.Time // by the time outside
	first        time.Time
	attempt      int
}

// notice writes the letters of a committed transaction. The world is locked.
func (b *Board) notice(tx *state.Tx) {
	var letters []letter
	for _, c := range b.World.Pending(tx) {
		letters = append(letters, b.lettersFor(tx, c)...)
	}
	b.post(letters)
}

func (b *Board) lettersFor(tx *state.Tx, c world.Change) []letter {
	key := c.Scope
	if c.Owner != "" {
		key = c.Owner
	}
	var out []letter
	for _, s := range b.byMailbox.Find(tx, key) {
		if s.Paused.IsZero() && s.Target.covers(c) && s.follows(s.seen(c.Kind)) && s.Expires.After(tx.Now()) {
			out = append(out, b.letter(tx, s, c))
		}
	}
	return out
}

// seen is what a follower is told: of a user or group, creation and soft
// deletion come as "updated" (graph-facts §4.1).
func (s Subscription) seen(kind world.ChangeKind) world.ChangeKind {
	if s.Target.Mailbox == "" && kind == world.Created {
		return world.Updated
	}
	return kind
}

// letter is the notification of one change (graph-facts §4.4).
func (b *Board) letter(tx *state.Tx, s Subscription, c world.Change) letter {
	kind := strings.ToUpper(s.Target.Kind[:1]) + s.Target.Kind[1:]
	resource, data := kind+"s/"+c.ID, world.Doc{"id": c.ID, "organizationId": b.World.TenantID}
	if s.Target.Mailbox != "" {
		id := b.ID(world.ItemID{Mailbox: c.Owner, Key: c.ID, Moves: c.Moves}, s.Immutable)
		resource, data = "Users/"+c.Owner+"/Events/"+id, world.Doc{"id": id}
	}
	data["@odata.type"] = "#Microsoft.Graph." + kind
	data["@odata.id"] = resource
	item := world.Doc{"subscriptionId": s.ID, "subscriptionExpirationDateTime": instant(s.Expires),
		"changeType": string(s.seen(c.Kind)), "resource": resource, "resourceData": data,
		"clientState": orNull(s.ClientState), "tenantId": b.World.TenantID}
	if s.Target.Mailbox != "" && c.Kind != world.Deleted {
		b.enrich(tx, s, c, item, data)
	}
	return letter{subscription: s.ID, app: s.AppID, url: s.URL, item: item, rich: s.Rich}
}

// enrich adds the item's version, and the item itself where the subscription
// wants it.
func (b *Board) enrich(tx *state.Tx, s Subscription, c world.Change, item, data world.Doc) {
	doc, ok := b.Render(tx, c.Owner, c.ID)
	if !ok {
		return
	}
	data["@odata.etag"] = doc["@odata.etag"]
	if !s.Rich {
		return
	}
	chosen := world.Doc{"@odata.type": "#microsoft.graph.event", "id": data["id"], "@odata.etag": doc["@odata.etag"]}
	for _, name := range s.Target.Select {
		if value, ok := doc[name]; ok {
			chosen[name] = value
		}
	}
	sealed, err := encrypt(s, chosen)
	if err != nil {
		b.Log.Error("resource data not encrypted", "subscription", s.ID, "err", err)
		return
	}
	item["encryptedContent"] = sealed
}

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z07:00") }
