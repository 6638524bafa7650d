package mailbox

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Settings are a mailbox's own (Microsoft Graph, mailboxSettings).
type Settings struct {
	Zone       string       `json:"zone"`
	Language   string       `json:"language"`
	DateFormat string       `json:"dateFormat"`
	TimeFormat string       `json:"timeFormat"`
	Delegates  string       `json:"delegates"`
	Hours      WorkingHours `json:"hours"`
	Replies    AutoReplies  `json:"replies"`
}

// WorkingHours are when the mailbox's owner works.
type WorkingHours struct {
	Days  []string `json:"days"`
	Start string   `json:"start"` // of day, "08:00:00.0000000"
	End   string   `json:"end"`
	Zone  string   `json:"zone"`
}

// AutoReplies are the answers that go out while the owner is away.
type AutoReplies struct {
	Status   string         `json:"status"`
	Audience string         `json:"audience"`
	Start    outlook.Moment `json:"start"`
	End      outlook.Moment `json:"end"`
	Internal string         `json:"internal,omitempty"`
	External string         `json:"external,omitempty"`
}

// The statuses of automatic replies (Microsoft Graph, automaticRepliesStatus).
const (
	repliesOff       = "disabled"
	repliesOn        = "alwaysEnabled"
	repliesScheduled = "scheduled"
)

// defaultSettings are those of a new mailbox: work from Monday to Friday, 8 to
// 17 in its zone (documentation of findMeetingTimes, activityDomain).
func defaultSettings(name string) Settings {
	return Settings{
		Zone: name, Language: "en-US", DateFormat: "M/d/yyyy", TimeFormat: "h:mm tt",
		Delegates: "sendToDelegateOnly",
		Hours: WorkingHours{
			Days:  []string{"monday", "tuesday", "wednesday", "thursday", "friday"},
			Start: "08:00:00.0000000", End: "17:00:00.0000000", Zone: name,
		},
		Replies: AutoReplies{Status: repliesOff, Audience: "all"},
	}
}

// Doc writes the settings; times in zone z.
func (m Mailbox) Doc(z outlook.Zone) Doc {
	s := m.Settings
	return Doc{
		"timeZone":   outlook.WindowsName(s.Zone),
		"language":   Doc{"locale": s.Language, "displayName": languageName(s.Language)},
		"dateFormat": s.DateFormat, "timeFormat": s.TimeFormat,
		"delegateMeetingMessageDeliveryOptions": s.Delegates,
		"userPurpose":                           string(m.Purpose),
		"workingHours":                          s.Hours.Doc(),
		"automaticRepliesSetting":               s.Replies.Doc(z),
	}
}

// Doc writes the working hours.
func (h WorkingHours) Doc() Doc {
	return Doc{"daysOfWeek": outlook.List(h.Days), "startTime": h.Start, "endTime": h.End, "timeZone": Doc{"name": outlook.WindowsName(h.Zone)}}
}

// Doc writes the automatic replies; times in zone z.
func (r AutoReplies) Doc(z outlook.Zone) Doc {
	return Doc{
		"status": r.Status, "externalAudience": r.Audience,
		"scheduledStartDateTime": r.Start.Doc(z), "scheduledEndDateTime": r.End.Doc(z),
		"internalReplyMessage": r.Internal, "externalReplyMessage": r.External,
	}
}

// active says whether the replies go out at a time.
func (r AutoReplies) active(at time.Time) bool {
	return r.Status == repliesOn || r.Status == repliesScheduled && !at.Before(r.Start.At) && at.Before(r.End.At)
}

// ReplyTo is the automatic reply that somebody inside the tenant gets from a
// mailbox, or "".
func (m Mailbox) ReplyTo(at time.Time) string {
	if !m.Settings.Replies.active(at) {
		return ""
	}
	return m.Settings.Replies.Internal
}

// ChangeSettings applies a PATCH of mailboxSettings. Members that are read-only
// are passed over: clients send back what they were answered.
func (b *Mailboxes) ChangeSettings(tx *state.Tx, m Mailbox, body Doc) (Mailbox, error) {
	s := &m.Settings
	for _, member := range []struct {
		name string
		read func(name string, v any) error
	}{
		{"timeZone", outlook.Into(&s.Zone, outlook.ReadZone)},
		{"language", outlook.Into(&s.Language, readLanguage)},
		{"dateFormat", outlook.Into(&s.DateFormat, outlook.String)},
		{"timeFormat", outlook.Into(&s.TimeFormat, outlook.String)},
		{"delegateMeetingMessageDeliveryOptions", outlook.Into(&s.Delegates, readDelegates)},
		{"workingHours", s.Hours.change},
		{"automaticRepliesSetting", s.Replies.change},
	} {
		if v, given := body[member.name]; given {
			if err := member.read(member.name, v); err != nil {
				return m, err
			}
		}
	}
	b.boxes.Put(tx, m.Owner, m)
	return m, nil
}

