package calendar_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/kernel"
)

const lunch = `{"subject":"Lunch","body":{"contentType":"HTML","content":"Noon?"},
	"start":{"dateTime":"2026-03-10T12:00:00","timeZone":"W. Europe Standard Time"},
	"end":{"dateTime":"2026-03-10T13:00:00","timeZone":"W. Europe Standard Time"},
	"attendees":[{"emailAddress":{"address":"ben@contoso.example"},"type":"Required"}],"transactionId":"once"}`

const standup = `{"subject":"Stand-up",
	"start":{"dateTime":"2026-03-09T09:00:00","timeZone":"W. Europe Standard Time"},
	"end":{"dateTime":"2026-03-09T09:15:00","timeZone":"W. Europe Standard Time"},
	"recurrence":{"pattern":{"type":"weekly","interval":1,"daysOfWeek":["Monday"]},
		"range":{"type":"numbered","startDate":"2026-03-09","numberOfOccurrences":5}}}`

func oneLunch(b *bench) { b.Keep("lunch", "anna", "POST /me/events", lunch) }

func TestEventsAreReadAndChanged(t *testing.T) {
	try(t, oneLunch, []kernel.Situation{
		{Name: "by an app", As: "app", Request: "GET /users/{anna}/events/{lunch}", Status: 200, Want: `"subject":"Lunch"`},
		{Name: "by its owner", As: "anna", Request: "GET /me/events/{lunch}", Status: 200, Want: `"transactionId":"once"`},
		{Name: "in the default calendar", As: "anna", Request: "GET /me/calendar/events/{lunch}", Status: 200, Want: `"subject":"Lunch"`},
		{Name: "in a zone of choice", As: "anna", Request: "GET /me/events/{lunch}", Header: `Prefer: outlook.timezone="Pacific Standard Time"`, Status: 200,
			Want: `"start":{"dateTime":"2026-03-10T04:00:00.0000000","timeZone":"Pacific Standard Time"}`},
		{Name: "in a zone of nowhere", As: "anna", Request: "GET /me/events/{lunch}", Header: `Prefer: outlook.timezone="Mars"`, Status: 400, Want: "TimeZoneNotSupportedException"},
		{Name: "as text", As: "anna", Request: "GET /me/events/{lunch}?$select=body", Header: `Prefer: outlook.Body-content-type="text"`, Status: 200,
			Want: `"body":{"content":"Noon?","contentType":"text"}`},
		{Name: "without what is given on demand only", As: "anna", Request: "GET /me/events/{lunch}?$select=subject", Status: 200, Want: `"subject":"Lunch"}`},
		{Name: "of a mailbox that is none", As: "app", Request: "GET /users/{nora}/events", Status: 404, Want: "MailboxNotEnabledForRESTAPI"},
		{Name: "of nobody", As: "app", Request: "GET /users/{none}/events", Status: 404, Want: "ErrorInvalidUser"},
		{Name: "of somebody else, unshared", As: "ben", Request: "GET /users/{anna}/events", Status: 403, Want: "ErrorAccessDenied"},
		{Name: "without permission", As: "app:User.Read.All", Request: "GET /users/{anna}/events", Status: 403, Want: "ErrorAccessDenied"},
		{Name: "to write with permission to read", As: "app:Calendars.Read", Request: "DELETE /users/{anna}/events/{lunch}", Status: 403, Want: "ErrorAccessDenied"},
		{Name: "what is no id", As: "anna", Request: "GET /me/events/nonsense", Status: 400, Want: "ErrorInvalidIdMalformed"},
		{Name: "in another mailbox", As: "ben", Request: "GET /me/events/{lunch}", Status: 404, Want: "ErrorItemNotFound"},
		{Name: "delta without a view", As: "anna", Request: "GET /me/events/delta", Status: 400, Want: "Change tracking is not supported against 'microsoft.graph.event'"},
		{Name: "searched for", As: "anna", Request: "GET /me/events?$search=\"Lunch\"", Status: 400, Want: "$search"},
		{Name: "a property that no event has", As: "anna", Request: "GET /me/events?$select=colour", Status: 400, Want: "colour"},
		{Name: "changed", As: "anna", Request: "PATCH /me/events/{lunch}", Body: `{"subject":"Dinner","importance":"High"}`, Status: 200, Want: `"importance":"high"`},
		{Name: "changed in an old version", As: "anna", Request: "PATCH /me/events/{lunch}", Body: `{"subject":"x"}`, Header: `If-Match: W/"old"`, Status: 412, Want: "ErrorIrresolvableConflict"},
		{Name: "changed to what cannot be", As: "anna", Request: "PATCH /me/events/{lunch}", Body: `{"end":{"dateTime":"2026-03-09T00:00:00","timeZone":"UTC"}}`, Status: 400, Want: "ErrorCalendarEndDateIsEarlierThanStartDate"},
		{Name: "made twice", As: "anna", Request: "POST /me/events", Body: lunch, Status: 409, Want: `"@event.existingEventId":"{lunch}"`},
		{Name: "made of what no event has", As: "anna", Request: "POST /me/events", Body: `{"colour":"red"}`, Status: 400, Want: "colour"},
		{Name: "deleted", As: "anna", Request: "DELETE /me/events/{lunch}", Status: 204},
		{Name: "cancelled", As: "anna", Request: "POST /me/events/{lunch}/cancel", Body: `{"Comment":"Sorry"}`, Status: 202},
		{Name: "accepted by the organizer", As: "anna", Request: "POST /me/events/{lunch}/accept", Body: `{}`, Status: 400, Want: "you're the meeting organizer"},
		{Name: "counted", As: "anna", Request: "GET /me/events/$count", Status: 200, Want: "1"},
		{Name: "filtered", As: "anna", Request: "GET /me/events?$filter=start/dateTime ge '2026-03-10T11:00' and subject eq 'Lunch'", Status: 200, Want: "{lunch}"},
		{Name: "filtered away", As: "anna", Request: "GET /me/events?$filter=start/dateTime ge '2026-03-11'", Status: 200, Want: `"value":[]`},
		{Name: "with its calendar", As: "anna", Request: "GET /me/events/{lunch}?$expand=calendar", Status: 200, Want: `"name":"Calendar"`},
		{Name: "its calendar", As: "anna", Request: "GET /me/events/{lunch}/calendar", Status: 200, Want: `"name":"Calendar"`},
		{Name: "basically", As: "app:Calendars.ReadBasic.All", Request: "GET /users/{anna}/events/{lunch}", Status: 200, Want: `"body":null`},
		{Name: "attachments, basically", As: "app:Calendars.ReadBasic.All", Request: "GET /users/{anna}/events/{lunch}?$expand=attachments", Status: 403, Want: "ErrorAccessDenied"},
	})
}

