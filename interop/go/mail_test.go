package interop

import (
	"net/http"
	"testing"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// written is a plain message to somebody.
func written(subject string, to user) models.Messageable {
	m := models.NewMessage()
	m.SetSubject(new(subject))
	body := models.NewItemBody()
	body.SetContentType(new(models.TEXT_BODYTYPE))
	body.SetContent(new("Please call back."))
	m.SetBody(body)
	who := models.NewRecipient()
	who.SetEmailAddress(models.NewEmailAddress())
	who.GetEmailAddress().SetAddress(new(to.UserPrincipalName))
	m.SetToRecipients([]models.Recipientable{who})
	return m
}

// letters counts the messages with a subject in a folder of somebody's.
func letters(t *testing.T, c *graph.GraphServiceClient, who user, folder, subject string) int {
	t.Helper()
	q := &users.ItemMailFoldersItemMessagesRequestBuilderGetQueryParameters{Filter: new("subject eq '" + subject + "'")}
	page, err := c.Users().ByUserId(who.ID).MailFolders().ByMailFolderId(folder).Messages().Get(t.Context(),
		&users.ItemMailFoldersItemMessagesRequestBuilderGetRequestConfiguration{QueryParameters: q})
	fine(t, err)
	return len(page.GetValue())
}

// TestSendMail sends as the blueprint's flow of mode least does: with Mail.Send alone,
// and with a copy in Sent Items unless it is told not to (api/user-sendmail).
func TestSendMail(t *testing.T) {
	x, ctx := open(t), t.Context()
	sender, recipient := x.Users[20], x.Users[21]
	c, all := x.as(t, "mail"), x.as(t, "everything")
	for subject, s := range map[string]struct {
		save *bool
		kept int
	}{"Interop go kept": {nil, 1}, "Interop go also kept": {new(true), 1}, "Interop go not kept": {new(false), 0}} {
		form := users.NewItemSendMailPostRequestBody()
		form.SetMessage(written(subject, recipient))
		form.SetSaveToSentItems(s.save)
		fine(t, c.Users().ByUserId(sender.ID).SendMail().Post(ctx, form, nil))
		if in, out := letters(t, all, recipient, "inbox", subject), letters(t, all, sender, "sentitems", subject); in != 1 || out != s.kept {
			t.Errorf("%s: %d came, %d are in Sent Items, want 1 and %d", subject, in, out, s.kept)
		}
	}
	_, err := c.Users().ByUserId(sender.ID).Messages().Get(ctx, nil)
	refused(t, err, http.StatusForbidden, "ErrorAccessDenied")
}

// TestADraftIsSentAndFoundAgain does what the mode exactly-once does: a draft with a
// mark, sent, and found by its immutable id and by the mark (api/user-post-messages,
// api/message-send, concepts/outlook-immutable-id).
func TestADraftIsSentAndFoundAgain(t *testing.T) {
	x, ctx := open(t), t.Context()
	sender, recipient := x.Users[20], x.Users[22]
	const id = "String {8b1f6c1e-3b0e-4d55-9d0e-5f1c6b7d2a11} Name Interop"
	messages := x.as(t, "mail-once").Users().ByUserId(sender.ID).Messages()
	stable := abstractions.NewRequestHeaders()
	stable.Add("Prefer", `IdType="ImmutableId"`)
	form := written("Interop go once", recipient)
	mark := models.NewSingleValueLegacyExtendedProperty()
	mark.SetId(new(id))
	mark.SetValue(new("go-17"))
	form.SetSingleValueExtendedProperties([]models.SingleValueLegacyExtendedPropertyable{mark})
	draft, err := messages.Post(ctx, form, &users.ItemMessagesRequestBuilderPostRequestConfiguration{Headers: stable})
	fine(t, err)
	if draft.GetIsDraft() == nil || !*draft.GetIsDraft() {
		t.Error("what was made is no draft")
	}
	fine(t, messages.ByMessageId(value(draft.GetId())).Send().Post(ctx, &users.ItemMessagesItemSendRequestBuilderPostRequestConfiguration{Headers: stable}))
	sent, err := messages.ByMessageId(value(draft.GetId())).Get(ctx, &users.ItemMessagesMessageItemRequestBuilderGetRequestConfiguration{Headers: stable})
	fine(t, err)
	if sent.GetIsDraft() == nil || *sent.GetIsDraft() || value(sent.GetInternetMessageId()) != value(draft.GetInternetMessageId()) {
		t.Errorf("sent is %v %q, the draft was %q", sent.GetIsDraft(), value(sent.GetInternetMessageId()), value(draft.GetInternetMessageId()))
	}
	q := &users.ItemMessagesRequestBuilderGetQueryParameters{Filter: new("singleValueExtendedProperties/any(ep: ep/id eq '" + id + "' and ep/value eq 'go-17')"),
		Expand: []string{"singleValueExtendedProperties($filter=id eq '" + id + "')"}}
	page, err := messages.Get(ctx, &users.ItemMessagesRequestBuilderGetRequestConfiguration{Headers: stable, QueryParameters: q})
	fine(t, err)
	if len(page.GetValue()) != 1 || value(page.GetValue()[0].GetId()) != value(draft.GetId()) {
		t.Errorf("%d messages have the mark", len(page.GetValue()))
	}
}
