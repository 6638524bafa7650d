package policy_test

import (
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// TestPermissionsFollowFromOperations expects what Microsoft's permissions
// reference names as least for these operations (graph-facts §4.1, §7).
func TestPermissionsFollowFromOperations(t *testing.T) {
	c := catalog.Load()
	for _, test := range []struct {
		kind flow.Kind
		want []string
	}{
		{flow.Calendar(), []string{"Calendars.Read"}},
		{flow.CalendarWriting(flow.In), []string{"Calendars.Read"}},
		{flow.CalendarWriting(flow.Both), []string{"Calendars.ReadWrite"}},
		{flow.CalendarWriting(flow.Out), []string{"Calendars.ReadWrite"}},
		{flow.Presence(flow.PresenceWants{}), []string{"Calendars.Read"}},
		{flow.Presence(flow.PresenceWants{Schedule: true}), []string{"Calendars.Read"}},
		{flow.Presence(flow.PresenceWants{Settings: true}), []string{"Calendars.Read", "MailboxSettings.Read"}},
		{flow.Presence(flow.PresenceWants{Teams: true}), []string{"Calendars.Read", "Presence.Read.All"}},
		{flow.MailSend(flow.Least), []string{"Mail.Send"}},
		{flow.MailSend(flow.ExactlyOnce), []string{"Mail.ReadWrite", "Mail.Send"}},
		{flow.Reader(), []string{"User.ReadBasic.All"}},
		{flow.SignIn(), nil},
	} {
		got, err := policy.Permissions(test.kind, c)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s needs %v, %v, want %v", test.kind.Name(), got, err, test.want)
		}
	}
}

// TestNoPermissionIsToSpare takes each permission away: then something that the
// kind may do must no longer be open.
func TestNoPermissionIsToSpare(t *testing.T) {
	c := catalog.Load()
	for _, kind := range []flow.Kind{flow.Calendar(), flow.CalendarWriting(flow.Both), flow.CalendarWriting(flow.Out), flow.Reader(), flow.Presence(flow.PresenceWants{Settings: true, Teams: true}),
		flow.MailSend(flow.Least), flow.MailSend(flow.ExactlyOnce)} {
		names, err := policy.Permissions(kind, c)
		if err != nil {
			t.Fatal(err)
		}
		if !policy.Opens(kind, c, names) {
			t.Errorf("%v do not open all of %s", names, kind.Name())
		}
		for i := range names {
			if fewer := slices.Delete(slices.Clone(names), i, i+1); policy.Opens(kind, c, fewer) {
				t.Errorf("%s is open without %s", kind.Name(), names[i])
			}
		}
	}
}

// TestWhatAnotherCoversIsNotNeededBesides, whether they come of one flow or of many. Of
// two that cover each other one stays.
func TestWhatAnotherCoversIsNotNeededBesides(t *testing.T) {
	c := catalog.Load()
	for _, test := range []struct {
		scheme      catalog.Scheme
		names, want []string
	}{
		{catalog.Application, []string{"Mail.Send", "Calendars.ReadBasic.All", "Calendars.Read", "Calendars.Read"}, []string{"Calendars.Read", "Mail.Send"}},
		{catalog.Application, []string{"Calendars.Read", "Calendars.ReadBasic.All", "Calendars.ReadWrite"}, []string{"Calendars.ReadWrite"}},
		{catalog.DelegatedWork, []string{"Calendars.ReadBasic", "Calendars.Read"}, []string{"Calendars.Read"}},
		{catalog.Application, []string{"Calendars.ReadBasic.All"}, []string{"Calendars.ReadBasic.All"}},
		{catalog.Application, nil, nil},
	} {
		if got := policy.Uncovered(test.scheme, test.names, c); !slices.Equal(got, test.want) {
			t.Errorf("of %v it leaves %v, want %v", test.names, got, test.want)
		}
	}
}

// TestWhatOpensAllOfItIsNeededAlone: who reads the whole directory reads its apps and its
// people, so that nothing else is needed for that; and who only lists groups does not.
func TestWhatOpensAllOfItIsNeededAlone(t *testing.T) {
	c := catalog.Load()
	for _, test := range []struct {
		kinds []flow.Kind
		want  []string
	}{
		{[]flow.Kind{flow.Grants()}, []string{"Directory.Read.All"}},
		{[]flow.Kind{flow.Reader(), flow.Grants()}, []string{"Directory.Read.All"}},
		{[]flow.Kind{flow.Reader(), flow.Members()}, []string{"GroupMember.Read.All", "User.ReadBasic.All"}},
		{[]flow.Kind{flow.Calendar(), flow.MailSend(flow.ExactlyOnce), flow.Reader()}, []string{"Calendars.Read", "Mail.ReadWrite", "Mail.Send", "User.ReadBasic.All"}},
		// Microsoft wants Application.Read.All beside the right to grant, whatever else opens the reading
		{[]flow.Kind{flow.Grants(), flow.Granting()}, []string{"AppRoleAssignment.ReadWrite.All", "Application.Read.All", "DelegatedPermissionGrant.ReadWrite.All"}},
		{nil, nil},
	} {
		got, err := policy.Together(catalog.Application, test.kinds, c)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%v need %v, %v, want %v", test.kinds, got, err, test.want)
		}
		for _, kind := range test.kinds {
			if !policy.Opens(kind, c, got) {
				t.Errorf("%v do not open all of %s", got, kind.Name())
			}
		}
	}
	if !policy.Enough("Directory.Read.All", flow.Reader().Operations(), catalog.Application, c) || policy.Enough("User.ReadBasic.All", flow.Grants().Operations(), catalog.Application, c) ||
		policy.Enough("Calendars.ReadWrite", flow.CalendarWriting(flow.Out).Operations(), catalog.Application, c) || policy.Enough("Mail.Send", nil, catalog.Application, c) {
		t.Error("what is enough for what reads is not told from what is not, and from what writes")
	}
}
