package mailbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

type doc = map[string]any

// tenant has Anna and Ben with mailboxes, Lea with a licence, Nora with nothing,
// a Unified group and a list.
type tenant struct {
	*testing.T
	*world.World
	boxes                             *mailbox.Mailboxes
	anna, ben, lea, nora, sales, list string
}

func start(t *testing.T) *tenant {
	t.Helper()
	w := world.New(world.Options{Seed: 1, Domain: "contoso.example", Now: func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }})
	n := &tenant{T: t, World: w, boxes: mailbox.New(w)}
	err := w.Open(func(tx *state.Tx) error {
		add := func(typ, name string, more doc) string {
			d := doc{"displayName": name, "mail": name + "@contoso.example", "userPrincipalName": name + "@contoso.example"}
			for k, v := range more {
				d[k] = v
			}
			return w.AddObject(tx, world.Object{Type: typ, Doc: d}).ID
		}
		plan := doc{"service": "exchange", "capabilityStatus": "Enabled"}
		n.anna, n.ben, n.nora = add("user", "anna", nil), add("user", "ben", doc{"mail": nil}), add("user", "nora", nil)
		n.lea = add("user", "lea", doc{"assignedPlans": []any{doc{"service": "teams", "capabilityStatus": "Enabled"}, plan}})
		n.sales, n.list = add("group", "sales", doc{"groupTypes": []any{"Unified"}}), add("group", "list", nil)
		n.boxes.Add(tx, n.anna, mailbox.ForUser, "Europe/Berlin")
		n.boxes.Add(tx, n.ben, mailbox.ForUser, "UTC")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return n
}

// change does what must succeed.
func (n *tenant) change(f func(tx *state.Tx) error) {
	n.Helper()
	if err := n.Update(f); err != nil {
		n.Fatal(err)
	}
}

// refused is the code with which something is refused.
func (n *tenant) refused(f func(tx *state.Tx) error) string {
	n.Helper()
	var p *outlook.Problem
	if err := n.Update(f); errors.As(err, &p) {
		return p.Code
	} else if err != nil {
		return err.Error()
	}
	return ""
}

func TestWhoHasAMailbox(t *testing.T) {
	n := start(t)
	for owner, want := range map[string]mailbox.Purpose{
		n.anna: mailbox.ForUser, n.lea: mailbox.ForUser, n.sales: mailbox.ForGroup, n.nora: "", n.list: "", "nobody": "",
	} {
		code := n.refused(func(tx *state.Tx) error {
			m, err := n.boxes.Get(tx, owner)
			if m.Purpose != want {
				t.Errorf("%s has a mailbox for %q, want %q", owner, m.Purpose, want)
			}
			return err
		})
		if (want == "") != (code == "MailboxNotEnabledForRESTAPI") {
			t.Errorf("%s is answered %q", owner, code)
		}
	}
	n.change(func(tx *state.Tx) error {
		o, _ := n.User(tx, n.anna)
		n.SoftDelete(tx, o)
		if _, err := n.boxes.Get(tx, n.anna); err == nil {
			t.Error("who was deleted still has a mailbox")
		}
		return nil
	})
}

func TestPeopleAreFoundByAddress(t *testing.T) {
	n := start(t)
	n.change(func(tx *state.Tx) error {
		for address, want := range map[string]string{
			"ANNA@contoso.example": n.anna, "ben@contoso.example": n.ben, "sales@contoso.example": n.sales,
			"nora@contoso.example": "", "list@contoso.example": "", "eve@elsewhere.example": "", "": "",
		} {
			if m, _ := n.boxes.At(tx, address); m.Owner != want {
				t.Errorf("%q leads to %q, want %q", address, m.Owner, want)
			}
		}
		for _, c := range []struct{ name, address, want string }{
			{"", "Anna@contoso.example", "anna <anna@contoso.example>"},
			{"Annie", "Anna@contoso.example", "Annie <anna@contoso.example>"},
			{"", "eve@elsewhere.example", "eve@elsewhere.example <eve@elsewhere.example>"},
		} {
			p, err := n.boxes.ReadPerson(tx, doc{"emailAddress": doc{"name": c.name, "address": c.address}})
			if got := p.Name + " <" + p.Address + ">"; got != c.want || err != nil {
				t.Errorf("%s is read as %s, %v", c.address, got, err)
			}
		}
		return nil
	})
}

func TestCalendarsOfAMailbox(t *testing.T) {
	n := start(t)
	var projects mailbox.Calendar
	n.change(func(tx *state.Tx) (err error) {
		projects, err = n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{Name: "Projects"})
		return err
	})
	for name, c := range map[string]struct {
		do   func(tx *state.Tx) error
		code string
	}{
		"two of one name": {func(tx *state.Tx) error {
			_, err := n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{Name: "Projects"})
			return err
		}, "ErrorFolderExists"},
		"one named like the default one": {func(tx *state.Tx) error {
			_, err := n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{Name: "Calendar"})
			return err
		}, "ErrorFolderExists"},
		"one without a name": {func(tx *state.Tx) error {
			_, err := n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{})
			return err
		}, "ErrorPropertyValidationFailure"},
		"the same name in another mailbox": {func(tx *state.Tx) error {
			_, err := n.boxes.AddCalendar(tx, n.ben, mailbox.Calendar{Name: "Projects"})
			return err
		}, ""},
		"another's": {func(tx *state.Tx) error {
			_, err := n.boxes.CalendarByID(tx, n.ben, projects.ID().Rest())
			return err
		}, "ErrorItemNotFound"},
		"an event's id": {func(tx *state.Tx) error {
			_, err := n.boxes.CalendarByID(tx, n.anna, world.ItemID{Mailbox: n.anna, Key: projects.Key}.Rest())
			return err
		}, "ErrorItemNotFound"},
		"the default one removed": {func(tx *state.Tx) error {
			x, _ := n.boxes.Calendar(tx, n.anna, "")
			return n.boxes.Remove(tx, x)
		}, "ErrorDeleteDistinguishedFolder"},
	} {
		if got := n.refused(c.do); got != c.code {
			t.Errorf("%s: %q, want %q", name, got, c.code)
		}
	}
	n.change(func(tx *state.Tx) error {
		x, _ := n.boxes.Calendar(tx, n.anna, "")
		x.Name = "Mine"
		x, err := n.boxes.ChangeCalendar(tx, x)
		if all := n.boxes.Calendars(tx, n.anna); err != nil || len(all) != 2 || all[0].Name != "Mine" || !all[0].Default() || x.Version == 0 {
			t.Errorf("after the default one was renamed there are %v, %v", all, err)
		}
		return n.boxes.Remove(tx, projects)
	})
}

