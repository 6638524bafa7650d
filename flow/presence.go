package flow

import "net/http"

// PresenceWants is what a presence flow asks for besides calendars. Each costs
// operations, and so perhaps permissions, that a flow without it does not have.
type PresenceWants struct {
	// Schedule asks for free and busy times of people whose calendar cannot be read.
	Schedule bool
	// Settings reads a mailbox's time zone and its automatic replies.
	Settings bool
	// Teams asks Microsoft Teams what it knows of people.
	Teams bool
}

// Presence tells an app who is available, from the calendars of people and
// whatever else the flow wants.
func Presence(w PresenceWants) Kind {
	operations := Calendar().operations
	if w.Schedule {
		operations = append(operations, GetSchedule())
	}
	if w.Settings {
		operations = append(operations, GetSettings())
	}
	if w.Teams {
		operations = append(operations, GetPresences())
	}
	return Kind{"presence", In, operations}
}

// GetSettings reads the settings of a mailbox, its time zone and automatic replies
// among them (graph-facts §6).
func GetSettings() Operation {
	return read("settings.get", "/v1.0/users/{mailbox}/mailboxSettings")
}

// GetPresences asks what Teams knows of several people (graph-facts §7).
func GetPresences() Operation {
	return Operation{
		name: "presences.get", api: Graph, method: http.MethodPost,
		template: "/v1.0/communications/getPresencesByUserId", others: byID,
	}
}
