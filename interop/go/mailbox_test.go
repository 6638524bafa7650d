package interop

import (
	"net/http"
	"testing"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/directoryobjects"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

func TestMailboxSettings(t *testing.T) { // api/user-get-mailboxsettings, api/user-update-mailboxsettings
	x, ctx := open(t), t.Context()
	settings := x.as(t, "everything").Users().ByUserId(x.Users[22].ID).MailboxSettings()
	got, err := settings.Get(ctx, nil)
	fine(t, err)
	if value(got.GetTimeZone()) == "" || got.GetWorkingHours() == nil || len(got.GetWorkingHours().GetDaysOfWeek()) == 0 {
		t.Errorf("time zone %q, working hours %v", value(got.GetTimeZone()), got.GetWorkingHours())
	}
	change := models.NewMailboxSettings()
	change.SetTimeZone(new("Tokyo Standard Time"))
	_, err = settings.Patch(ctx, change, nil)
	fine(t, err)
	got, err = settings.Get(ctx, nil)
	fine(t, err)
	if value(got.GetTimeZone()) != "Tokyo Standard Time" {
		t.Errorf("the time zone is %q", value(got.GetTimeZone()))
	}
}

func TestReminderAndForward(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who, friend := x.as(t, "everything"), x.Users[22], x.Users[23]
	mailbox := c.Users().ByUserId(who.ID)
	form := meeting("Interop reminder", day(532).Add(9*time.Hour), x.Users[24])
	form.SetIsReminderOn(new(true))
	form.SetReminderMinutesBeforeStart(new(int32(45)))
	made, err := mailbox.Events().Post(ctx, form, nil)
	fine(t, err)
	t.Run("the reminder comes in time", func(t *testing.T) { // api/user-reminderview
		from, to := day(532).Format(time.RFC3339), day(533).Format(time.RFC3339)
		list, err := mailbox.ReminderViewWithStartDateTimeWithEndDateTime(&to, &from).GetAsReminderViewWithStartDateTimeWithEndDateTimeGetResponse(ctx, nil)
		fine(t, err)
		found := false
		for _, r := range list.GetValue() {
			if value(r.GetEventId()) == value(made.GetId()) {
				found = wall(t, r.GetReminderFireTime()) == day(532).Add(8*time.Hour+15*time.Minute)
			}
		}
		if !found {
			t.Errorf("%d reminders, none of them right", len(list.GetValue()))
		}
	})
	t.Run("a forwarded meeting reaches its new guest", func(t *testing.T) { // api/event-forward
		body := users.NewItemEventsItemForwardPostRequestBody()
		to := models.NewRecipient()
		to.SetEmailAddress(models.NewEmailAddress())
		to.GetEmailAddress().SetAddress(new(friend.UserPrincipalName))
		body.SetToRecipients([]models.Recipientable{to})
		fine(t, mailbox.Events().ByEventId(value(made.GetId())).Forward().Post(ctx, body, nil))
		got := view(t, c, friend, day(532), day(533), "Interop reminder")
		if len(got) != 1 || value(got[0].GetICalUId()) != value(made.GetICalUId()) {
			t.Errorf("the new guest has %d copies", len(got))
		}
	})
}

func TestExtendedProperties(t *testing.T) { // api/singlevaluelegacyextendedproperty-post, -get
	x, ctx := open(t), t.Context()
	events := x.as(t, "everything").Users().ByUserId(x.Users[22].ID).Events()
	const id = "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Reference"
	form := meeting("Interop property", day(534))
	p := models.NewSingleValueLegacyExtendedProperty()
	p.SetId(new(id))
	p.SetValue(new("A-17"))
	form.SetSingleValueExtendedProperties([]models.SingleValueLegacyExtendedPropertyable{p})
	made, err := events.Post(ctx, form, nil)
	fine(t, err)
	q := &users.ItemEventsRequestBuilderGetQueryParameters{
		Filter: new("singleValueExtendedProperties/Any(ep: ep/id eq '" + id + "' and ep/value eq 'A-17')"),
		Expand: []string{"singleValueExtendedProperties($filter=id eq '" + id + "')"}}
	page, err := events.Get(ctx, &users.ItemEventsRequestBuilderGetRequestConfiguration{QueryParameters: q})
	fine(t, err)
	if len(page.GetValue()) != 1 || value(page.GetValue()[0].GetId()) != value(made.GetId()) {
		t.Fatalf("%d events have the property", len(page.GetValue()))
	}
	if got := page.GetValue()[0].GetSingleValueExtendedProperties(); len(got) != 1 || value(got[0].GetValue()) != "A-17" {
		t.Errorf("%d properties came along", len(got))
	}
}

func TestObjectsByID(t *testing.T) { // api/directoryobject-getbyids
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	body := directoryobjects.NewGetByIdsPostRequestBody()
	body.SetIds([]string{x.Users[0].ID, x.Users[1].ID, "11111111-2222-3333-4444-555555555555"})
	body.SetTypes([]string{"user", "group"})
	found, err := c.DirectoryObjects().GetByIds().PostAsGetByIdsPostResponse(ctx, body, nil)
	fine(t, err)
	for _, o := range found.GetValue() {
		if _, ok := o.(models.Userable); !ok {
			t.Errorf("%s is a %T", value(o.GetId()), o)
		}
	}
	if len(found.GetValue()) != 2 {
		t.Errorf("%d objects, want the two that exist", len(found.GetValue()))
	}
	_, err = c.DirectoryObjects().ByDirectoryObjectId("11111111-2222-3333-4444-555555555555").Get(ctx, nil)
	refused(t, err, http.StatusNotFound, "Request_ResourceNotFound")
}