func readLanguage(name string, v any) (string, error) {
	d, _ := v.(Doc)
	locale := outlook.Text(d, "locale")
	if languageName(locale) == "" {
		return "", outlook.BadProperty(name, "'%s' is not a supported language.", locale)
	}
	return locale, nil
}

func readDelegates(name string, v any) (string, error) {
	return outlook.Enum(name, v, "sendToDelegateAndInformationToPrincipal", "sendToDelegateAndPrincipal", "sendToDelegateOnly")
}

func (h *WorkingHours) change(name string, v any) error {
	d, ok := v.(Doc)
	if !ok {
		return outlook.BadProperty(name, "an object is expected.")
	}
	if days, ok := d["daysOfWeek"].([]any); ok {
		h.Days = nil
		for _, day := range days {
			name, err := outlook.Enum("workingHours.daysOfWeek", day, "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
			if err != nil {
				return err
			}
			h.Days = append(h.Days, name)
		}
	}
	for name, to := range map[string]*string{"startTime": &h.Start, "endTime": &h.End} {
		given := outlook.Text(d, name)
		if given == "" {
			continue
		}
		t, err := time.Parse("15:04:05", given)
		if err != nil {
			return outlook.BadProperty("workingHours."+name, "'%s' is not a time of day such as 08:00:00.", given)
		}
		*to = t.Format("15:04:05.0000000")
	}
	if z, ok := d["timeZone"].(Doc); ok {
		var err error
		h.Zone, err = outlook.ReadZone("workingHours.timeZone", z["name"])
		return err
	}
	return nil
}

func (r *AutoReplies) change(name string, v any) error {
	d, ok := v.(Doc)
	if !ok {
		return outlook.BadProperty(name, "an object is expected.")
	}
	for _, member := range []struct {
		name string
		read func(name string, v any) error
	}{
		{"status", outlook.Into(&r.Status, func(name string, v any) (string, error) {
			return outlook.Enum(name, v, repliesOff, repliesOn, repliesScheduled)
		})},
		{"externalAudience", outlook.Into(&r.Audience, func(name string, v any) (string, error) {
			return outlook.Enum(name, v, "none", "contactsOnly", "all")
		})},
		{"scheduledStartDateTime", outlook.Into(&r.Start, outlook.ReadMoment)},
		{"scheduledEndDateTime", outlook.Into(&r.End, outlook.ReadMoment)},
		{"internalReplyMessage", outlook.Into(&r.Internal, outlook.String)},
		{"externalReplyMessage", outlook.Into(&r.External, outlook.String)},
	} {
		if v := d[member.name]; v != nil {
			if err := member.read(member.name, v); err != nil {
				return err
			}
		}
	}
	if r.Status == repliesScheduled && !r.Start.At.Before(r.End.At) {
		return outlook.Invalid("The scheduled start of the automatic replies must lie before their end.")
	}
	return nil
}

// Languages are the locales that mailboxes may have, with their names (a part of
// those that Exchange knows; documentation of supportedLanguages).
func Languages() [][2]string {
	return [][2]string{
		{"af-ZA", "Afrikaans (Suid-Afrika)"}, {"cs-CZ", "čeština (Česko)"}, {"da-DK", "dansk (Danmark)"},
		{"de-AT", "Deutsch (Österreich)"}, {"de-CH", "Deutsch (Schweiz)"}, {"de-DE", "Deutsch (Deutschland)"},
		{"en-AU", "English (Australia)"}, {"en-CA", "English (Canada)"}, {"en-GB", "English (United Kingdom)"}, {"en-US", "English (United States)"},
		{"es-ES", "español (España)"}, {"fi-FI", "suomi (Suomi)"}, {"fr-FR", "français (France)"},
		{"it-IT", "italiano (Italia)"}, {"ja-JP", "日本語 (日本)"}, {"nb-NO", "norsk bokmål (Norge)"},
		{"nl-NL", "Nederlands (Nederland)"}, {"pl-PL", "polski (Polska)"}, {"pt-BR", "português (Brasil)"},
		{"sv-SE", "svenska (Sverige)"},
	}
}

func languageName(locale string) string {
	for _, l := range Languages() {
		if l[0] == locale {
			return l[1]
		}
	}
	return ""
}