func TestWhatIsMadeIsAnsweredAsItIsRead(t *testing.T) {
	b := start(t)
	made := b.Keep("lunch", "anna", "POST /me/events", lunch)
	read := b.Must(200, "anna", "GET /me/events/{lunch}", "")
	delete(made.Body, "@odata.context")
	delete(read.Body, "@odata.context")
	if got, want := toJSON(made.Body), toJSON(read.Body); got != want {
		t.Errorf("made as\n%s\nread as\n%s", got, want)
	}
	if made.Header.Get("ETag") == "" || made.Header.Get("ETag") != read.Body["@odata.etag"] {
		t.Errorf("ETag %q, in the body %v", made.Header.Get("ETag"), read.Body["@odata.etag"])
	}
}

func TestIdsComeInTwoForms(t *testing.T) {
	b := start(t)
	oneLunch(b)
	const immutable = `Prefer: IdType="ImmutableId"`
	r := b.Must(200, "anna", "GET /me/events/{lunch}", "", immutable)
	id := r.Body["id"].(string)
	if id == b.IDs["lunch"] || r.Header.Get("Preference-Applied") == "" {
		t.Errorf("the immutable id is %s", id)
	}
	b.IDs["same"] = id
	b.Must(200, "anna", "GET /me/events/{same}", "")
	r = b.Must(200, "anna", "POST /me/translateExchangeIds", `{"inputIds":["{lunch}","nonsense"],"sourceIdType":"restId","targetIdType":"restImmutableEntryId"}`)
	if got := r.List("targetId"); got[0] != id || got[1] != nil {
		t.Errorf("translated to %v", got)
	}
	if got := r.List("errorDetails"); got[0] != nil || got[1] == nil {
		t.Errorf("refused with %v", got)
	}
}

