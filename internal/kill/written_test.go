package kill

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/store"
)

// precise shows when something was, to the millisecond.
const precise = "15:04:05.000"

// row is a row of the simulator's truth: what a request really did.
type row struct {
	Seq                                        uint64
	App, Method, Path, Mailbox, Object, Effect string
	Call                                       string `json:"client_request_id"`
	Time                                       time.Time
}

// effects are the rows of the writes of one app.
func (n *tenant) effects(ctx context.Context, app string, after uint64) (list []row, last uint64, err error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s/sim/truth?after=%d", n.Graph, after), nil)
	if err != nil {
		return nil, after, err
	}
	answer, err := n.client.Do(q)
	if err != nil {
		return nil, after, err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r row
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return nil, after, err
		}
		if id, _, known := world.ParseItemID(r.Object); known { // the truth names items by their ordinary ids
			r.Object = id.Immutable()
		}
		after = r.Seq
		if r.App == app && r.Effect != "read" && r.Effect != "none" && !strings.Contains(r.Path, "/subscriptions") {
			list = append(list, r)
		}
	}
	return list, after, lines.Err()
}

// count is how often one kind of write happened to one thing.
type count struct {
	done, uncertain, effects int
	keys                     []string
}

// compareWrites wants, by the simulator's truth, exactly one effect of every write that
// the scribe asked for and that was done, none of one that was refused or lost, and
// uncertain only what the table of ways says.
func (r *trial) compareWrites(s *store.Store, _ map[place]string) (wrong []string) {
	r.Helper()
	rows, last, err := r.tenant.effects(r.ctx, r.tenant.app("calendar-certificate").ClientID, r.lastRow)
	if err != nil {
		r.Fatal(err)
	}
	r.rows, r.lastRow = append(r.rows, rows...), last
	t := &r.result.writes
	*t = writesTally{heard: t.heard, echoes: t.echoes, referred: t.referred, asked: len(r.scribe.asked), effects: len(r.rows), states: map[graphwarden.IntentState]int{}}
	counts := map[string]*count{}
	at := func(name string) *count {
		if counts[name] == nil {
			counts[name] = &count{}
		}
		return counts[name]
	}
	for _, w := range r.scribe.asked {
		in, found, err := s.IntentByKey(r.ctx, "scribe", w.key)
		if err != nil {
			r.Fatal(err)
		}
		if !found {
			if w.refused == "" {
				wrong = append(wrong, fmt.Sprintf("%s, %s: it was answered %v and is not there", w.key, w.action.kind, w.answer))
			}
			t.never++
			continue
		}
		t.states[in.Outcome.State]++
		wrong = append(wrong, r.outcome(s, w, in)...)
		c := at(string(in.Kind) + " " + w.action.at(w, in))
		switch c.keys = append(c.keys, w.key); in.Outcome.State {
		case graphwarden.IntentDone:
			c.done++
		case graphwarden.IntentUncertain:
			c.uncertain++
		}
	}
	for _, row := range r.rows {
		i := slices.IndexFunc(actions(), func(a action) bool { return a.did != nil && a.did(row) })
		if i < 0 {
			wrong = append(wrong, fmt.Sprintf("nobody asked for %+v", row))
			continue
		}
		at(string(actions()[i].kind)+" "+row.Object).effects++
	}
	for _, a := range actions() {
		if a.counted == nil {
			continue
		}
		for thing, n := range a.counted(r) {
			if c := counts[string(a.kind)+" "+thing]; c != nil { // else it is of another kind
				c.effects += n
				t.effects += n
			}
		}
	}
	for name, c := range counts {
		kind, thing, _ := strings.Cut(name, " ")
		a := actions()[slices.IndexFunc(actions(), func(a action) bool { return string(a.kind) == kind })]
		switch {
		case c.effects > c.done+c.uncertain:
			t.twice += c.effects - c.done - c.uncertain
			wrong = append(wrong, fmt.Sprintf("twice: %s has %d effects of %d writes\n%s", name, c.effects, c.done, r.story(s, c, thing)))
		case c.effects >= c.done:
		case a.gone && r.isGone(c, thing):
			t.quicker += c.done - c.effects
		default:
			t.missing += c.done - c.effects
			wrong = append(wrong, fmt.Sprintf("missing: %s has %d effects of %d writes\n%s", name, c.effects, c.done, r.story(s, c, thing)))
		}
	}
	return wrong
}

