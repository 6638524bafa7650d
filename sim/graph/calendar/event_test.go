package calendar_test

import (
	"strings"
	"testing"
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

func oneLunch(b *bench) { b.keep("lunch", "anna", "POST /me/events", lunch) }

func TestEventsAreReadAndChanged(t *testing.T) {
	try(t, oneLunch, []situation{
		{name: "by an app", as: "app", request: "GET /users/{anna}/events/{lunch}", status: 200, want: `"subject":"Lunch"`},
		{name: "by its owner", as: "anna", request: "GET /me/events/{lunch}", status: 200, want: `"transactionId":"once"`},
		{name: "in the default calendar", as: "anna", request: "GET /me/calendar/events/{lunch}", status: 200, want: `"subject":"Lunch"`},
		{name: "in a zone of choice", as: "anna", request: "GET /me/events/{lunch}", header: `Prefer: outlook.timezone="Pacific Standard Time"`, status: 200,
			want: `"start":{"dateTime":"2026-03-10T04:00:00.0000000","timeZone":"Pacific Standard Time"}`},
		{name: "in a zone of nowhere", as: "anna", request: "GET /me/events/{lunch}", header: `Prefer: outlook.timezone="Mars"`, status: 400, want: "TimeZoneNotSupportedException"},
		{name: "as text", as: "anna", request: "GET /me/events/{lunch}?$select=body", header: `Prefer: outlook.body-content-type="text"`, status: 200,
			want: `"body":{"content":"Noon?","contentType":"text"}`},
		{name: "without what is given on demand only", as: "anna", request: "GET /me/events/{lunch}?$select=subject", status: 200, want: `"subject":"Lunch"}`},
		{name: "of a mailbox that is none", as: "app", request: "GET /users/{nora}/events", status: 404, want: "MailboxNotEnabledForRESTAPI"},
		{name: "of nobody", as: "app", request: "GET /users/{none}/events", status: 404, want: "ErrorInvalidUser"},
		{name: "of somebody else, unshared", as: "ben", request: "GET /users/{anna}/events", status: 403, want: "ErrorAccessDenied"},
		{name: "without permission", as: "app:User.Read.All", request: "GET /users/{anna}/events", status: 403, want: "ErrorAccessDenied"},
		{name: "to write with permission to read", as: "app:Calendars.Read", request: "DELETE /users/{anna}/events/{lunch}", status: 403, want: "ErrorAccessDenied"},
		{name: "what is no id", as: "anna", request: "GET /me/events/nonsense", status: 400, want: "ErrorInvalidIdMalformed"},
		{name: "in another mailbox", as: "ben", request: "GET /me/events/{lunch}", status: 404, want: "ErrorItemNotFound"},
		{name: "delta without a view", as: "anna", request: "GET /me/events/delta", status: 400, want: "Change tracking is not supported against 'microsoft.graph.event'"},
		{name: "searched for", as: "anna", request: "GET /me/events?$search=\"Lunch\"", status: 400, want: "$search"},
		{name: "a property that no event has", as: "anna", request: "GET /me/events?$select=colour", status: 400, want: "colour"},
		{name: "changed", as: "anna", request: "PATCH /me/events/{lunch}", body: `{"subject":"Dinner","importance":"High"}`, status: 200, want: `"importance":"high"`},
		{name: "changed in an old version", as: "anna", request: "PATCH /me/events/{lunch}", body: `{"subject":"x"}`, header: `If-Match: W/"old"`, status: 412, want: "ErrorIrresolvableConflict"},
		{name: "changed to what cannot be", as: "anna", request: "PATCH /me/events/{lunch}", body: `{"end":{"dateTime":"2026-03-09T00:00:00","timeZone":"UTC"}}`, status: 400, want: "ErrorCalendarEndDateIsEarlierThanStartDate"},
		{name: "made twice", as: "anna", request: "POST /me/events", body: lunch, status: 409, want: `"@event.existingEventId":"{lunch}"`},
		{name: "made of what no event has", as: "anna", request: "POST /me/events", body: `{"colour":"red"}`, status: 400, want: "colour"},
		{name: "deleted", as: "anna", request: "DELETE /me/events/{lunch}", status: 204},
		{name: "cancelled", as: "anna", request: "POST /me/events/{lunch}/cancel", body: `{"Comment":"Sorry"}`, status: 202},
		{name: "accepted by the organizer", as: "anna", request: "POST /me/events/{lunch}/accept", body: `{}`, status: 400, want: "you're the meeting organizer"},
		{name: "counted", as: "anna", request: "GET /me/events/$count", status: 200, want: "1"},
		{name: "filtered", as: "anna", request: "GET /me/events?$filter=start/dateTime ge '2026-03-10T11:00' and subject eq 'Lunch'", status: 200, want: "{lunch}"},
		{name: "filtered away", as: "anna", request: "GET /me/events?$filter=start/dateTime ge '2026-03-11'", status: 200, want: `"value":[]`},
		{name: "with its calendar", as: "anna", request: "GET /me/events/{lunch}?$expand=calendar", status: 200, want: `"name":"Calendar"`},
		{name: "its calendar", as: "anna", request: "GET /me/events/{lunch}/calendar", status: 200, want: `"name":"Calendar"`},
		{name: "basically", as: "app:Calendars.ReadBasic.All", request: "GET /users/{anna}/events/{lunch}", status: 200, want: `"body":null`},
		{name: "attachments, basically", as: "app:Calendars.ReadBasic.All", request: "GET /users/{anna}/events/{lunch}?$expand=attachments", status: 403, want: "ErrorAccessDenied"},
	})
}

func TestWhatIsMadeIsAnsweredAsItIsRead(t *testing.T) {
	b := start(t)
	made := b.keep("lunch", "anna", "POST /me/events", lunch)
	read := b.must(200, "anna", "GET /me/events/{lunch}", "")
	delete(made.body, "@odata.context")
	delete(read.body, "@odata.context")
	if got, want := toJSON(made.body), toJSON(read.body); got != want {
		t.Errorf("made as\n%s\nread as\n%s", got, want)
	}
	if made.header.Get("ETag") == "" || made.header.Get("ETag") != read.body["@odata.etag"] {
		t.Errorf("ETag %q, in the body %v", made.header.Get("ETag"), read.body["@odata.etag"])
	}
}

func TestIdsComeInTwoForms(t *testing.T) {
	b := start(t)
	oneLunch(b)
	const immutable = `Prefer: IdType="ImmutableId"`
	r := b.must(200, "anna", "GET /me/events/{lunch}", "", immutable)
	id := r.body["id"].(string)
	if id == b.ids["lunch"] || r.header.Get("Preference-Applied") == "" {
		t.Errorf("the immutable id is %s", id)
	}
	b.ids["same"] = id
	b.must(200, "anna", "GET /me/events/{same}", "")
	r = b.must(200, "anna", "POST /me/translateExchangeIds", `{"inputIds":["{lunch}","nonsense"],"sourceIdType":"restId","targetIdType":"restImmutableEntryId"}`)
	if got := r.list("targetId"); got[0] != id || got[1] != nil {
		t.Errorf("translated to %v", got)
	}
	if got := r.list("errorDetails"); got[0] != nil || got[1] == nil {
		t.Errorf("refused with %v", got)
	}
}

func TestInvitationsTravel(t *testing.T) {
	b := start(t)
	oneLunch(b)
	r := b.must(200, "ben", "GET /me/events", "")
	b.ids["his"] = r.list("id")[0].(string)
	if r.list("isOrganizer")[0] != false {
		t.Errorf("Ben's event is %s", r.text)
	}
	b.must(202, "ben", "POST /me/events/{his}/tentativelyAccept", `{"comment":"Perhaps","sendResponse":true,
		"proposedNewTime":{"start":{"dateTime":"2026-03-11T12:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-11T13:00:00","timeZone":"UTC"}}}`)
	r = b.must(200, "anna", "GET /me/events/{lunch}?$select=attendees", "")
	if !strings.Contains(r.text, `"response":"tentativelyAccepted"`) || !strings.Contains(r.text, `"proposedNewTime"`) {
		t.Errorf("Anna sees %s", r.text)
	}
	b.must(202, "ben", "POST /me/events/{his}/forward", `{"ToRecipients":[{"emailAddress":{"address":"room@contoso.example"}}],"Comment":"x"}`)
	b.must(204, "anna", "DELETE /me/events/{lunch}", "")
	if r = b.must(200, "ben", "GET /me/events/{his}", ""); r.body["isCancelled"] != true {
		t.Errorf("after it was deleted Ben has %s", r.text)
	}
	if r = b.must(200, "app", "GET /users/{room}/events", ""); len(r.list("id")) != 0 {
		t.Errorf("the room still has %s", r.text)
	}
	b.must(200, "ben", "POST /me/events/{his}/snoozeReminder", `{"newReminderTime":{"dateTime":"2026-03-10T10:00:00","timeZone":"UTC"}}`)
	b.must(200, "ben", "POST /me/events/{his}/dismissReminder", `{}`)
	if r = b.must(200, "ben", "GET /me/events/{his}", ""); r.body["isReminderOn"] != false {
		t.Errorf("a dismissed reminder is %v", r.body["isReminderOn"])
	}
}

func TestRemindersAreViewed(t *testing.T) {
	b := start(t)
	oneLunch(b)
	const view = "GET /me/reminderView(startDateTime='2026-03-10T00:00:00',endDateTime='2026-03-11T00:00:00')"
	r := b.must(200, "anna", view, "")
	if got := r.body["value"].([]any)[0].(doc)["reminderFireTime"].(doc)["dateTime"]; got != "2026-03-10T10:45:00.0000000" {
		t.Errorf("it fires at %v", got)
	}
	b.must(200, "anna", "POST /me/events/{lunch}/snoozeReminder", `{"NewReminderTime":{"dateTime":"2026-03-12T10:00:00","timeZone":"UTC"}}`)
	if r = b.must(200, "anna", view, ""); len(r.body["value"].([]any)) != 0 {
		t.Errorf("a snoozed reminder is still there: %s", r.text)
	}
}

func TestSeriesAndTheirInstances(t *testing.T) {
	b := start(t)
	b.keep("series", "anna", "POST /me/events", standup)
	const instances = "GET /me/events/{series}/instances?startDateTime=2026-03-01&endDateTime=2026-05-01"
	r := b.must(200, "anna", instances, "")
	if len(r.list("id")) != 5 || r.list("type")[0] != "occurrence" {
		t.Fatalf("the instances are %s", r.text)
	}
	b.ids["second"], b.ids["third"] = r.list("id")[1].(string), r.list("id")[2].(string)
	b.must(200, "anna", "PATCH /me/events/{second}", `{"subject":"Long one","end":{"dateTime":"2026-03-16T10:00:00","timeZone":"W. Europe Standard Time"}}`)
	b.must(204, "anna", "DELETE /me/events/{third}", "")
	r = b.must(200, "anna", instances+"&$orderby=start/dateTime desc&$top=2", "")
	if got := r.list("subject"); len(got) != 2 || r.body["@odata.nextLink"] == nil {
		t.Errorf("a page of instances is %s", r.text)
	}
	r = b.must(200, "anna", "GET /me/events/{series}?$select=cancelledOccurrences&$expand=exceptionOccurrences", "")
	if !strings.Contains(r.text, "OID."+b.ids["series"]+".2026-03-23") || !strings.Contains(r.text, `"subject":"Long one"`) {
		t.Errorf("the master is %s", r.text)
	}
	if r = b.must(200, "anna", "GET /me/events/{series}", ""); r.body["cancelledOccurrences"] != nil {
		t.Errorf("cancelledOccurrences is given unasked: %s", r.text)
	}
	b.must(400, "anna", "PATCH /me/events/{second}", `{"start":{"dateTime":"2026-03-09T20:00:00","timeZone":"UTC"}}`)
	b.must(400, "anna", "GET /me/events/{series}/instances", "")
}

func TestAttachmentsAndExtensions(t *testing.T) {
	b := start(t)
	oneLunch(b)
	b.keep("file", "anna", "POST /me/events/{lunch}/attachments", `{"@odata.type":"#microsoft.graph.fileAttachment","name":"a.txt","contentType":"text/plain","contentBytes":"aGk="}`)
	b.keep("item", "anna", "POST /me/events/{lunch}/attachments", `{"@odata.type":"#microsoft.graph.itemAttachment","name":"old","item":{"@odata.type":"#microsoft.graph.event","subject":"Old"}}`)
	try := func(status int, as, request, body, want string) {
		t.Helper()
		if r := b.ask(as, request, body); r.status != status || !strings.Contains(r.text, b.fill(want)) {
			t.Errorf("%s: %d %s, want %d with %s", request, r.status, r.text, status, want)
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
	b.must(204, "anna", "DELETE /me/events/{lunch}", "")
	for i, want := range []string{"create 201", "delete 204"} {
		e := b.saw[i]
		got := string(e.Effect) + " " + map[int]string{201: "201", 204: "204"}[e.Status]
		if got != want || e.Mailbox != b.ids["anna"] || e.Object != b.ids["lunch"] {
			t.Errorf("row %d is %+v, want %s of Anna's event", i, e, want)
		}
	}
}
