package exchange

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
)

// recipients are the cmdlets that find mailboxes and groups, as far as scopes need
// them.
func recipients() []cmdlet {
	return []cmdlet{
		{name: "Get-Mailbox", takes: []string{"Identity", "ResultSize", "RecipientTypeDetails"}, run: getMailboxes},
		{name: "Get-Recipient", takes: []string{"Identity", "ResultSize"}, run: getRecipients},
		{name: "Get-Group", takes: []string{"Identity", "ResultSize"}, run: getGroups},
		{name: "Get-DistributionGroup", takes: []string{"Identity", "ResultSize"}, run: getGroups},
	}
}

func getMailboxes(c *call) ([]Doc, error) {
	if c.has("Identity") {
		o, err := c.mailbox(c.text("Identity"))
		if err != nil {
			return nil, err
		}
		return []Doc{c.recipientDoc(o)}, nil
	}
	var out []Doc
	for o := range c.World.ObjectsOf(c.tx, "user") {
		if _, err := c.Mailboxes.Get(c.tx, o.ID); err != nil {
			continue
		}
		d := c.recipientDoc(o)
		if !c.has("RecipientTypeDetails") || strings.EqualFold(c.text("RecipientTypeDetails"), world.Text(d, "RecipientTypeDetails")) {
			out = append(out, d)
		}
	}
	return c.limit(out), nil
}

func getRecipients(c *call) ([]Doc, error) {
	if c.has("Identity") {
		o, err := c.recipient(c.text("Identity"))
		if err != nil {
			return nil, err
		}
		return []Doc{c.recipientDoc(o)}, nil
	}
	return c.all("user", "group"), nil
}

func getGroups(c *call) ([]Doc, error) {
	if c.has("Identity") {
		o, err := c.group(c.text("Identity"))
		if err != nil {
			return nil, err
		}
		return []Doc{c.recipientDoc(o)}, nil
	}
	return c.all("group"), nil
}

func (c *call) all(types ...string) []Doc {
	var out []Doc
	for _, typ := range types {
		for o := range c.World.ObjectsOf(c.tx, typ) {
			if world.Recipient(o) {
				out = append(out, c.recipientDoc(o))
			}
		}
	}
	return c.limit(out)
}

// recipient finds a user or a group that Exchange knows, by whatever identifies
// it.
func (c *call) recipient(id string) (world.Object, error) {
	for _, typ := range []string{"user", "group"} {
		if o, ok := c.World.Object(c.tx, id, typ); ok && world.Recipient(o) {
			return o, nil
		}
		for o := range c.World.ObjectsOf(c.tx, typ) {
			if !world.Recipient(o) {
				continue
			}
			for _, own := range []string{world.Text(o.Doc, "mail"), world.Text(o.Doc, "userPrincipalName"), world.Text(o.Doc, "mailNickname"),
				world.Text(o.Doc, "displayName"), c.World.DistinguishedName(o)} {
				if own != "" && strings.EqualFold(own, id) {
					return o, nil
				}
			}
		}
	}
	return world.Object{}, notFound(id)
}

func (c *call) group(id string) (world.Object, error) {
	o, err := c.recipient(id)
	if err == nil && o.Type != "group" {
		return o, notFound(id)
	}
	return o, err
}

// mailbox finds a user who has a mailbox here.
func (c *call) mailbox(id string) (world.Object, error) {
	o, err := c.recipient(id)
	if err != nil {
		return o, err
	}
	if _, err := c.Mailboxes.Get(c.tx, o.ID); err != nil || o.Type != "user" {
		return o, notFound(id)
	}
	return o, nil
}

func (c *call) recipientDoc(o world.Object) Doc {
	name := world.Text(o.Doc, "displayName")
	d := Doc{"Identity": o.ID, "Id": o.ID, "Name": o.ID, "Guid": world.StableID(0, "recipient", o.ID), "DistinguishedName": c.World.DistinguishedName(o),
		"ExternalDirectoryObjectId": o.ID, "DisplayName": name, "Alias": world.Text(o.Doc, "mailNickname"), "PrimarySmtpAddress": world.Text(o.Doc, "mail"),
		"RecipientType": "MailUser", "RecipientTypeDetails": "MailUser", "ObjectState": "Unchanged", "IsValid": true}
	switch {
	case o.Type == "group" && world.IsUnified(o.Doc):
		d["RecipientType"], d["RecipientTypeDetails"] = "MailUniversalDistributionGroup", "GroupMailbox"
	case o.Type == "group" && o.Doc["securityEnabled"] == true:
		d["RecipientType"], d["RecipientTypeDetails"] = "MailUniversalSecurityGroup", "MailUniversalSecurityGroup"
	case o.Type == "group":
		d["RecipientType"], d["RecipientTypeDetails"] = "MailUniversalDistributionGroup", "MailUniversalDistributionGroup"
	default:
		d["UserPrincipalName"], d["WindowsEmailAddress"] = world.Text(o.Doc, "userPrincipalName"), world.Text(o.Doc, "mail")
		if m, err := c.Mailboxes.Get(c.tx, o.ID); err == nil {
			d["RecipientType"], d["RecipientTypeDetails"] = "UserMailbox", details(m.Purpose)
		}
	}
	return d
}

func details(p mailbox.Purpose) string {
	switch p {
	case mailbox.ForShared:
		return "SharedMailbox"
	case mailbox.ForRoom:
		return "RoomMailbox"
	case mailbox.ForEquipment:
		return "EquipmentMailbox"
	}
	return "UserMailbox"
}
