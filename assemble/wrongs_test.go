package assemble_test

import "strings"

// wrongsOfApps are right in form, and of nothing there is.
func wrongsOfApps(mailbox string) []wrong {
	const none = "AAMkAGI2TGuLAAABbmVZAAA="
	in := func(name string, value ...any) map[string]any { return map[string]any{"event": event(name, value...)} }
	message := func(name string, value any) map[string]any {
		m := map[string]any{"subject": "x", "toRecipients": []any{map[string]any{"emailAddress": map[string]any{"address": "ben@contoso.com"}}}}
		m[name] = value
		return map[string]any{"message": m}
	}
	schedule := func(name string, value any) map[string]any {
		e := event("")
		q := map[string]any{"people": []any{mailbox}, "start": e["start"], "end": e["end"]}
		q[name] = value
		return q
	}
	zoneless := map[string]any{"dateTime": "2026-06-01T09:00:00", "timeZone": "Mars/Olympus"}
	list := []wrong{
		{operation: "explain", path: "code=nothing.of_ours", field: "code", code: "api.code_unknown"},
		{operation: "listEvents", query: "from=2026-06-02T00:00:00Z&to=2026-06-01T00:00:00Z", field: "to"},
		{operation: "listEvents", query: "fields=subjekt", field: "fields"},
		{operation: "listEvents", query: "calendar=" + none, field: "calendar", code: "api.name"},
		{operation: "getEvent", path: "event=" + none, field: "event", code: "api.no_event"},
		{operation: "listInstances", query: "start=2026-06-02T00:00:00Z&end=2026-06-01T00:00:00Z", field: "end"},
		{operation: "createEvent", body: map[string]any{"event": map[string]any{}}, field: "event.start", code: "act.missing"},
		{operation: "createEvent", body: in("colour", 1), field: "event.colour", code: "act.property"},
		{operation: "createEvent", body: in("subject", 1), field: "event.subject", code: "act.value"},
		{operation: "createEvent", body: in("start", zoneless), field: "event.start.timeZone", code: "act.zone"},
		{operation: "createEvent", body: in("attendees", []any{map[string]any{"emailAddress": map[string]any{"address": "ben"}}}), field: "event.attendees[0].emailAddress.address", code: "act.address"},
		{operation: "createEvent", body: map[string]any{"event": event(""), "calendar": "a calendar"}, field: "calendar", code: "act.id"},
		{operation: "changeEvent", body: map[string]any{"change": map[string]any{}}, field: "change", code: "act.missing"},
		{operation: "changeEvent", body: map[string]any{"change": map[string]any{"showAs": "gone"}}, field: "change.showAs", code: "act.value"},
		{operation: "changeEvent", path: "event=" + none, body: map[string]any{"change": map[string]any{"showAs": "free"}}, field: "event", code: "act.id"},
		{operation: "cancelEvent", path: "event=" + none, body: map[string]any{}, field: "event", code: "act.id"},
		{operation: "deleteEvent", path: "event=" + none, field: "event", code: "act.id"},
		{operation: "listInstances", path: "event=" + none, query: "start=2026-06-01T00:00:00Z&end=2026-06-02T00:00:00Z", field: "event", code: "act.id"},
		{operation: "createEvent", body: map[string]any{"event": event(""), "calendar": none}, field: "calendar", code: "act.id"},
		{operation: "deleteEvent", path: "event=none", field: "event", code: "act.id"},
		{operation: "cancelEvent", path: "event=none", body: map[string]any{}, field: "event", code: "act.id"},
		{operation: "answerInvitation", body: map[string]any{"answer": "decline", "proposed_new_time": map[string]any{"start": zoneless}}, field: "proposed_new_time.start.timeZone", code: "act.zone"},
		{operation: "askSchedule", body: schedule("people", []any{mailbox, "nobody@contoso.example"}), field: "people[1]", code: "act.mailbox"},
		{operation: "askSchedule", body: schedule("interval_minutes", 3), field: "interval_minutes", code: "act.schedule"},
		{operation: "askSchedule", body: schedule("start", zoneless), field: "start.timeZone", code: "act.zone"},
		{operation: "askSchedule", body: schedule("end", event("")["start"]), field: "end", code: "act.times"},
		{operation: "sendMessage", body: message("toRecipients", []any{}), field: "message.toRecipients", code: "act.missing"},
		{operation: "sendMessage", body: message("colour", 1), field: "message.colour", code: "act.property"},
		{operation: "getWrite", field: "id", code: "act.write_unknown"},
		{operation: "listPresence", query: "people=anna@contoso.com,,ben@contoso.com", field: "people"},
		{operation: "listPresence", query: "people=nobody@contoso.com", field: "people", code: "presence.person_unknown"},
		{operation: "followPresence", query: "people=nobody@contoso.com", field: "people", code: "presence.person_unknown"},
		{operation: "getPresence", path: "person=nobody@contoso.com", field: "person", code: "presence.person_unknown"},
		{operation: "beginSignIn", body: map[string]any{"registration": "nope"}, field: "registration", code: "connect.no_such_flow"},
		{operation: "beginSignIn", body: map[string]any{"registration": "people", "flows": []any{"crm", "nope"}}, field: "flows[1]", code: "connect.no_such_flow"},
		{operation: "beginSignIn", body: map[string]any{"registration": "people", "flows": []any{"crm", "crm"}}, field: "flows[1]", code: "connect.no_such_flow"},
		{operation: "beginSignIn", body: map[string]any{"registration": "people", "return_to": "https://evil.example/"}, field: "return_to", code: "connect.return_to"},
		{operation: "beginSignIn", body: map[string]any{"registration": "people", "account": "anna@contoso.com"}, field: "account", code: "connect.account"},
		{operation: "beginSignIn", body: map[string]any{"registration": "people", "state": strings.Repeat("x", 1025)}, field: "state", code: "connect.too_long"},
		{operation: "beginSignIn", body: map[string]any{"registration": "people", "hint": strings.Repeat("x", 1025)}, field: "hint", code: "connect.too_long"},
		{operation: "getSignIn", field: "sign_in", code: "connect.sign_in_unknown"},
		{operation: "takePerson", body: map[string]any{"code": "sc_guessed"}, field: "sign_in", code: "connect.sign_in_unknown"},
		{operation: "takePerson", body: map[string]any{"code": ""}, field: "code"},
		{operation: "dropPerson", path: "account=6e7b768e-07e2-4810-8459-485f84f8f204", field: "account", code: "connect.person_unknown"},
		{operation: "dropPerson", path: "registration=nope", field: "registration", code: "connect.person_unknown"},
		{operation: "listPeopleOfApp", path: "tenant=fabrikam", field: "tenant", code: "api.not_there"},
	}
	for _, operation := range []string{"listCalendars", "listEvents", "getEvent", "listChanges", "streamChanges"} {
		list = append(list, wrong{operation: operation, query: "flow=nope", field: "flow", code: "api.name"})
	}
	for _, operation := range []string{"listMailboxes", "listMailboxesOfTenant", "listEvents", "listPresence", "listChanges", "streamChanges"} {
		list = append(list, wrong{operation: operation, query: "cursor=nope", field: "cursor"})
	}
	for _, operation := range []string{"listCalendars", "listEvents", "getEvent"} {
		list = append(list, wrong{operation: operation, path: "mailbox=nobody@contoso.com", field: "mailbox", code: "api.not_there"},
			wrong{operation: operation, path: "tenant=fabrikam", field: "tenant", code: "api.not_there"})
	}
	return list
}