func TestInvitationsTravel(t *testing.T) {
	b := start(t)
	oneLunch(b)
	r := b.Must(200, "ben", "GET /me/events", "")
	b.IDs["his"] = r.List("id")[0].(string)
	if r.List("isOrganizer")[0] != false {
		t.Errorf("Ben's event is %s", r.Text)
	}
	b.Must(202, "ben", "POST /me/events/{his}/tentativelyAccept", `{"comment":"Perhaps","sendResponse":true,
		"proposedNewTime":{"start":{"dateTime":"2026-03-11T12:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-11T13:00:00","timeZone":"UTC"}}}`)
	r = b.Must(200, "anna", "GET /me/events/{lunch}?$select=attendees", "")
	if !strings.Contains(r.Text, `"response":"tentativelyAccepted"`) || !strings.Contains(r.Text, `"proposedNewTime"`) {
		t.Errorf("Anna sees %s", r.Text)
	}
	b.Must(202, "ben", "POST /me/events/{his}/forward", `{"ToRecipients":[{"emailAddress":{"address":"room@contoso.example"}}],"Comment":"x"}`)
	b.Must(204, "anna", "DELETE /me/events/{lunch}", "")
	if r = b.Must(200, "ben", "GET /me/events/{his}", ""); r.Body["isCancelled"] != true {
		t.Errorf("after it was deleted Ben has %s", r.Text)
	}
	if r = b.Must(200, "app", "GET /users/{room}/events", ""); len(r.List("id")) != 0 {
		t.Errorf("the room still has %s", r.Text)
	}
	b.Must(200, "ben", "POST /me/events/{his}/snoozeReminder", `{"newReminderTime":{"dateTime":"2026-03-10T10:00:00","timeZone":"UTC"}}`)
	b.Must(200, "ben", "POST /me/events/{his}/dismissReminder", `{}`)
	if r = b.Must(200, "ben", "GET /me/events/{his}", ""); r.Body["isReminderOn"] != false {
		t.Errorf("a dismissed reminder is %v", r.Body["isReminderOn"])
	}
}

func TestRemindersAreViewed(t *testing.T) {
	b := start(t)
	oneLunch(b)
	const view = "GET /me/reminderView(startDateTime='2026-03-10T00:00:00',endDateTime='2026-03-11T00:00:00')"
	r := b.Must(200, "anna", view, "")
	if got := r.Body["value"].([]any)[0].(doc)["reminderFireTime"].(doc)["dateTime"]; got != "2026-03-10T10:45:00.0000000" {
		t.Errorf("it fires at %v", got)
	}
	b.Must(200, "anna", "POST /me/events/{lunch}/snoozeReminder", `{"NewReminderTime":{"dateTime":"2026-03-12T10:00:00","timeZone":"UTC"}}`)
	if r = b.Must(200, "anna", view, ""); len(r.Body["value"].([]any)) != 0 {
		t.Errorf("a snoozed reminder is still there: %s", r.Text)
	}
}

func TestSeriesAndTheirInstances(t *testing.T) {
	b := start(t)
	b.Keep("series", "anna", "POST /me/events", standup)
	const instances = "GET /me/events/{series}/instances?startDateTime=2026-03-01&endDateTime=2026-05-01"
	r := b.Must(200, "anna", instances, "")
	if len(r.List("id")) != 5 || r.List("type")[0] != "occurrence" {
		t.Fatalf("the instances are %s", r.Text)
	}
	b.IDs["second"], b.IDs["third"] = r.List("id")[1].(string), r.List("id")[2].(string)
	b.Must(200, "anna", "PATCH /me/events/{second}", `{"subject":"Long one","end":{"dateTime":"2026-03-16T10:00:00","timeZone":"W. Europe Standard Time"}}`)
	b.Must(204, "anna", "DELETE /me/events/{third}", "")
	r = b.Must(200, "anna", instances+"&$orderby=start/dateTime desc&$top=2", "")
	if got := r.List("subject"); len(got) != 2 || r.Body["@odata.nextLink"] == nil {
		t.Errorf("a page of instances is %s", r.Text)
	}
	r = b.Must(200, "anna", "GET /me/events/{series}?$select=cancelledOccurrences&$expand=exceptionOccurrences", "")
	if !strings.Contains(r.Text, "OID."+b.IDs["series"]+".2026-03-23") || !strings.Contains(r.Text, `"subject":"Long one"`) {
		t.Errorf("the master is %s", r.Text)
	}
	if r = b.Must(200, "anna", "GET /me/events/{series}", ""); r.Body["cancelledOccurrences"] != nil {
		t.Errorf("cancelledOccurrences is given unasked: %s", r.Text)
	}
	b.Must(400, "anna", "PATCH /me/events/{second}", `{"start":{"dateTime":"2026-03-09T20:00:00","timeZone":"UTC"}}`)
	b.Must(400, "anna", "GET /me/events/{series}/instances", "")
}

