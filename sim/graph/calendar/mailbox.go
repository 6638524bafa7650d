package calendar

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/zone"
)

// mailboxRoutes serve what concerns a mailbox as a whole.
func (f *family) mailboxRoutes() []wire.Route {
	out := []wire.Route{
		{Method: "GET", Path: "/mailboxSettings", Type: "mailboxSettings", Handle: f.settings},
		{Method: "PATCH", Path: "/mailboxSettings", Type: "mailboxSettings", Body: "mailboxSettings", Handle: f.changeSettings},
		{Method: "POST", Path: "/findMeetingTimes", Body: wire.Action, Handle: f.findMeetingTimes},
		{Method: "POST", Path: "/getMailTips", Body: wire.Action, Handle: f.mailTips},
		{Method: "POST", Path: "/translateExchangeIds", Body: wire.Action, Handle: f.translateIDs},
		{Method: "GET", Path: "/outlook/supportedTimeZones", Handle: f.zones},
		{Method: "GET", Path: "/outlook/supportedLanguages", Handle: f.languages},
		{Method: "GET", Path: "/reminderView(StartDateTime='',EndDateTime='')", Handle: f.reminders,
			PermitAs: "/users/{user}/reminderView(startDateTime={from},endDateTime={to})"},
	}
	for _, s := range []struct{ name, typ string }{
		{"automaticRepliesSetting", "automaticRepliesSetting"}, {"workingHours", "workingHours"}, {"language", "localeInfo"},
		{"timeZone", ""}, {"dateFormat", ""}, {"timeFormat", ""}, {"userPurpose", ""}, {"delegateMeetingMessageDeliveryOptions", ""},
	} {
		out = append(out, wire.Route{Method: "GET", Path: "/mailboxSettings/" + s.name, Type: s.typ, Handle: f.setting(s.name)})
	}
	return out
}

// settingsDoc writes the settings of the call's mailbox to its owner.
func (f *family) settingsDoc(c *wire.Call) (wire.Doc, mailbox.Mailbox, error) {
	m, err := f.mine(c)
	if err != nil {
		return nil, m, err
	}
	v, err := look(c, mailbox.Owner)
	c.Touch(m.Owner, m.Owner, world.Read)
	return m.Doc(v.Zone), m, err
}

func (f *family) settings(c *wire.Call) (wire.Answer, error) {
	d, _, err := f.settingsDoc(c)
	return wire.Entity(d), err
}

func (f *family) setting(name string) func(*wire.Call) (wire.Answer, error) {
	return func(c *wire.Call) (wire.Answer, error) {
		d, _, err := f.settingsDoc(c)
		if err != nil {
			return wire.Answer{}, err
		}
		if one, ok := d[name].(wire.Doc); ok {
			return wire.Entity(one), nil
		}
		a := wire.Value("", d[name])
		a.Context = fmt.Sprintf("users('%s')/mailboxSettings/%s", c.Arg("user"), name)
		return a, nil
	}
}