// story tells what is known of some writes about one thing: how each ended, and what the
// tenant says was done.
func (r *trial) story(s *store.Store, c *count, thing string) string {
	r.Helper()
	var out []string
	for _, key := range c.keys {
		in, _, err := s.IntentByKey(r.ctx, "scribe", key)
		if err != nil {
			r.Fatal(err)
		}
		why := ""
		if in.Outcome.Refusal != nil {
			why = in.Outcome.Refusal.Error()
		}
		out = append(out, fmt.Sprintf("%s %s %s %s made %s ended %s %s after %d attempts, looked for %t %s before %s", key, in.ID, in.Kind, in.Container, in.MadeAt.Format(precise),
			in.Outcome.EndedAt.Format(precise), in.Outcome.State, in.Attempts, in.Outcome.Looked, why, in.Before))
		for i, m := range r.members {
			raw, _ := os.ReadFile(filepath.Join(m.folder, "log")) // what it said besides
			for line := range strings.Lines(string(raw)) {
				if strings.Contains(line, in.ID) {
					out = append(out, fmt.Sprintf("gateway %d: %.400s", i, strings.TrimSpace(line)))
				}
			}
		}
	}
	calls := map[string]bool{}
	for _, row := range r.rows {
		calls[row.Call] = row.Object == thing
	}
	err := s.EntriesAfter(r.ctx, 0, 1<<20, func(e graphwarden.Entry, _ [32]byte) error {
		if calls[e.Call] {
			out = append(out, fmt.Sprintf("%s %s %s %s %d %s", e.At.Format(precise), e.Kind, e.Call, e.Path, e.Status, e.Note))
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	for _, row := range r.rows {
		if row.Object == thing {
			out = append(out, fmt.Sprintf("%s %s %s %s", row.Time.Format(precise), row.Method, row.Path, row.Call))
		}
	}
	return strings.Join(out, "\n")
}

// isGone says whether the thing that some writes were about is not there: somebody else
// has made it so.
func (r *trial) isGone(c *count, item string) bool {
	for _, w := range r.scribe.asked {
		if slices.Contains(c.keys, w.key) {
			return r.deleted(graphwarden.Intent{Mailbox: graphwarden.Mailbox{ID: r.tenant.Users[w.box].ID}, Item: item})
		}
	}
	return false
}

// deleted says whether the event of a write is not there.
func (r *trial) deleted(in graphwarden.Intent) bool {
	_, err := r.tenant.outlook(r.ctx, http.MethodGet, in.Mailbox.ID, "/events/"+url.PathEscape(in.Item), nil)
	return err != nil && strings.Contains(err.Error(), "404")
}

// version is the ETag that the event of a write has now.
func (r *trial) version(in graphwarden.Intent) string {
	d, _ := r.tenant.outlook(r.ctx, http.MethodGet, in.Mailbox.ID, "/events/"+url.PathEscape(in.Item), nil)
	return text(d, "@odata.etag")
}

// etagBefore is the ETag that the event of a write had before it was sent.
func etagBefore(in graphwarden.Intent) string {
	var before struct{ ETag string }
	_ = json.Unmarshal(in.Before, &before)
	return before.ETag
}

// outcome holds what the scribe was answered against what is stored.
func (r *trial) outcome(s *store.Store, w *written, in graphwarden.Intent) (wrong []string) {
	state := in.Outcome.State
	complain := func(format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s, %s: ", w.key, in.Kind)+fmt.Sprintf(format, args...))
	}
	if was := text(w.answer, "state"); w.answer != nil && was != string(graphwarden.IntentOpen) && was != string(state) {
		complain("it was answered %v and is %s", w.answer, state)
	}
	switch state {
	case graphwarden.IntentOpen:
		complain("it is still open, after %d attempts", in.Attempts)
	case graphwarden.IntentUncertain:
		if !w.action.unsure(r, in) {
			complain("it is uncertain, which the table of ways does not say: %v", in.Outcome.Refusal)
		}
	case graphwarden.IntentRefused, graphwarden.IntentLost:
		if w.refused == "" && w.answer == nil {
			complain("it is %s, and the app was not told", state)
		}
		_, kept, err := s.LoserOf(r.ctx, in.ID)
		if err != nil {
			r.Fatal(err)
		}
		code := ""
		if in.Outcome.Refusal != nil {
			code = in.Outcome.Refusal.Code
		}
		if (state == graphwarden.IntentLost || code == "act.conflict") != kept {
			complain("it is %s (%s), and the version that lost is kept: %t", state, code, kept)
		}
	}
	return wrong
}

// compareHeard wants of the scribe's own writes: of what it made and is there, one
// created with its reference; of its own updates nothing. And what it knows, from
// changes and answers together, must be what is there.
func (r *trial) compareHeard(s *store.Store, truth map[place]string) (wrong []string) {
	r.Helper()
	mine := map[string]string{} // the writes that made the versions of items
	writes := map[at][]string{}
	type answered struct {
		at     at
		result json.RawMessage
	}
	var answers []answered
	copy := map[at]version{}
	r.result.writes.heard, r.result.writes.echoes, r.result.writes.referred = 0, 0, 0
	b := r.scribe.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	there := r.there(truth)
	for _, w := range r.scribe.asked {
		in, found, err := s.IntentByKey(r.ctx, "scribe", w.key)
		if err != nil {
			r.Fatal(err)
		}
		if !found || in.Outcome.State != graphwarden.IntentDone {
			continue
		}
		k := at{in.Mailbox.ID, in.Item}
		writes[k] = append(writes[k], fmt.Sprintf("%s %s %s made %s ended %s found %t %s", w.key, in.ID, in.Kind, in.MadeAt.Format(precise), in.Outcome.EndedAt.Format(precise), in.Outcome.Looked, in.Outcome.ETag))
		if in.Outcome.ETag != "" {
			mine[in.Item+in.Outcome.ETag] = w.key
		}
		answers = append(answers, answered{k, in.Outcome.Result})
		if in.Kind == graphwarden.CreateEvent {
			wrong = append(wrong, r.born(w, b.told[k], there[k] != nil)...)
		}
	}
	for k, list := range b.told {
		for _, e := range list {
			newest(copy, k, e.Data.Item, true) // of changes the later one, as they are numbered
			if !strings.HasSuffix(e.Type, ".updated") {
				continue
			}
			r.result.writes.heard++
			var d doc
			_ = json.Unmarshal(e.Data.Item, &d)
			if key := mine[k.item+text(d, "@odata.etag")]; key != "" || e.Data.Write != "" {
				r.result.writes.echoes++
				wrong = append(wrong, fmt.Sprintf("an echo: %v of %s was told at %s with write %q: %s; the writes: %s", k, key, e.Time.Format(precise), e.Data.Write, e.Data.Item, strings.Join(writes[k], "\n")))
			}
		}
	}
	for _, a := range answers {
		newest(copy, a.at, a.result, false)
	}
	for k, list := range b.told {
		if last := list[len(list)-1]; strings.HasSuffix(last.Type, ".deleted") {
			delete(copy, k)
		}
	}
	return append(wrong, r.knows(copy, there, writes, b)...)
}

// history shows what was told of an item.
func history(told []graphwarden.Envelope) string {
	var out []string
	for _, e := range told {
		out = append(out, fmt.Sprintf("%d %s %s at %s write %q", e.Sequence, e.ID, e.Type, e.Time.Format(precise), e.Data.Write))
	}
	return strings.Join(out, ", ")
}

// there is what the truth has in the scribe's mailboxes, by item.
func (r *trial) there(truth map[place]string) map[at]doc {
	out := map[at]doc{}
	for p, raw := range truth {
		var d doc
		if slices.Contains(r.scribe.boxes(), p.mailbox) && json.Unmarshal([]byte(raw), &d) == nil {
			out[at{p.mailbox, p.item}] = d
		}
	}
	return out
}

// boxes are the ids of the scribe's mailboxes.
func (s *scribe) boxes() (ids []string) {
	for _, u := range s.r.tenant.Users[:len(policies())] {
		ids = append(ids, u.ID)
	}
	return ids
}

// born wants one created of an event that the scribe made, with its reference. One
// that was taken away before the feed saw it leaves no trace.
func (r *trial) born(w *written, told []graphwarden.Envelope, there bool) (wrong []string) {
	n := 0
	for _, e := range told {
		if strings.HasSuffix(e.Type, ".created") {
			n++
		}
		if e.Data.Reference != w.reference && !strings.HasSuffix(e.Type, ".deleted") {
			wrong = append(wrong, fmt.Sprintf("%s was told as %s with the reference %q, want %q", w.key, e.Type, e.Data.Reference, w.reference))
		}
	}
	if there && n != 1 || n > 1 {
		wrong = append(wrong, fmt.Sprintf("%s was told as created %d times: %d changes", w.key, n, len(told)))
	}
	r.result.writes.referred += n
	return wrong
}

// knows holds what the scribe knows against what is there, as far as a person wrote it.
func (r *trial) knows(copy map[at]version, there map[at]doc, writes map[at][]string, b *inbox) (wrong []string) {
	for k, have := range copy {
		if slices.Contains(r.scribe.boxes(), k.mailbox) && there[k] == nil && len(b.told[k]) > 0 && have.body["type"] == "singleInstance" && !r.tenant.outside(plain(have.body)) {
			wrong = append(wrong, fmt.Sprintf("the scribe was not told that %v is gone: %s\nthe tenant says %s\nit knows %v", k, history(b.told[k]), r.tenant.about(place{k.mailbox, "", k.item}), have.body))
		}
	}
	for k, d := range there {
		if d["type"] == "occurrence" || d["sensitivity"] == "private" || d["sensitivity"] == "confidential" {
			continue
		}
		have, known := copy[k]
		if !known {
			wrong = append(wrong, fmt.Sprintf("the scribe does not know %v", k))
			continue
		}
		for _, name := range []string{"subject", "start", "end", "showAs", "isCancelled"} {
			if x, y := plain(have.body[name]), plain(d[name]); x != y {
				wrong = append(wrong, fmt.Sprintf("the scribe knows %v with %s %s, and it is %s: told %s; its writes: %s\nit knows %v\nthere is %v",
					k, name, x, y, history(b.told[k]), strings.Join(writes[k], "\n"), have.body, d))
			}
		}
	}
	return wrong
}
