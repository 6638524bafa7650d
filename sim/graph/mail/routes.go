package mail

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mail"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

// family serves the mail of a tenant.
type family struct {
	boxes *mailbox.Mailboxes
	mail  *mail.Mail
	files *upload.Sessions
}

// Routes gives the family's routes.
func Routes(boxes *mailbox.Mailboxes, m *mail.Mail, files *upload.Sessions) []wire.Route {
	f := &family{boxes, m, files}
	all := []wire.Route{
		{Method: "POST", Path: "/users/{user}/sendMail", Body: wire.Action, Handle: f.post},
		{Method: "POST", Path: "/users/{user}/messages/{message}/send", Handle: f.send},
		{Method: "POST", Path: "/users/{user}/messages/{message}/attachments/createUploadSession", Type: "uploadSession", Body: wire.Action,
			Context: "microsoft.graph.uploadSession", Handle: f.beginUpload},
		{Method: "GET", Path: "/users/{user}/mailFolders", Type: "mailFolder", Query: pages(), Handle: f.folders},
		{Method: "GET", Path: "/users/{user}/mailFolders/{mailFolder}", Type: "mailFolder", Handle: f.folder},
	}
	for _, prefix := range []string{"/users/{user}", "/users/{user}/mailFolders/{mailFolder}"} {
		all = append(all, f.messageRoutes(prefix)...)
	}
	for i := range all {
		all[i].Mailbox, all[i].Handle = "user", f.worded(all[i].Handle)
	}
	return all
}

// pages is what Outlook's collections offer (graph-facts §2.3).
func pages() wire.Offers {
	return wire.Offers{Filter: true, OrderBy: true, Count: true, Top: true, Skip: true, Expand: true, Page: 10, MaxPage: 1000}
}

func (f *family) messageRoutes(prefix string) []wire.Route {
	const one = "/messages/{message}"
	message := func(method, path string, handle func(*wire.Call) (wire.Answer, error)) wire.Route {
		return wire.Route{Method: method, Path: prefix + path, Type: "message", Query: wire.Offers{Expand: true}, Default: messageProperties(),
			Expand: f.expanders(), Handle: handle}
	}
	routes := []wire.Route{
		message("GET", "/messages", f.list),
		message("POST", "/messages", f.create),
		message("GET", one, f.get),
		message("PATCH", one, f.update),
		message("POST", one+"/move", f.move),
		{Method: "DELETE", Path: prefix + one, Handle: f.remove},
		{Method: "GET", Path: prefix + one + "/attachments", Type: "attachment", Query: pages(), Handle: f.attachments},
		{Method: "POST", Path: prefix + one + "/attachments", Type: "attachment", Body: "attachment", Handle: f.attach},
	}
	routes[0].Query = pages()
	routes[1].Body, routes[3].Body, routes[4].Body = "message", "message", wire.Action
	return routes
}

// messageProperties are what Graph answers of a message that is asked for without
// $select (documentation of Get message, responses).
func messageProperties() map[string][]string {
	return map[string][]string{"message": {
		"createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "receivedDateTime", "sentDateTime", "hasAttachments",
		"internetMessageId", "subject", "bodyPreview", "importance", "parentFolderId", "conversationId", "conversationIndex",
		"isDeliveryReceiptRequested", "isReadReceiptRequested", "isRead", "isDraft", "webLink", "inferenceClassification", "body",
		"sender", "from", "toRecipients", "ccRecipients", "bccRecipients", "replyTo", "flag",
	}}
}

// worded refuses those who have no mailbox, and gives the refusals of the tenant's
// mail to the kernel.
func (f *family) worded(handle func(*wire.Call) (wire.Answer, error)) func(*wire.Call) (wire.Answer, error) {
	return func(c *wire.Call) (wire.Answer, error) {
		_, err := f.boxes.Get(c.Tx, c.Mailbox)
		var a wire.Answer
		if err == nil {
			a, err = handle(c)
		}
		var p *outlook.Problem
		if errors.As(err, &p) {
			return a, wire.Refuse(p.Status, p.Code, "%s", p.Message)
		}
		return a, err
	}
}

