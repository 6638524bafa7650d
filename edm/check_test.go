package edm_test

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/edm"
)

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var body map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return body
}

func TestBodiesThatGraphReads(t *testing.T) {
	situations := []struct {
		name, typ, body string
		mode            edm.Mode
	}{
		{"an event", "event", `{"subject":"x","body":{"contentType":"HTML","content":"y"},"start":{"dateTime":"2026-11-21T10:00:00","timeZone":"UTC"},
			"attendees":[{"type":"required","emailAddress":{"address":"a@b.c"}}],"categories":[],"reminderMinutesBeforeStart":15,"location":null,"importance":"high"}`, edm.Create},
		{"an event with a recurrence", "event", `{"recurrence":{"pattern":{"type":"weekly","interval":1,"daysOfWeek":["monday","Friday"]},"range":{"type":"endDate","startDate":"2026-11-21","endDate":"2027-11-21"}}}`, edm.Create},
		{"an event with an attachment of a derived type", "event", `{"attachments":[{"@odata.type":"#microsoft.graph.fileAttachment","name":"x","contentBytes":"aGVsbG8="}]}`, edm.Create},
		{"a change of extended properties", "event", `{"singleValueExtendedProperties":[{"id":"String {0} Name X","value":"y"}]}`, edm.Update},
		{"a group with members", "group", `{"displayName":"x","members@odata.bind":["https://graph.microsoft.com/v1.0/users/1"],"groupTypes":["Unified"]}`, edm.Create},
		{"a user with a directory extension", "user", `{"accountEnabled":true,"extension_0123456789abcdef0123456789ABCDEF_cost":"5","passwordProfile":{"password":"x"}}`, edm.Create},
		{"a change of a manager", "user", `{"manager@odata.bind":"https://graph.microsoft.com/v1.0/users/1"}`, edm.Update},
		{"annotations", "user", `{"@odata.type":"#microsoft.graph.user","@odata.context":"x","@odata.etag":"y","businessPhones@odata.type":"#Collection(String)","businessPhones":["1"]}`, edm.Create},
		{"an open extension", "openTypeExtension", `{"extensionName":"com.contoso.x","anything":{"goes":[1]}}`, edm.Create},
		{"a type name without the number sign", "attachment", `{"@odata.type":"microsoft.graph.itemAttachment","name":"x","item":{"@odata.type":"microsoft.graph.message","subject":"y"}}`, edm.Create},
		{"formats", "subscription", `{"expirationDateTime":"2026-11-21T10:00:00.1234567+01:00","changeType":"created","includeResourceData":false}`, edm.Create},
		{"an identity with members of its own", "identitySet", `{"user":{"id":"1","tenantId":"2"},"phone":{"id":"3"}}`, edm.Create},
		{"times of day", "bookingStaffMember", `{"role":"guest","workingHours":[{"day":"monday","timeSlots":[{"startTime":"08:00:00.0000000","endTime":"17:00"}]}]}`, edm.Create},
		{"a duration and a whole number of 64 bits", "bookingService", `{"defaultDuration":"PT1H30M","maximumAttendeesCount":5}`, edm.Create},
		{"flags in any case", "conditionalAccessGuestsOrExternalUsers", `{"guestOrExternalUserTypes":"internalGuest, B2BCOLLABORATIONGuest"}`, edm.Create},
		{"nothing", "event", `{}`, edm.Update},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			if err := edm.Load().Check(s.typ, object(t, s.body), s.mode); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestBodiesThatGraphDoesNotRead(t *testing.T) {
	situations := []struct {
		name, typ, body string
		mode            edm.Mode
		property        string
		message         string
	}{
		{"an unknown property", "event", `{"subjct":"x"}`, edm.Create, "subjct",
			"The property 'subjct' does not exist on type 'microsoft.graph.event'. Make sure to only use property names that are defined by the type."},
		{"a property in the wrong case", "event", `{"Subject":"x"}`, edm.Create, "Subject", "does not exist"},
		{"an unknown property inside", "event", `{"start":{"date":"x"}}`, edm.Create, "start/date", "does not exist on type 'microsoft.graph.dateTimeTimeZone'"},
		{"an unknown property in an array", "event", `{"attendees":[{},{"name":"x"}]}`, edm.Create, "attendees[1]/name", "does not exist on type 'microsoft.graph.attendee'"},
		{"a directory extension without an application", "user", `{"extension_cost":"5"}`, edm.Create, "extension_cost", "does not exist"},
		{"text where a number is", "event", `{"reminderMinutesBeforeStart":"15"}`, edm.Create, "reminderMinutesBeforeStart", "Cannot convert the literal '15' to the expected type 'Edm.Int32'."},
		{"a number where text is", "event", `{"subject":5}`, edm.Create, "subject", "Cannot convert the literal '5' to the expected type 'Edm.String'."},
		{"text where a boolean is", "event", `{"isAllDay":"true"}`, edm.Create, "isAllDay", "'Edm.Boolean'"},
		{"a fraction where an integer is", "event", `{"reminderMinutesBeforeStart":1.5}`, edm.Create, "reminderMinutesBeforeStart", "'Edm.Int32'"},
		{"an integer beyond 32 bits", "event", `{"reminderMinutesBeforeStart":2147483648}`, edm.Create, "reminderMinutesBeforeStart", "'Edm.Int32'"},
		{"a timestamp without a zone", "subscription", `{"expirationDateTime":"2026-11-21T10:00:00"}`, edm.Create, "expirationDateTime", "Cannot convert the literal '2026-11-21T10:00:00' to the expected type 'Edm.DateTimeOffset'."},
		{"a date that is a timestamp", "event", `{"recurrence":{"range":{"startDate":"2026-11-21T00:00:00Z"}}}`, edm.Create, "recurrence/range/startDate", "'Edm.Date'"},
		{"a GUID that is none", "assignedLicense", `{"skuId":"x"}`, edm.Create, "skuId", "'Edm.Guid'"},
		{"a duration that is none", "timeSlot", `{"start":5}`, edm.Create, "start", "A 'StartObject' node was expected."},
		{"bytes that are not base64", "fileAttachment", `{"contentBytes":"*"}`, edm.Create, "contentBytes", "'Edm.Binary'"},
		{"an unknown member of an enumeration", "event", `{"importance":"urgent"}`, edm.Create, "importance", "Cannot convert the literal 'urgent' to the expected type 'microsoft.graph.importance'."},
		{"a number as member of an enumeration", "event", `{"importance":1}`, edm.Create, "importance", "'microsoft.graph.importance'"},
		{"an unknown one among flags", "conditionalAccessGuestsOrExternalUsers", `{"guestOrExternalUserTypes":"internalGuest,frob"}`, edm.Create, "guestOrExternalUserTypes", "'internalGuest,frob'"},
		{"null for a collection", "user", `{"businessPhones":null}`, edm.Update, "businessPhones", "does not allow null values"},
		{"null in a collection", "event", `{"attendees":[null]}`, edm.Create, "attendees[0]", "does not allow null values"},
		{"null for what must not be null", "user", `{"birthday":null}`, edm.Update, "birthday", "A null value was found for the property named 'birthday', which has the expected type 'Edm.DateTimeOffset[Nullable=False]'."},
		{"one value for a collection", "event", `{"categories":"x"}`, edm.Create, "categories", "An unexpected 'PrimitiveValue' node was found for property named 'categories' when reading from the JSON reader. A 'StartArray' node was expected."},
		{"an object for a text", "event", `{"subject":{}}`, edm.Create, "subject", "An unexpected 'StartObject' node was found"},
		{"an array for an object", "event", `{"start":[]}`, edm.Create, "start", "A 'StartObject' node was expected."},
		{"an unknown type", "event", `{"@odata.type":"#microsoft.graph.frob"}`, edm.Create, "@odata.type", "A type named '#microsoft.graph.frob' could not be resolved by the model."},
		{"a type that is no text", "event", `{"@odata.type":1}`, edm.Create, "@odata.type", "could not be resolved"},
		{"a type of another line", "event", `{"attachments":[{"@odata.type":"#microsoft.graph.user"}]}`, edm.Create, "attachments[0]/@odata.type",
			"A value with type 'microsoft.graph.user' was found, which is not assignable to the expected type 'microsoft.graph.attachment'."},
		{"no type where the declared one is abstract", "event", `{"attachments":[{"name":"x"}]}`, edm.Create, "attachments[0]", "A value without a type name was found"},
		{"a deep change", "event", `{"attachments":[]}`, edm.Update, "attachments", "Cannot apply PATCH to navigation property 'attachments' on entity type 'microsoft.graph.event'."},
		{"a reference from a property that is none", "group", `{"displayName@odata.bind":"x"}`, edm.Create, "displayName@odata.bind", "does not exist"},
		{"one reference where many are", "group", `{"members@odata.bind":"x"}`, edm.Create, "members@odata.bind", "A 'StartArray' node was expected."},
		{"a reference that is no text", "group", `{"members@odata.bind":[1]}`, edm.Create, "members@odata.bind[0]", "'Edm.String'"},
		{"an annotation of nothing", "group", `{"frob@odata.type":"x"}`, edm.Create, "frob@odata.type", "The property 'frob' does not exist"},
		{"a type that the schema lacks", "frob", `{}`, edm.Create, "", "A type named 'frob' could not be resolved by the model."},
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			err := edm.Load().Check(s.typ, object(t, s.body), s.mode)
			var unread *edm.BodyError
			if !errors.As(err, &unread) {
				t.Fatalf("Check = %v, want a *BodyError", err)
			}
			if unread.Property != s.property || !strings.Contains(unread.Message, s.message) {
				t.Errorf("%s: %s; want %s: … %s …", unread.Property, unread.Message, s.property, s.message)
			}
			if !strings.HasSuffix(err.Error(), unread.Message) {
				t.Errorf("Error() = %s", err)
			}
		})
	}
}

