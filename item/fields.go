package item

// EventFields are the properties that Graph's event has in v1.0 (graph-facts §1.9),
// which a reader may choose among.
func EventFields() []string {
	return []string{"allowNewTimeProposals", "attendees", "body", "bodyPreview", "cancelledOccurrences", "categories", "changeKey", "createdDateTime",
		"end", "hasAttachments", "hideAttendees", "iCalUId", "id", "importance", "isAllDay", "isCancelled", "isDraft", "isOnlineMeeting", "isOrganizer",
		"isReminderOn", "lastModifiedDateTime", "location", "locations", "occurrenceId", "onlineMeeting", "onlineMeetingProvider", "onlineMeetingUrl",
		"organizer", "originalEndTimeZone", "originalStart", "originalStartTimeZone", "recurrence", "reminderMinutesBeforeStart", "responseRequested",
		"responseStatus", "sensitivity", "seriesMasterId", "showAs", "start", "subject", "transactionId", "type", "uid", "webLink"}
}
