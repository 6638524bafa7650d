package graphwarden

import (
	"encoding/json"
	"time"
)

// CalendarItem is an event as a row of the table that SQL readers use. What is
// "" or zero is not known, or not shown.
type CalendarItem struct {
	Delivery
	Gone        bool // the event is no longer there
	ETag        string
	Type        string
	Series      string
	Start, End  time.Time
	AllDay      *bool
	Cancelled   *bool
	ShowAs      string
	Sensitivity string
	Subject     string
	Location    string
	Organizer   string
	Body        json.RawMessage // as the sink may show it
}
