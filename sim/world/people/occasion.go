package people

import "github.com/graphwarden/graphwarden/sim/world/recur"

// occasion is a sort of meeting that takes place once.
type occasion struct {
	subject    string
	minutes    int
	days       int // an event of whole days
	guests     int // at most so many colleagues
	outside    int // and people of other companies
	room       bool
	online     bool
	private    bool
	showAs     string
	category   string
	importance string
}

func occasions() []occasion {
	return []occasion{
		{subject: "Project kick-off", minutes: 60, guests: 6, room: true, online: true, category: "Project"},
		{subject: "Customer visit", minutes: 90, guests: 2, outside: 2, room: true, category: "Customer", importance: "high"},
		{subject: "Offer: last questions", minutes: 30, outside: 1, online: true, category: "Customer"},
		{subject: "One to one", minutes: 30, guests: 1},
		{subject: "Interview", minutes: 45, guests: 2, outside: 1, room: true},
		{subject: "Focus time", minutes: 120, category: "Focus"},
		{subject: "Dentist", minutes: 60, private: true, showAs: "oof"},
		{subject: "Holiday", days: 5, showAs: "oof"},
		{subject: "Bank holiday", days: 1, showAs: "free"},
		{subject: "Working from home", days: 1, showAs: "workingElsewhere"},
		{subject: "Lunch?", minutes: 60, guests: 1, showAs: "tentative"},
		{subject: "Incident review", minutes: 50, guests: 5, online: true, importance: "high", category: "Project"},
	}
}

// rhythm is a sort of series. The pattern's day of the month or week may be
// left open, where it follows the first date.
type rhythm struct {
	occasion
	pattern recur.Pattern
	ends    string // a range type
	count   int
}

func rhythms() []rhythm {
	working := []string{"monday", "tuesday", "wednesday", "thursday", "friday"}
	return []rhythm{
		{occasion{subject: "Team meeting", minutes: 60, guests: 7, room: true, online: true, category: "Project"},
			recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: []string{"tuesday"}, FirstDayOfWeek: "monday"}, recur.NoEnd, 0},
		{occasion{subject: "Stand-up", minutes: 15, guests: 5, online: true},
			recur.Pattern{Type: recur.Weekly, Interval: 1, DaysOfWeek: working}, recur.EndDate, 0},
		{occasion{subject: "Sprint review", minutes: 60, guests: 6, room: true},
			recur.Pattern{Type: recur.Weekly, Interval: 2, DaysOfWeek: []string{"thursday"}, FirstDayOfWeek: "monday"}, recur.Numbered, 18},
		{occasion{subject: "Backup check", minutes: 15},
			recur.Pattern{Type: recur.Daily, Interval: 3}, recur.Numbered, 60},
		{occasion{subject: "Closing of the books", minutes: 120, guests: 3},
			recur.Pattern{Type: recur.AbsoluteMonthly, Interval: 1, DayOfMonth: 31}, recur.EndDate, 0},
		{occasion{subject: "Steering group", minutes: 90, guests: 5, room: true, importance: "high"},
			recur.Pattern{Type: recur.RelativeMonthly, Interval: 1, DaysOfWeek: []string{"wednesday"}, Index: "second"}, recur.NoEnd, 0},
		{occasion{subject: "Company day", days: 1, showAs: "free"},
			recur.Pattern{Type: recur.AbsoluteYearly, Interval: 1, DayOfMonth: 12, Month: 9}, recur.NoEnd, 0},
		{occasion{subject: "Budget round", minutes: 180, guests: 4, room: true},
			recur.Pattern{Type: recur.RelativeYearly, Interval: 1, DaysOfWeek: []string{"monday"}, Index: "last", Month: 10}, recur.Numbered, 5},
	}
}