func TestNumbersAsTheDecoderGivesThem(t *testing.T) {
	for _, n := range []any{15.0, 15, json.Number("15")} {
		if err := edm.Load().Check("event", map[string]any{"reminderMinutesBeforeStart": n}, edm.Create); err != nil {
			t.Errorf("%T: %v", n, err)
		}
	}
	for _, n := range []any{15.5, 1e300, json.Number("1e2"), json.Number("99999999999999999999"), true} {
		if err := edm.Load().Check("event", map[string]any{"reminderMinutesBeforeStart": n}, edm.Create); err == nil {
			t.Errorf("%T %v is accepted", n, n)
		}
	}
}

func TestParametersOfAnAction(t *testing.T) {
	m := edm.Load()
	op, ok := m.Operation("getSchedule", edm.Ref{Type: "microsoft.graph.calendar"})
	if !ok {
		t.Fatal("no getSchedule")
	}
	good := `{"schedules":["a@b.c"],"startTime":{"dateTime":"x","timeZone":"UTC"},"EndTime":null,"availabilityViewInterval":30,"@odata.type":"x"}`
	if err := m.CheckParams(op, object(t, good)); err != nil {
		t.Error(err)
	}
	for name, body := range map[string]string{
		"unknown": `{"mailboxes":[]}`, "wrong kind": `{"schedules":"a@b.c"}`, "wrong inside": `{"startTime":{"date":"x"}}`,
	} {
		if err := m.CheckParams(op, object(t, body)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	mail, ok := m.Operation("sendMail", edm.Ref{Type: "microsoft.graph.user"})
	if !ok {
		t.Fatal("no sendMail")
	}
	body := object(t, `{"saveToSentItems":"False","message":{"importance":"HIGH"}}`)
	if err := m.CheckParams(mail, body); err != nil {
		t.Fatal(err)
	}
	m.TidyParams(mail, body)
	if want := object(t, `{"saveToSentItems":false,"message":{"importance":"high"}}`); !reflect.DeepEqual(body, want) {
		t.Errorf("%v", body)
	}
	if err := m.CheckParams(mail, object(t, `{"saveToSentItems":"no"}`)); err == nil {
		t.Error("a boolean that is neither is accepted")
	}
}

// TestDocumentedBodiesAreRead holds Check against the bodies of Microsoft's
// documentation of 2021. Those that fail have filler values, or properties that
// have left the schema since; their number can only fall.
func TestDocumentedBodiesAreRead(t *testing.T) {
	const known = 15
	m := edm.Load()
	read, failed := 0, []string{}
	for _, e := range examples(t) {
		body, ok := e.Request.Body.(map[string]any)
		path, _, _ := strings.Cut(e.Request.URL, "?")
		if !ok || !e.Request.PathInSchema || e.Request.Method == "GET" {
			continue
		}
		target, err := resolve(t, path)
		if err != nil {
			t.Fatal(err)
		}
		last := target.Last()
		switch {
		case target.Op != nil:
			err = m.CheckParams(target.Op, body)
		case last.Role == edm.RoleRef, last.Role == edm.RoleBatch:
			continue
		case e.Request.Method == "PATCH":
			err = m.Check(last.Ref.Type, body, edm.Update)
		default:
			err = m.Check(last.Ref.Type, body, edm.Create)
		}
		if err != nil {
			failed = append(failed, e.ID+": "+err.Error())
			continue
		}
		read++
	}
	if len(failed) > known || read < 90 {
		t.Errorf("%d bodies are read, %d are not:\n%s", read, len(failed), strings.Join(failed, "\n"))
	}
}

func TestCompleteShowsEveryProperty(t *testing.T) {
	doc := map[string]any{"displayName": "x", "businessPhones": []any{"1"}}
	edm.Load().Complete("user", doc)
	if doc["displayName"] != "x" || len(doc["businessPhones"].([]any)) != 1 {
		t.Error("what was there has changed")
	}
	if v, ok := doc["jobTitle"]; !ok || v != nil {
		t.Errorf("jobTitle is %v, %v", v, ok)
	}
	if v, ok := doc["assignedLicenses"].([]any); !ok || len(v) != 0 {
		t.Errorf("assignedLicenses is %v", doc["assignedLicenses"])
	}
	if doc["birthday"] != "0001-01-01T00:00:00Z" {
		t.Errorf("birthday is %v", doc["birthday"])
	}
	if _, ok := doc["id"]; ok {
		t.Error("an id was invented")
	}
	if _, ok := doc["events"]; ok {
		t.Error("a navigation property was added")
	}
	derived := map[string]any{"@odata.type": "#microsoft.graph.fileAttachment"}
	edm.Load().Complete("attachment", derived)
	if _, ok := derived["contentBytes"]; !ok {
		t.Error("the derived type's property is missing")
	}
	service := map[string]any{}
	edm.Load().Complete("bookingService", service)
	if service["isLocationOnline"] != false || service["maximumAttendeesCount"] != 0 {
		t.Errorf("%v and %v", service["isLocationOnline"], service["maximumAttendeesCount"])
	}
	unknown := map[string]any{}
	if edm.Load().Complete("frob", unknown); len(unknown) != 0 {
		t.Errorf("%v", unknown)
	}
}

// TestWhatIsCompletedIsValid runs over the types that the simulator serves.
func TestWhatIsCompletedIsValid(t *testing.T) {
	for _, name := range []string{"user", "group", "event", "calendar", "organization", "application", "servicePrincipal", "subscription",
		"fileAttachment", "appRoleAssignment", "oAuth2PermissionGrant", "message", "contact", "driveItem", "room", "place"} {
		doc := map[string]any{}
		edm.Load().Complete(name, doc)
		delete(doc, "@odata.type")
		if err := edm.Load().Check(name, doc, edm.Update); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTidySpellsEnumsAsTheSchema(t *testing.T) {
	body := object(t, `{"importance":"HIGH","body":{"contentType":"Html","content":"HTML"},"recurrence":{"pattern":{"daysOfWeek":["Monday","tuesday"]}},
		"attachments":[{"@odata.type":"#microsoft.graph.itemAttachment","item":{"@odata.type":"#microsoft.graph.event","sensitivity":"PRIVATE"}}],"subject":"LOW","frob":1}`)
	flags := object(t, `{"guestOrExternalUserTypes":"INTERNALGUEST, frob,b2bCollaborationMember"}`)
	edm.Load().Tidy("conditionalAccessGuestsOrExternalUsers", flags)
	if flags["guestOrExternalUserTypes"] != "internalGuest, frob,b2bCollaborationMember" {
		t.Errorf("%v", flags)
	}
	edm.Load().Tidy("event", body)
	want := object(t, `{"importance":"high","body":{"contentType":"html","content":"HTML"},"recurrence":{"pattern":{"daysOfWeek":["monday","tuesday"]}},
		"attachments":[{"@odata.type":"#microsoft.graph.itemAttachment","item":{"@odata.type":"#microsoft.graph.event","sensitivity":"private"}}],"subject":"LOW","frob":1}`)
	if !reflect.DeepEqual(body, want) {
		t.Errorf("%v", body)
	}
}

// FuzzCheck sends what a stranger can: any JSON object as any of a few types.
func FuzzCheck(f *testing.F) {
	f.Add("event", []byte(`{"start":{"dateTime":"x"},"attendees":[{"type":"required"}],"@odata.type":"#microsoft.graph.event"}`))
	f.Add("group", []byte(`{"members@odata.bind":["x"],"groupTypes":null}`))
	f.Fuzz(func(t *testing.T, name string, text []byte) {
		var body map[string]any
		if json.Unmarshal(text, &body) != nil {
			return
		}
		before := slices.Sorted(maps.Keys(body))
		one := edm.Load().Check(name, body, edm.Create)
		two := edm.Load().Check(name, body, edm.Create)
		if (one == nil) != (two == nil) || one != nil && one.Error() != two.Error() {
			t.Fatalf("%v and then %v", one, two)
		}
		if !slices.Equal(before, slices.Sorted(maps.Keys(body))) {
			t.Fatal("Check changed the body")
		}
		if one == nil {
			edm.Load().Tidy(name, body)
			if err := edm.Load().Check(name, body, edm.Create); err != nil {
				t.Fatalf("tidied, it is not read any more: %v", err)
			}
			edm.Load().Complete(name, body)
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	body := map[string]any{"subject": "x", "body": map[string]any{"contentType": "html", "content": "y"}, "start": map[string]any{"dateTime": "2026-11-21T10:00:00", "timeZone": "UTC"}}
	m := edm.Load()
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Check("event", body, edm.Create); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkComplete(b *testing.B) {
	m := edm.Load()
	b.ReportAllocs()
	for b.Loop() {
		m.Complete("event", map[string]any{"subject": "x"})
	}
}
