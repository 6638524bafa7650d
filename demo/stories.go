package demo

import "context"

// Story is one of the stories that the demo tells.
type Story struct {
	Name, Says string
	tell       func(*stage, context.Context) error
}

// Stories are all there are, the one that is told without a name first.
func Stories() []Story {
	return []Story{
		{"calendars", "two apps are kept in step with a company's calendars", (*stage).tell},
		{Presence, "a switchboard knows who is available", (*stage).tellPresence},
		{CRM, "users of a CRM connect their own calendars", (*stage).tellCRM},
	}
}

// story is the one of a name; "" is the first.
func story(name string) (Story, bool) {
	for _, s := range Stories() {
		if name == "" || s.Name == name {
			return s, true
		}
	}
	return Story{}, false
}