// expanders give the navigation properties of a message that $expand knows.
func (f *family) expanders() map[string]wire.Expander {
	return map[string]wire.Expander{
		"attachments": func(c *wire.Call, d wire.Doc) (any, error) {
			x, err := f.mail.Get(c.Tx, c.Mailbox, outlook.Text(d, "id"))
			return x.Attachments(look(c), true), err
		},
		"singleValueExtendedProperties": extended("singleValueExtendedProperties"),
		"multiValueExtendedProperties":  extended("multiValueExtendedProperties"),
	}
}

// extended gives the extended properties that the message was written with; which
// of them, the filter in $expand says.
func extended(name string) wire.Expander {
	return func(_ *wire.Call, d wire.Doc) (any, error) {
		values, _ := d[name].([]any)
		out := []wire.Doc{}
		for _, v := range values {
			if x, ok := v.(wire.Doc); ok {
				out = append(out, x)
			}
		}
		return out, nil
	}
}

// look is how the client wants messages.
func look(c *wire.Call) mail.View {
	kind, _ := c.Prefer("outlook.body-content-type")
	return mail.View{AsText: strings.EqualFold(kind, "text"), Immutable: c.Immutable()}
}

// param gives a parameter of an action, whose name clients write in either case.
func param(c *wire.Call, name string) any {
	for given, v := range c.Body {
		if strings.EqualFold(given, name) {
			return v
		}
	}
	return nil
}

// post sends a message at once.
func (f *family) post(c *wire.Call) (wire.Answer, error) {
	body, ok := param(c, "message").(wire.Doc)
	if !ok {
		return wire.Answer{}, outlook.BadProperty("message", "it is required.")
	}
	save := true
	switch v := param(c, "saveToSentItems").(type) {
	case bool:
		save = v
	case string: // as the documentation's own example writes it
		save = !strings.EqualFold(v, "false")
	}
	x, err := f.mail.Post(c.Tx, c.Mailbox, body, save)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(c.Mailbox, x.InternetID, world.Send)
	return wire.Empty(http.StatusAccepted), nil
}

// held is the folder of the path: "" for the whole mailbox.
func (f *family) held(c *wire.Call) (string, error) {
	if _, ok := c.Args["mailFolder"]; !ok {
		return "", nil
	}
	return mail.FindFolder(c.Mailbox, c.Arg("mailFolder"))
}

func (f *family) list(c *wire.Call) (wire.Answer, error) {
	folder, err := f.held(c)
	if err != nil {
		return wire.Answer{}, err
	}
	out := []wire.Doc{}
	for _, x := range f.mail.List(c.Tx, c.Mailbox, folder) {
		out = append(out, f.doc(c, x))
	}
	c.Touch(c.Mailbox, mail.FolderID(c.Mailbox, folder).Rest(), world.Read)
	return wire.List(out), nil
}

// doc writes a message; whoever may see the outlines only gets no content.
func (f *family) doc(c *wire.Call, x mail.Message) wire.Doc {
	d := x.Doc(look(c))
	if basic(c) {
		for _, name := range []string{"body", "uniqueBody", "bodyPreview", "internetMessageHeaders", "singleValueExtendedProperties", "multiValueExtendedProperties"} {
			delete(d, name)
		}
	}
	return d
}

// basic says whether the token reads outlines only (graph-facts §6, Mail.ReadBasic).
func basic(c *wire.Call) bool {
	held := c.Caller.Permissions()
	outline := slices.ContainsFunc(held, func(p string) bool { return strings.HasPrefix(p, "Mail.ReadBasic") })
	whole := slices.ContainsFunc(held, func(p string) bool {
		return strings.HasPrefix(p, "Mail.Read") && !strings.HasPrefix(p, "Mail.ReadBasic")
	})
	return outline && !whole
}

// message finds the message of the path, in the folder of the path.
func (f *family) message(c *wire.Call) (mail.Message, error) {
	folder, err := f.held(c)
	if err != nil {
		return mail.Message{}, err
	}
	x, err := f.mail.Get(c.Tx, c.Mailbox, c.Arg("message"))
	if err == nil && folder != "" && x.Folder != folder {
		err = outlook.NotFound()
	}
	return x, err
}