func TestGroupsOfCalendars(t *testing.T) {
	n := start(t)
	n.change(func(tx *state.Tx) error {
		work, err := n.boxes.PutGroup(tx, mailbox.Group{Mailbox: n.anna}, "Work")
		if err != nil {
			return err
		}
		x, err := n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{Name: "Projects", Group: work.Key})
		if err != nil {
			return err
		}
		if in := n.boxes.In(tx, work); len(in) != 1 || in[0].Key != x.Key {
			t.Errorf("in the group there are %v", in)
		}
		if in := n.boxes.In(tx, mailbox.DefaultGroup(n.anna)); len(in) != 1 || !in[0].Default() {
			t.Errorf("in the default group there are %v", in)
		}
		for name, err := range map[string]error{
			"a name that is taken":     second(n.boxes.PutGroup(tx, mailbox.Group{Mailbox: n.anna}, "My Calendars")),
			"no name":                  second(n.boxes.PutGroup(tx, mailbox.Group{Mailbox: n.anna}, "")),
			"the default one renamed":  second(n.boxes.PutGroup(tx, mailbox.DefaultGroup(n.anna), "Other")),
			"the default one removed":  n.boxes.DeleteGroup(tx, mailbox.DefaultGroup(n.anna)),
			"one with calendars in it": n.boxes.DeleteGroup(tx, work),
		} {
			if err == nil {
				t.Errorf("%s is taken", name)
			}
		}
		if err := n.boxes.Remove(tx, x); err != nil {
			return err
		}
		return n.boxes.DeleteGroup(tx, work)
	})
}

func second[T any](_ T, err error) error { return err }

