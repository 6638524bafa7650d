package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/graph/calendar"
	calendars "github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

type doc = map[string]any

// bench is a small company behind the kernel, in Berlin: Anna and Ben have
// mailboxes, Nora has none; there is a room and a Unified group.
type bench struct {
	*kernel.Bench
	t     *testing.T
	boxes *mailbox.Mailboxes
}

func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{Bench: kernel.New(t, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), t: t}
	b.boxes = mailbox.New(b.World)
	cal := calendars.New(b.World, b.boxes)
	b.Serve(b.found, b.boxes.Shared, calendar.Routes(b.boxes, cal, upload.New(b.World)))
	return b
}

func (b *bench) found(tx *state.Tx) error {
	b.World.Found(tx)
	add := func(name, typ, shown string, more doc) {
		d := doc{"displayName": shown, "mail": name + "@contoso.example", "mailNickname": name}
		for k, v := range more {
			d[k] = v
		}
		b.Object(tx, name, typ, d)
	}
	for name, shown := range map[string]string{"anna": "Anna Adler", "ben": "Ben Brand", "nora": "Nora None", "room": "Room One"} {
		add(name, "user", shown, doc{"userPrincipalName": name + "@contoso.example"})
	}
	add("sales", "group", "Sales", doc{"groupTypes": []any{"Unified"}})
	add("list", "group", "List", doc{"groupTypes": []any{}})
	for name, purpose := range map[string]mailbox.Purpose{"anna": mailbox.ForUser, "ben": mailbox.ForUser, "room": mailbox.ForRoom} {
		b.boxes.Add(tx, b.IDs[name], purpose, "W. Europe Standard Time")
	}
	return nil
}

// try tries situations, each on a company of its own that prepare got ready.
func try(t *testing.T, prepare func(*bench), list []kernel.Situation) {
	t.Helper()
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) {
			b := start(t)
			prepare(b)
			b.Try(s)
		})
	}
}

func nothing(*bench) {}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}
