package assemble_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// situation is one entry of testdata/situations.json: an event or a series, and
// what people then do to single occurrences.
type situation struct {
	Name, Zone string
	IANA       string // the zone, where Zone is a name of Windows
	Start, End string // by the clocks of the zone
	AllDay     bool
	Gap        bool // some days lack the hour or have it twice
	Pattern    map[string]any
	Range      map[string]any
	Then       []struct {
		On         string // the day that the occurrence is on
		Start, End string
		Cancel     bool
	}
}

// body is the event as a client posts it.
func (s situation) body() map[string]any {
	b := map[string]any{"subject": s.Name, "isAllDay": s.AllDay, "start": s.at(s.Start), "end": s.at(s.End)}
	if s.Pattern != nil {
		in := maps.Clone(s.Range) // situations are shared by tests that run beside each other
		in["recurrenceTimeZone"] = s.Zone
		b["recurrence"] = map[string]any{"pattern": s.Pattern, "range": in}
	}
	return b
}

func (s situation) at(clock string) map[string]any {
	return map[string]any{"dateTime": clock, "timeZone": s.Zone}
}

func situations(t *testing.T) (all []situation) {
	t.Helper()
	raw, err := os.ReadFile("testdata/situations.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// act does to a series what is then done to it.
func (s situation) act(j *journey, events, id string) {
	j.Helper()
	for _, then := range s.Then {
		day, err := time.Parse(time.DateOnly, then.On)
		if err != nil {
			j.Fatal(err)
		}
		q := url.Values{"startDateTime": {day.AddDate(0, 0, -2).Format(time.RFC3339)}, "endDateTime": {day.AddDate(0, 0, 3).Format(time.RFC3339)}}
		r := httptest.NewRequestWithContext(j.Context(), http.MethodGet, "https://"+host+events+"/"+url.PathEscape(id)+"/instances?"+q.Encode(), nil)
		r.Header.Set("Authorization", "Bearer "+j.ready.Tokens.Everything)
		r.Header.Set("Prefer", `IdType="ImmutableId", outlook.timezone="`+s.Zone+`"`)
		w := httptest.NewRecorder()
		j.sim.Handler().ServeHTTP(w, r)
		var list struct{ Value []wire }
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
			j.Fatalf("%s: %d %s", s.Name, w.Code, w.Body)
		}
		found := ""
		for _, e := range list.Value {
			if strings.HasPrefix(e.Start.DateTime, then.On) {
				found = events + "/" + url.PathEscape(e.ID)
			}
		}
		switch {
		case found == "":
			j.Fatalf("%s: nothing on %s among %s", s.Name, then.On, w.Body)
		case then.Cancel:
			j.outlook(http.MethodDelete, found, nil)
		default:
			j.outlook(http.MethodPatch, found, map[string]any{"start": s.at(then.Start), "end": s.at(then.End)})
		}
	}
}

// exact checks what the app has of a situation against the clocks of its zone,
// without asking Microsoft: every occurrence that nobody moved is at the hour of
// the series, and a series that counts has all that were not cancelled.
func (s situation) exact(t *testing.T, rows []row, acted bool) {
	t.Helper()
	name := s.Zone
	if s.IANA != "" {
		name = s.IANA
	}
	zone, err := time.LoadLocation(name)
	if err != nil && !s.AllDay {
		t.Fatal(err)
	}
	want := 1
	if s.Pattern != nil {
		want = 0
	}
	if n, counts := s.Range["numberOfOccurrences"].(float64); counts {
		want = int(n)
		for _, then := range s.Then {
			if then.Cancel && acted {
				want--
			}
		}
	}
	if len(rows) == 0 || want > 0 && len(rows) != want {
		t.Errorf("%s: the app has %d events, want %d", s.Name, len(rows), want)
	}
	for _, r := range rows {
		if r.Type == "exception" || s.Gap || s.AllDay {
			continue
		}
		for got, clock := range map[string]string{r.Start: s.Start, r.End: s.End} {
			at, err := time.Parse("2006-01-02T15:04:05.0000000 MST", got)
			if err != nil || at.In(zone).Format("15:04:05") != clock[len("2006-01-02T"):] {
				t.Errorf("%s: %s is %s there (%v), want %s", s.Name, got, at.In(zone).Format("15:04:05"), err, clock)
			}
		}
	}
}

// TestTimesAreExact (R40): what the app receives of every situation is what the
// view of the calendar shows, instance by instance, with our clock right, two
// hours fast and two hours slow. Half of it is there before the first read.
func TestTimesAreExact(t *testing.T) {
	t.Parallel()
	all := situations(t)
	if len(all) < 60 {
		t.Errorf("%d situations", len(all))
	}
	for name, skew := range map[string]time.Duration{"right": 0, "two hours fast": 2 * time.Hour, "two hours slow": -2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			indoors(t, 2, func(j *journey, c *copied) {
				j.app.verify = j.app.verifier.VerifyIgnoringTimestamp // the app's clock is ours
				j.now = func() time.Time { return time.Now().Add(skew) }
				ids := make([]string, len(all))
				events := func(i int) string { return "/v1.0/users/" + j.ready.Users[i/2%2].ID + "/events" }
				post := func(half int) {
					for i := half; i < len(all); i += 2 {
						ids[i] = j.outlook(http.MethodPost, events(i), all[i].body())["id"].(string)
					}
				}
				settle := func(when string, acted bool) int {
					time.Sleep(10 * time.Minute)
					n := j.same(c, when, 2)
					by := map[string][]row{}
					for _, r := range c.now(j.app) {
						by[r.Subject] = append(by[r.Subject], r)
					}
					for _, s := range all {
						s.exact(j.T, by[s.Name], acted)
					}
					return n
				}
				post(0)
				stop := j.run("5m")
				defer stop()
				time.Sleep(5 * time.Minute)
				post(1)
				before := settle("after the first read and the changes", false)
				for i, s := range all {
					s.act(j, events(i), ids[i])
				}
				after := settle("after exceptions and cancellations", true)
				j.Logf("%d situations, %d instances before and %d after exceptions: no difference", len(all), before, after)
			})
		})
	}
}
