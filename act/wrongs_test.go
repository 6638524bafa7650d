package act_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// wrongs are values of every kind, most of which no property can have.
func wrongs() []any {
	return []any{nil, true, -1.0, 0.5, 1e30, "", "x", "\x00", "a\u0085b", strings.Repeat("é", 70_000), "2027-13-45T00:00:00", []any{}, []any{1.0}, []any{nil}, []any{"x", "x"},
		doc{}, doc{"x": 1.0}, doc{"dateTime": "2027-03-01T09:00:00", "timeZone": "Mars/Olympus"}, doc{"dateTime": "2027-03-01T09:00:00Z", "timeZone": "UTC"},
		doc{"contentType": "rtf", "content": "x"}, doc{"emailAddress": doc{"address": "no address"}}, []any{doc{"emailAddress": doc{"address": "a@@b"}}},
		doc{"pattern": doc{"type": "hourly", "interval": 1.0}, "range": doc{"type": "noEnd", "startDate": "2027-03-01"}}, deep(40)}
}

func deep(n int) any {
	var v any = "x"
	for range n {
		v = []any{v}
	}
	return v
}

// places gives a way to put something in place of every value of an object, however
// deep, and where that is.
func places(at string, v any, put func(any)) map[string]func(any) {
	out := map[string]func(any){at: put}
	switch v := v.(type) {
	case doc:
		for name := range v {
			maps.Copy(out, places(at+"."+name, v[name], func(x any) { v[name] = x }))
		}
	case []any:
		for i := range v {
			maps.Copy(out, places(fmt.Sprintf("%s[%d]", at, i), v[i], func(x any) { v[i] = x }))
		}
	}
	return out
}

// wrongThings has an app send things with everything in them, of which one value at a
// time is a wrong one.
type wrongThings struct {
	root    string     // what the thing is called in refusals
	sample  func() doc // with every property that can be written
	more    []any      // wrong values besides those of every kind
	related func(field, at string) bool
	write   func(thing json.RawMessage) (graphwarden.Intent, error)
	rows    func() int // how much has reached Microsoft
	refused int        // how many must be refused at least, so that something was tried
	taken   int
}

// try puts every wrong value in every place but that of the thing itself, which is the
// fuzzer's. What is refused names its field and reaches nobody; what the room lets pass,
// Microsoft takes.
func (x wrongThings) try(t *testing.T) {
	all := slices.Sorted(maps.Keys(places(x.root, x.sample(), func(any) {})))
	refused, taken := 0, 0
	for _, at := range all[1:] {
		for i, value := range append(wrongs(), x.more...) {
			thing := x.sample()
			places(x.root, thing, func(any) {})[at](value)
			before := x.rows()
			in, err := x.write(write(t, thing))
			var r *graphwarden.Refusal
			switch {
			case err == nil && in.Outcome.State == graphwarden.IntentDone:
				taken++
				continue
			case !errors.As(err, &r) || !strings.HasPrefix(r.Code, "act.") || r.Do == "" || r.Kind != graphwarden.Invalid:
				t.Errorf("%s with %.60v (%d) gave %+v, %v", at, value, i, in.Outcome.State, err)
				continue
			case x.rows() != before:
				t.Errorf("%s with %.60v was refused, and something reached Microsoft", at, value)
			case !x.related(r.Field, at):
				t.Errorf("%s with %.60v is refused for %s: %s", at, value, r.Field, r.Say)
			case len(r.Say) > 600 || strings.Contains(r.Say, strings.Repeat("é", 200)):
				t.Errorf("%s: the refusal says too much", at)
			}
			refused++
		}
	}
	if refused < x.refused || taken < x.taken {
		t.Errorf("%d were refused and %d taken", refused, taken)
	}
	t.Logf("%d wrong values in %d places were refused, %d that are right were taken", refused, len(all), taken)
}

// scripted is the room of a flow over a Microsoft that takes everything and remembers it.
func scripted(t testing.TB, kind flow.Kind, microsoft http.HandlerFunc) (*act.Act, *rig.Rig) {
	t.Helper()
	r := rig.New(t, nil)
	r.Flow.Kind = kind
	p, err := policy.New(r.Flows())
	if err != nil {
		t.Fatal(err)
	}
	r.Policy.Replace(p)
	r.Microsoft.Answer(microsoft)
	g := graph.New(gate.New(r.Config(t, r.Net.Client())).With(rig.Lender{}))
	return act.New(act.Config{Roster: roster{r.Flow}, Writer: g, Reader: g, Mailer: g, Mails: g, Files: g, Uploads: r.Store, Claims: r.Store, Store: r.Store, Intents: r.Store, Due: r.Store, Shelf: r.Store,
		Log: rig.Log(), Now: time.Now, Holder: "one"}), r
}