func TestAttachmentsAndExtensions(t *testing.T) {
	b := start(t)
	oneLunch(b)
	b.Keep("file", "anna", "POST /me/events/{lunch}/attachments", `{"@odata.type":"#microsoft.graph.fileAttachment","name":"a.txt","contentType":"text/plain","contentBytes":"aGk="}`)
	b.Keep("item", "anna", "POST /me/events/{lunch}/attachments", `{"@odata.type":"#microsoft.graph.itemAttachment","name":"old","item":{"@odata.type":"#microsoft.graph.event","subject":"Old"}}`)
	try := func(status int, as, request, body, want string) {
		t.Helper()
		if r := b.Ask(as, request, body); r.Status != status || !strings.Contains(r.Text, b.Fill(want)) {
			t.Errorf("%s: %d %s, want %d with %s", request, r.Status, r.Text, status, want)
		}
	}
	try(200, "anna", "GET /me/events/{lunch}?$select=hasAttachments", "", `"hasAttachments":true`)
	try(200, "anna", "GET /me/events/{lunch}/attachments", "", `"contentBytes":"aGk="`)
	try(200, "anna", "GET /me/events/{lunch}/attachments/{file}", "", `"size":2`)
	try(200, "anna", "GET /me/events/{lunch}/attachments/{file}/$value", "", "hi")
	try(200, "anna", "GET /me/events/{lunch}/attachments/{item}?$expand=microsoft.graph.itemAttachment/item", "", `"subject":"Old"`)
	try(400, "anna", "GET /me/events/{lunch}/attachments/{item}/$value", "", "ErrorInvalidRequest")
	try(200, "anna", "GET /me/events/{lunch}?$expand=attachments", "", `"name":"a.txt"`)
	try(400, "anna", "POST /me/events/{lunch}/attachments", `{"@odata.type":"#microsoft.graph.fileAttachment","contentBytes":"aGk="}`, "name")
	try(204, "anna", "DELETE /me/events/{lunch}/attachments/{file}", "", "")
	try(404, "anna", "GET /me/events/{lunch}/attachments/{file}", "", "ErrorItemNotFound")

	const named = `{"@odata.type":"microsoft.graph.openTypeExtension","extensionName":"com.example","ref":"7"}`
	try(201, "anna", "POST /me/events/{lunch}/extensions", named, `"id":"Microsoft.OutlookServices.OpenTypeExtension.com.example"`)
	try(409, "anna", "POST /me/events/{lunch}/extensions", named, "exists")
	try(200, "anna", "PATCH /me/events/{lunch}/extensions/com.example", `{"ref":"8"}`, `"ref":"8"`)
	try(200, "anna", "GET /me/events/{lunch}?$expand=extensions", "", `"ref":"8"`)
	try(200, "anna", "GET /me/events/{lunch}/extensions", "", `"extensionName":"com.example"`)
	try(204, "anna", "DELETE /me/events/{lunch}/extensions/com.example", "", "")
	try(404, "anna", "GET /me/events/{lunch}/extensions/com.example", "", "ErrorItemNotFound")

	const id = "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Ref"
	try(200, "anna", "PATCH /me/events/{lunch}", `{"singleValueExtendedProperties":[{"id":"`+id+`","value":"7"}]}`, `"subject":"Lunch"`)
	try(200, "anna", "GET /me/events/{lunch}?$expand=singleValueExtendedProperties($filter=id eq '"+id+"')", "", `"value":"7"`)
	try(200, "anna", "GET /me/events?$filter=singleValueExtendedProperties/Any(ep: ep/id eq '"+id+"' and ep/value eq '7')", "", "{lunch}")
	try(200, "anna", "GET /me/events?$filter=singleValueExtendedProperties/Any(ep: ep/id eq '"+id+"' and ep/value eq '8')", "", `"value":[]`)
}

func TestWhatIsTouchedIsTold(t *testing.T) {
	b := start(t)
	oneLunch(b)
	b.Must(204, "anna", "DELETE /me/events/{lunch}", "")
	for i, want := range []string{"create 201", "delete 204"} {
		e := b.Saw[i]
		got := string(e.Effect) + " " + map[int]string{201: "201", 204: "204"}[e.Status]
		if got != want || e.Mailbox != b.IDs["anna"] || e.Object != b.IDs["lunch"] {
			t.Errorf("row %d is %+v, want %s of Anna's event", i, e, want)
		}
	}
}