func wrongsOfOperators() []wrong {
	list := []wrong{
		{operation: "explain", path: "code=nothing.of_ours", field: "code", code: "api.code_unknown"},
		{operation: "invitePerson", body: map[string]any{"app": "crm", "tenant": "contoso", "registration": "nope"}, field: "registration", code: "connect.no_such_flow"},
		{operation: "getSignInOfPerson", path: "id=si_none", field: "sign_in", code: "connect.sign_in_unknown"},
		{operation: "revokePerson", path: "account=6e7b768e-07e2-4810-8459-485f84f8f204", body: map[string]any{"app": "crm"}, field: "account", code: "connect.person_unknown"},
		{operation: "createAppKey", path: "app=nope", body: map[string]any{}, field: "app", code: "appkey.app"},
		{operation: "createAppKey", body: map[string]any{"flows": []any{"crm", "nope"}}, field: "flows[1]", code: "appkey.flow"},
		{operation: "listAppKeys", path: "app=nope", field: "app", code: "api.name"},
		{operation: "getAppKey", field: "key", code: "appkey.unknown"},
		{operation: "rotateAppKey", body: map[string]any{}, field: "key", code: "appkey.unknown"},
		{operation: "revokeAppKey", body: map[string]any{}, field: "key", code: "appkey.unknown"},
		{operation: "enableSink", body: map[string]any{"sink": "nope"}, field: "sink", code: "deliver.sink"},
		{operation: "testSink", body: map[string]any{"sink": "nope"}, field: "sink", code: "deliver.sink"},
		{operation: "testSink", body: map[string]any{"sink": "office", "kind": "eaten"}, field: "kind"},
		{operation: "replay", body: map[string]any{"sink": "nope"}, field: "sink", code: "deliver.sink"},
		{operation: "replay", body: map[string]any{"sink": "office", "first": 9, "last": 1}, field: "first", code: "deliver.replay"},
		{operation: "replay", body: map[string]any{"sink": "office", "kind": "eaten"}, field: "kind", code: "deliver.replay"},
		{operation: "stopReplay", path: "id=99", field: "id", code: "store.replay_unknown"},
		{operation: "getDelivery", path: "id=nope", field: "id", code: "store.delivery_unknown"},
		{operation: "followFlow", query: "flow=nope", field: "flow", code: "deliver.flow"},
		{operation: "followFlow", query: "flow=office&sink=nope", field: "sink", code: "deliver.sink"},
		{operation: "followFlow", query: "flow=office&after=99999999", field: "after", code: "deliver.ahead"},
		{operation: "getConnection", path: "tenant=nope", field: "tenant", code: "connect.unknown"},
		{operation: "getConnection", path: "registration=nope", field: "registration", code: "connect.unknown"},
		{operation: "finishSignIn", path: "id=none", body: map[string]any{}, field: "id", code: "connect.sign_in_unknown"},
		{operation: "getRestriction", path: "registration=nope", field: "registration", code: "restrict.unknown"},
	}
	for _, operation := range []string{"listFeeds", "listSkipped"} {
		list = append(list, wrong{operation: operation, query: "flow=nope", field: "flow", code: "api.name"})
	}
	for _, operation := range []string{"listSinks", "listDeliveries", "listReplays"} {
		list = append(list, wrong{operation: operation, query: "sink=nope", field: "sink", code: "api.name"})
	}
	return list
}