func (f *family) changeSettings(c *wire.Call) (wire.Answer, error) {
	m, err := f.mine(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if m, err = f.boxes.ChangeSettings(c.Tx, m, c.Body); err != nil {
		return wire.Answer{}, err
	}
	v, err := look(c, mailbox.Owner)
	c.Touch(m.Owner, m.Owner, world.Update)
	return wire.Entity(m.Doc(v.Zone)), err
}

// zones lists the time zones that events may be in.
func (f *family) zones(c *wire.Call) (wire.Answer, error) {
	if _, err := f.boxes.Get(c.Tx, c.Mailbox); err != nil {
		return wire.Answer{}, err
	}
	names, label := zone.WindowsNames(), func(name string) string { return zoneLabel(name, c.Now) }
	switch standard := argument(c, "TimeZoneStandard"); {
	case strings.EqualFold(standard, "Iana"):
		names, label = zone.IANANames(), func(name string) string { return name }
	case standard != "" && !strings.EqualFold(standard, "Windows"):
		return wire.Answer{}, wire.BadRequest("The time zone standard '%s' is not known.", standard)
	}
	var values []any
	for name := range names {
		values = append(values, wire.Doc{"alias": name, "displayName": label(name)})
	}
	return wire.Values("microsoft.graph.timeZoneInformation", values), nil
}

func (f *family) languages(c *wire.Call) (wire.Answer, error) {
	if _, err := f.boxes.Get(c.Tx, c.Mailbox); err != nil {
		return wire.Answer{}, err
	}
	var values []any
	for _, l := range mailbox.Languages() {
		values = append(values, wire.Doc{"locale": l[0], "displayName": l[1]})
	}
	return wire.Values("microsoft.graph.localeInfo", values), nil
}

// reminders gives the reminders of a mailbox's default calendar.
func (f *family) reminders(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := p.readable(); err != nil {
		return wire.Answer{}, err
	}
	from, err := outlook.ReadInstant("StartDateTime", argument(c, "StartDateTime"))
	if err != nil {
		return wire.Answer{}, err
	}
	to, err := outlook.ReadInstant("EndDateTime", argument(c, "EndDateTime"))
	if err != nil {
		return wire.Answer{}, err
	}
	v, err := look(c, p.role)
	if err != nil {
		return wire.Answer{}, err
	}
	var values []any
	for _, e := range f.cal.Reminders(c.Tx, p.holds.Key, from, to) {
		values = append(values, e.ReminderDoc(v))
	}
	return wire.Values("microsoft.graph.reminder", values), nil
}

// mailTips tells what is known before a mail is sent: whether somebody is away,
// whose mailbox it is, how many it reaches (documentation of getMailTips).
func (f *family) mailTips(c *wire.Call) (wire.Answer, error) {
	v, err := look(c, mailbox.Owner)
	if err != nil {
		return wire.Answer{}, err
	}
	options := strings.FieldsFunc(strings.ToLower(param[string](c, "MailTipsOptions")), func(r rune) bool { return r == ',' || r == ' ' })
	var values []any
	for _, a := range param[[]any](c, "EmailAddresses") {
		address, _ := a.(string)
		d := wire.Doc{"emailAddress": wire.Doc{"name": "", "address": address}}
		for name, tip := range f.tips(c, address, v.Zone) {
			if slices.Contains(options, tip.option) {
				d[name] = tip.value
			}
		}
		values = append(values, d)
	}
	return wire.Values("microsoft.graph.mailTips", values), nil
}

// tip is what is known of an address, under the option that asks for it.
type tip struct {
	option string
	value  any
}

// tips gives what is known of an address. Of one outside the tenant that is
// only that it is outside.
func (f *family) tips(c *wire.Call, address string, z outlook.Zone) map[string]tip {
	m, ok := f.boxes.At(c.Tx, address)
	if !ok {
		return map[string]tip{"recipientScope": {"recipientscope", "external"}}
	}
	replies := wire.Doc{"message": m.ReplyTo(c.Now)}
	if replies["message"] != "" {
		s := m.Settings
		replies["messageLanguage"] = m.Doc(z)["language"]
		if s.Replies.Status == "scheduled" {
			replies["scheduledStartTime"], replies["scheduledEndTime"] = s.Replies.Start.Doc(z), s.Replies.End.Doc(z)
		}
	}
	members := 1.0
	if m.Purpose == mailbox.ForGroup {
		members = 0
		for range c.World.LinkedFrom(c.Tx, m.Owner, world.Members) {
			members++
		}
	}
	return map[string]tip{
		"automaticReplies":   {"automaticreplies", replies},
		"mailboxFull":        {"mailboxfullstatus", false},
		"totalMemberCount":   {"totalmembercount", members},
		"deliveryRestricted": {"deliveryrestriction", false},
		"isModerated":        {"moderationstatus", false},
		"recipientScope":     {"recipientscope", "internal"},
	}
}

// mostIDs is how many ids one translation takes (graph-facts §2.5).
const mostIDs = 1000

// translateIDs writes ids in another of Exchange's formats.
func (f *family) translateIDs(c *wire.Call) (wire.Answer, error) {
	m, err := f.boxes.Get(c.Tx, c.Mailbox)
	if err != nil {
		return wire.Answer{}, err
	}
	ids := param[[]any](c, "InputIds")
	if len(ids) > mostIDs {
		return wire.Answer{}, wire.Refuse(http.StatusBadRequest, "ErrorInvalidParameter", "At most %d ids can be translated at once.", mostIDs)
	}
	source, target := world.IDFormat(param[string](c, "SourceIdType")), world.IDFormat(param[string](c, "TargetIdType"))
	var values []any
	for _, v := range ids {
		text, _ := v.(string)
		d := wire.Doc{"sourceId": text}
		id, format, ok := world.ParseItemID(text)
		// An id of EWS that holds no '/' and no '+' is one of REST, too.
		alike := source == world.EwsID && format == world.RestID && id.Format(source) == text
		if ok && (format == source || alike) {
			id.Mailbox = m.Owner
			if e, err := f.cal.Get(c.Tx, m.Owner, id.Key); err == nil {
				id.Moves = e.Moves
			}
			d["targetId"] = id.Format(target)
		} else {
			d["errorDetails"] = wire.Doc{"code": "ErrorInvalidIdMalformed", "message": "Id is malformed."}
		}
		values = append(values, d)
	}
	return wire.Values("microsoft.graph.convertIdResult", values), nil
}

// zoneLabel names a Windows zone by its offset at a time and its name; Windows'
// own wording, with the names of cities, is not known here.
func zoneLabel(name string, at time.Time) string {
	_, seconds := at.In(outlook.Clock(name)).Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("(UTC%s%02d:%02d) %s", sign, seconds/3600, seconds/60%60, name)
}
