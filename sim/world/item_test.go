package world_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world"
)

const someone = "0a6f3c1e-9d2b-4f77-8c15-0e4a2b9d7f31"

func TestAnItemHasOneKeyInEveryFormat(t *testing.T) {
	item := world.ItemID{Mailbox: someone, Key: world.KeyOf("an event")}
	occurrence := world.ItemID{Mailbox: someone, Key: item.Key + ".2026-11-21"}
	early := world.ItemID{Mailbox: someone, Key: item.Key + ".1970-01-01"}
	calendar := world.ItemID{Mailbox: someone, Key: world.KeyOf("a calendar"), Folder: true}
	seen := map[string]string{} // whose id a text is
	moved := world.ItemID{Mailbox: someone, Key: world.KeyOf("a moved event"), Moves: 3}
	for _, id := range []world.ItemID{item, occurrence, early, calendar, moved} {
		for _, f := range []world.IDFormat{world.EntryID, world.EwsID, world.ImmutableEntryID, world.RestID, world.RestImmutableID} {
			if id.Folder && strings.Contains(strings.ToLower(string(f)), "immutable") {
				continue
			}
			text := id.Format(f)
			if of, taken := seen[text]; taken && of != id.Key {
				t.Errorf("%s of %s is also another id", f, id.Key)
			}
			seen[text] = id.Key
			got, as, ok := world.ParseItemID(text)
			if !ok || got.Key != id.Key || got.Folder != id.Folder || got.Mailbox != "" && got.Mailbox != someone || got.Moves != id.Moves && !f.Stable() {
				t.Errorf("%s %q of %+v reads as %+v, %v", f, text, id, got, ok)
			}
			if as != f && !(f == world.EwsID && as == world.RestID) {
				t.Errorf("%q reads as %s, want %s", text, as, f)
			}
		}
	}
	home := moved
	home.Moves = 0
	if home.Rest() == moved.Rest() || home.Immutable() != moved.Immutable() {
		t.Error("an item's default id stays when it is moved, or its immutable one does not")
	}
	if calendar.Immutable() != calendar.Rest() {
		t.Error("a folder has a second id")
	}
	if strings.ContainsAny(item.Rest()+item.Immutable(), "/+") {
		t.Errorf("an id that cannot stand in a path: %s", item.Rest())
	}
}

func TestWhatIsNoIDIsSeen(t *testing.T) {
	whole := world.ItemID{Mailbox: someone, Key: world.KeyOf("x")}.Rest()
	for _, s := range []string{"", "AAMkADoesNotExist=", whole[:len(whole)-4], whole + "AAAA", strings.ToLower(whole), "calendar"} {
		if id, _, ok := world.ParseItemID(s); ok {
			t.Errorf("%q reads as %+v", s, id)
		}
	}
}

func FuzzParseItemID(f *testing.F) {
	id := world.ItemID{Mailbox: someone, Key: world.KeyOf("x") + ".2026-02-28"}
	f.Add(id.Rest())
	f.Add(id.Immutable())
	f.Add(id.Format(world.EwsID))
	f.Fuzz(func(t *testing.T, s string) {
		id, format, ok := world.ParseItemID(s)
		if ok && id.Format(format) != s {
			t.Errorf("%q reads as %+v, which is written %q", s, id, id.Format(format))
		}
	})
}
