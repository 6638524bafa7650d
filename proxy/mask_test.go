package proxy_test

import (
	"io"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/proxy"
)

// TestEventsAreMaskedWhereverTheyStand: behind a navigation, within an event that is
// open, by the type that they say they have, or gone. What holds none stays as it is.
func TestEventsAreMaskedWhereverTheyStand(t *testing.T) {
	const secret, masked = `{"id":"1","subject":"Zebrafink","sensitivity":"private","start":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"}}`,
		`{"id":"1","sensitivity":"private","start":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"}}`
	const open = `{ "id":"2", "subject":"Amsel", "sensitivity":"normal", "extension_x": {"a": [1, 2]} }`
	for _, s := range []struct {
		name, raw, want string
		is              edm.Ref
	}{
		{"a list", `{"@odata.context":"c","value":[` + secret + `,` + open + `],"@odata.nextLink":"n"}`, `{"@odata.context":"c","value":[` + masked + `,` + open + `],"@odata.nextLink":"n"}`, edm.Ref{Type: "microsoft.graph.event", Collection: true}},
		{"none", `{"value":[]}`, `{"value":[]}`, edm.Ref{Type: "microsoft.graph.event", Collection: true}},
		{"one", secret, masked, edm.Ref{Type: "microsoft.graph.event"}},
		{"one that is open", open, open, edm.Ref{Type: "microsoft.graph.event"}},
		{"one that does not say it", `{"id":"3","subject":"Zebrafink"}`, `{"id":"3"}`, edm.Ref{Type: "microsoft.graph.event"}},
		{"one that does not say it plainly", `{"id":"3","subject":"Zebrafink","sensitivity":null}`, `{"id":"3","sensitivity":null}`, edm.Ref{Type: "microsoft.graph.event"}},
		{"behind a calendar", `{"value":[{"id":"c","events":[` + secret + `,` + open + `]}]}`, `{"value":[{"id":"c","events":[` + masked + `,` + open + `]}]}`, edm.Ref{Type: "microsoft.graph.calendar", Collection: true}},
		{"behind a message", `{"id":"m","subject":"Amsel","event":` + secret + `}`, `{"id":"m","subject":"Amsel","event":` + masked + `}`, edm.Ref{Type: "microsoft.graph.eventMessage"}},
		{"within an event", `{"id":"2","sensitivity":"normal","instances":[` + secret + `]}`, `{"id":"2","sensitivity":"normal","instances":[` + masked + `]}`, edm.Ref{Type: "microsoft.graph.event"}},
		{"by its own word", `{"id":"a","item":{"@odata.type":"#microsoft.graph.event","id":"1","subject":"Zebrafink"}}`, `{"id":"a","item":{"@odata.type":"#microsoft.graph.event","id":"1"}}`, edm.Ref{Type: "microsoft.graph.itemAttachment"}},
		{"gone", `{"value":[{"id":"1","subject":"Zebrafink","@removed":{"reason":"deleted","more":"Zebrafink"}}]}`, `{"value":[{"id":"1","@removed":{"reason":"deleted"}}]}`, edm.Ref{Type: "microsoft.graph.event", Collection: true}},
		{"twice", `{"value":[],"value":[` + secret + `]}`, `{"value":[],"value":[` + masked + `]}`, edm.Ref{Type: "microsoft.graph.event", Collection: true}},
		{"somebody's times", `{"value":[{"scheduleId":"a","scheduleItems":[{"status":"busy","subject":"Zebrafink","isPrivate":false}]}]}`, `{"value":[{"scheduleId":"a","scheduleItems":[{"status":"busy","isPrivate":false}]}]}`, edm.Ref{Type: "microsoft.graph.scheduleInformation", Collection: true}},
		{"nothing", ``, ``, edm.Ref{Type: "microsoft.graph.event"}},
	} {
		var out strings.Builder
		if err := proxy.Mask(&out, strings.NewReader(s.raw), s.is); err != nil || out.String() != s.want {
			t.Errorf("%s: %v\n got %s\nwant %s", s.name, err, out.String(), s.want)
		}
	}
}

// TestWhatCannotBeReadIsNotHandedOn: an answer that is no object, or breaks off, or has an
// item without end.
func TestWhatCannotBeReadIsNotHandedOn(t *testing.T) {
	list, one := edm.Ref{Type: "microsoft.graph.event", Collection: true}, edm.Ref{Type: "microsoft.graph.event"}
	for _, raw := range []string{`Zebrafink`, `"Zebrafink"`, `[{"subject":"Zebrafink"}]`, `{"value":{"subject":"Zebrafink"}}`, `{"value":[{"subject":"Zebrafink"`, `{"value":[{"subject":"Zebrafink"}`, `{"subject":"Zebrafink"`} {
		for _, is := range []edm.Ref{list, one} {
			var out strings.Builder
			err := proxy.Mask(&out, strings.NewReader(raw), is)
			if strings.Contains(out.String(), canary) || err == nil && out.String() != "{}" && !strings.HasPrefix(raw, `{"value"`) {
				t.Errorf("%s: %v %s", raw, err, out.String())
			}
		}
	}
	for _, is := range []edm.Ref{list, one} {
		endless := io.MultiReader(strings.NewReader(`{"value":[{"subject":"`), letters{})
		if err := proxy.Mask(io.Discard, endless, is); err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("what does not end is answered with %v", err)
		}
	}
}

// letters are without end.
type letters struct{}

func (letters) Read(into []byte) (int, error) {
	for i := range into {
		into[i] = 'a'
	}
	return len(into), nil
}
