package recur_test

import (
	"encoding/json"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

func TestRecurrenceIsAnsweredCompleteAndInGraphsSpelling(t *testing.T) {
	const asked = `{
		"pattern": {"type": "Weekly", "interval": 2, "daysOfWeek": ["Monday", "FRIDAY"]},
		"range": {"type": "NoEnd", "startDate": "2026-11-23", "endDate": "2027-01-01", "numberOfOccurrences": 7}
	}`
	const want = `{"pattern":{"dayOfMonth":0,"daysOfWeek":["monday","friday"],"firstDayOfWeek":"sunday","index":"first","interval":2,"month":0,"type":"weekly"},` +
		`"range":{"endDate":"0001-01-01","numberOfOccurrences":0,"recurrenceTimeZone":"","startDate":"2026-11-23","type":"noEnd"}}`
	var body any
	if err := json.Unmarshal([]byte(asked), &body); err != nil {
		t.Fatal(err)
	}
	r, err := recur.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(r.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("answered\n%s, want\n%s", got, want)
	}
	again, err := recur.Decode(r.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(again.JSON()); string(b) != want {
		t.Errorf("read back and answered again: %s", b)
	}
}

func TestDecodeRefusesWhatIsNoRecurrence(t *testing.T) {
	for _, body := range []any{"weekly", []any{}, map[string]any{"pattern": 1.0}, map[string]any{"pattern": map[string]any{"interval": "2"}}} {
		if r, err := recur.Decode(body); err == nil {
			t.Errorf("Decode(%v) = %+v, want an error", body, r)
		}
	}
}
