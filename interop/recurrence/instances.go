package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics"
	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/zone"
)

// instance is one meeting as the witness compares it.
type instance struct {
	File    string `json:"file"`
	UID     string `json:"uid"`
	Start   string `json:"start"` // UTC
	End     string `json:"end"`
	AllDay  bool   `json:"allDay"`
	Subject string `json:"subject"`
}

// expandCalendars tells the instances of a folder of iCalendar files, as the
// importer reads them.
func (w window) expandCalendars(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.ics"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no .ics files in %q", dir)
	}
	out := json.NewEncoder(os.Stdout)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		items, _, err := ics.Parse(f, ics.Options{File: filepath.Base(name), Horizon: w.to})
		f.Close()
		if err != nil {
			return err
		}
		for _, item := range items {
			if err := w.tell(out, filepath.Base(name), item); err != nil {
				return fmt.Errorf("%s:%d: %w", name, item.Line, err)
			}
		}
	}
	return nil
}

// graphSeries is a line of the file of Graph series.
type graphSeries struct {
	File  string         `json:"file"`
	Event map[string]any `json:"event"`
}

// expandSeries tells the instances of Graph series.
func (w window) expandSeries(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	out := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s graphSeries
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if err := w.tell(out, s.File, ics.Item{Event: s.Event}); err != nil {
			return fmt.Errorf("%s: %w", s.File, err)
		}
	}
	return lines.Err()
}

// tell writes the instances of one Graph event in the window.
func (w window) tell(out *json.Encoder, file string, item ics.Item) error {
	start, end, err := times(item.Event)
	if err != nil {
		return err
	}
	if item.Event["recurrence"] == nil {
		return w.write(out, file, item.Event, start, end)
	}
	r, err := recur.Decode(item.Event["recurrence"])
	if err != nil {
		return err
	}
	if err := r.Validate(start); err != nil {
		return err
	}
	s, err := recur.NewSeries(start, end, r)
	if err != nil {
		return err
	}
	return w.tellSeries(out, file, item, s)
}

func (w window) tellSeries(out *json.Encoder, file string, item ics.Item, s *recur.Series) error {
	apart := map[time.Time]bool{}
	for _, date := range item.Cancelled {
		apart[date] = true
	}
	for _, e := range item.Exceptions {
		apart[e.Date] = true
		if err := w.tellException(out, file, item, s, e); err != nil {
			return err
		}
	}
	for o := range s.Expand(w.from, w.to) {
		if apart[o.Date] {
			continue
		}
		if err := w.write(out, file, item.Event, o.Start, o.End); err != nil {
			return err
		}
	}
	return nil
}

func (w window) tellException(out *json.Encoder, file string, item ics.Item, s *recur.Series, e ics.Exception) error {
	o, ok := s.On(e.Date)
	if !ok {
		return fmt.Errorf("an exception on %s, where the series has nothing", e.Date.Format(time.DateOnly))
	}
	event := maps.Clone(item.Event)
	maps.Copy(event, e.Event)
	start, end := o.Start, o.End
	if e.Event["start"] != nil {
		var err error
		if start, end, err = times(event); err != nil {
			return err
		}
	}
	return w.write(out, file, event, start, end)
}

func (w window) write(out *json.Encoder, file string, event map[string]any, start, end time.Time) error {
	if !start.Before(w.to) || end.Before(w.from) || end.Equal(w.from) && !start.Equal(end) {
		return nil
	}
	i := instance{File: file, Start: start.UTC().Format(time.RFC3339), End: end.UTC().Format(time.RFC3339)}
	i.UID, _ = event["iCalUId"].(string)
	i.Subject, _ = event["subject"].(string)
	i.AllDay, _ = event["isAllDay"].(bool)
	return out.Encode(i)
}

// times reads the start and the end of a Graph event.
func times(event map[string]any) (start, end time.Time, err error) {
	if start, err = when(event["start"]); err == nil {
		end, err = when(event["end"])
	}
	return start, end, err
}

// when reads Graph's dateTimeTimeZone.
func when(value any) (time.Time, error) {
	stamp, _ := value.(map[string]any)
	at, _ := stamp["dateTime"].(string)
	name, _ := stamp["timeZone"].(string)
	wall, err := time.Parse("2006-01-02T15:04:05.0000000", at)
	if err != nil {
		return time.Time{}, err
	}
	loc, err := zone.Load(name)
	if err != nil {
		return time.Time{}, err
	}
	return recur.WallTime(wall, loc), nil
}