func TestRolesOnACalendar(t *testing.T) {
	n := start(t)
	n.change(func(tx *state.Tx) error {
		x, _ := n.boxes.Calendar(tx, n.anna, "")
		role := func(reader string) mailbox.Role { return n.boxes.RoleOf(tx, n.anna, x.Key, reader) }
		if role(n.anna) != mailbox.Owner || role(n.ben) != mailbox.FreeBusyRead || n.boxes.Shared(tx, n.anna, n.ben) {
			t.Errorf("before sharing: %s, %s", role(n.anna), role(n.ben))
		}
		s, err := n.boxes.AddShare(tx, x, doc{"emailAddress": doc{"address": "ben@contoso.example"}, "role": "delegateWithPrivateEventAccess"})
		if err != nil || role(n.ben) != mailbox.PrivateDelegate || !n.boxes.Shared(tx, n.anna, n.ben) {
			t.Errorf("a delegate is %s, %v", role(n.ben), err)
		}
		if shown := n.boxes.Calendars(tx, n.ben); len(shown) != 2 || shown[1].Source != x.Key || shown[1].Name != "anna" {
			t.Errorf("he is shown %v", shown)
		}
		if _, err := n.boxes.AddShare(tx, x, doc{"emailAddress": doc{"address": "eve@elsewhere.example"}, "role": "delegateWithPrivateEventAccess"}); err == nil {
			t.Error("somebody outside became a delegate")
		}
		if err := n.boxes.Unshare(tx, x, s); err != nil || role(n.ben) != mailbox.FreeBusyRead || len(n.boxes.Calendars(tx, n.ben)) != 1 {
			t.Errorf("after sharing he is %s, %v", role(n.ben), err)
		}
		common := n.boxes.Shares(tx, x)[0]
		if _, err := n.boxes.SetRole(tx, x, common, "read"); err != nil || role(n.ben) != mailbox.Reader || role(n.lea) != mailbox.Reader {
			t.Errorf("shared with everybody he is %s, %v", role(n.ben), err)
		}
		other, err := n.boxes.AddCalendar(tx, n.anna, mailbox.Calendar{Name: "Private"})
		if got := n.boxes.RoleOf(tx, n.anna, other.Key, n.ben); got != mailbox.NoRole {
			t.Errorf("on a secondary calendar he is %s", got)
		}
		if got := n.boxes.RoleOf(tx, n.anna, "nothing", n.ben); got != mailbox.NoRole {
			t.Errorf("on no calendar he is %s", got)
		}
		return err
	})
}

func TestAutomaticReplies(t *testing.T) {
	n := start(t)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		setting doc
		want    string
	}{
		"off":       {doc{"status": "Disabled", "internalReplyMessage": "Away"}, ""},
		"on":        {doc{"status": "AlwaysEnabled", "internalReplyMessage": "Away"}, "Away"},
		"scheduled": {doc{"status": "scheduled", "internalReplyMessage": "Away", "scheduledStartDateTime": when("2026-03-01"), "scheduledEndDateTime": when("2026-03-03")}, "Away"},
		"over":      {doc{"status": "scheduled", "internalReplyMessage": "Away", "scheduledStartDateTime": when("2026-02-01"), "scheduledEndDateTime": when("2026-03-02")}, ""},
	} {
		n.change(func(tx *state.Tx) error {
			m, err := n.boxes.Get(tx, n.anna)
			if err != nil {
				return err
			}
			m, err = n.boxes.ChangeSettings(tx, m, doc{"automaticRepliesSetting": c.setting, "userPurpose": "room"})
			if got := m.ReplyTo(now); got != c.want || m.Purpose != mailbox.ForUser {
				t.Errorf("%s: the reply is %q, want %q", name, got, c.want)
			}
			return err
		})
	}
}

func when(day string) doc { return doc{"dateTime": day, "timeZone": "UTC"} }

func TestSettingsThatAreNotTaken(t *testing.T) {
	n := start(t)
	for _, body := range []doc{
		{"timeZone": "Mars"}, {"timeZone": 1.0}, {"language": doc{"locale": "xx"}}, {"dateFormat": 1.0},
		{"delegateMeetingMessageDeliveryOptions": "all"}, {"workingHours": "9 to 5"}, {"workingHours": doc{"daysOfWeek": []any{"someday"}}},
		{"workingHours": doc{"startTime": "9"}}, {"workingHours": doc{"timeZone": doc{"name": "Mars"}}},
		{"automaticRepliesSetting": "on"}, {"automaticRepliesSetting": doc{"status": "perhaps"}},
		{"automaticRepliesSetting": doc{"scheduledStartDateTime": "now"}},
		{"automaticRepliesSetting": doc{"status": "scheduled", "scheduledStartDateTime": when("2026-03-02"), "scheduledEndDateTime": when("2026-03-02")}},
	} {
		if code := n.refused(func(tx *state.Tx) error {
			m, _ := n.boxes.Get(tx, n.anna)
			_, err := n.boxes.ChangeSettings(tx, m, body)
			return err
		}); code == "" {
			t.Errorf("%v is taken", body)
		}
	}
	n.change(func(tx *state.Tx) error {
		m, err := n.boxes.Get(tx, n.anna)
		if d := m.Doc(outlook.UTC()); d["timeZone"] != "W. Europe Standard Time" || d["automaticRepliesSetting"].(doc)["status"] != "disabled" {
			t.Errorf("refusals left the settings as %v", d)
		}
		return err
	})
}
