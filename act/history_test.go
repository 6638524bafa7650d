package act_test

import (
	"net/http"
	"slices"

	"github.com/graphwarden/graphwarden"
)

// revision is a version that an item has had, and who made it.
type revision struct {
	etag   string   // "" is: the item is gone
	writes []string // of the app's, one of which made it; none: somebody else did
}

func (r revision) foreign() bool { return len(r.writes) == 0 }

// history is what really happened to the items that a model watches: after each step of
// the app's or of Outlook's it is asked at Microsoft which items have another version.
type history struct {
	of    map[string][]revision
	knows map[string]int // the last version that the app was told of, or answered with
	wrote map[string]int // the last that it was answered with
}

// watch begins with an item as it is, made by a write or before all else.
func (x *two) watch(id string, writes ...string) {
	h := &x.versions
	if h.of == nil {
		*h = history{map[string][]revision{}, map[string]int{}, map[string]int{}}
	}
	if _, known := h.of[id]; !known {
		h.of[id] = []revision{{x.version(id), writes}}
	}
}

func (x *two) watches(id string) bool { return x.versions.of[id] != nil }

// version is the one that Microsoft has of an item, "" when it has none.
func (x *two) version(id string) string {
	w := x.request(x.t, http.MethodGet, x.path("/events/"+id), nil)
	if w.Code != http.StatusOK {
		return ""
	}
	return etagOf(w.Body.Bytes())
}

// witness notes what a step has changed: one of these writes did; none: somebody else.
func (x *two) witness(writes ...string) {
	for id, list := range x.versions.of {
		if now := x.version(id); now != list[len(list)-1].etag {
			x.versions.of[id] = append(list, revision{now, writes})
		}
	}
}

// gone says whether Microsoft has an item no more.
func (x *two) gone(id string) bool {
	list := x.versions.of[id]
	return list[len(list)-1].etag == ""
}

// answered notes which version the app knows from the answer to a write. With a series it
// knows the dates that are as the series is.
func (x *two) answered(in graphwarden.Intent, series string) {
	h, etag := &x.versions, etagOf(in.Outcome.Result)
	if in.Outcome.State != graphwarden.IntentDone || in.Outcome.Looked || etag == "" || h.of[in.Item] == nil {
		return
	}
	for id, list := range h.of {
		if id != in.Item && in.Item != series {
			continue
		}
		i := slices.IndexFunc(list, func(r revision) bool { return r.etag == etag })
		if i < 0 { // followed at once by another write's
			i = slices.IndexFunc(list, func(r revision) bool { return slices.Contains(r.writes, in.ID) })
		}
		if i < 0 {
			continue
		}
		h.knows[id] = max(h.knows[id], i)
		if id == in.Item {
			h.wrote[id] = max(h.wrote[id], i)
		}
	}
}

// judge holds an update that is told against what really happened (docs/writing.md): it
// is no version of the app's own and none older than one; its answer was lost, or it is
// of the series that a date of the app's belongs to, and somebody else has changed that;
// or it is an exception of the series that the app changed.
func (x *two) judge(d graphwarden.Delivery, series string) {
	h, id, etag := &x.versions, d.Change.Item, etagOf(d.Change.Body)
	if d.Origin.Write != "" {
		x.t.Errorf("an echo of %s", d.Origin.Write)
		return
	}
	i := slices.IndexFunc(h.of[id], func(r revision) bool { return r.etag == etag })
	if i < 0 {
		x.t.Errorf("told a version that nobody made: %s", etag)
		return
	}
	r, from := h.of[id][i], h.knows[id]
	h.knows[id] = max(from, i)
	kind := typeOf(d.Change.Body)
	news := func(r revision) bool {
		return r.foreign() || slices.ContainsFunc(r.writes, func(w string) bool { return x.unknown(w, id, series) })
	}
	switch {
	case i < h.wrote[id]:
		x.t.Errorf("told a version that is older than the app's")
	case news(r):
	case kind == "exception" && slices.ContainsFunc(r.writes, func(w string) bool { return x.of(w).Item == series }):
	case (id == series || kind == "occurrence") && i > from && slices.ContainsFunc(h.of[id][from+1:i+1], news):
	default:
		x.t.Errorf("an echo without its write: %s of %.8s is of %v", kind, id[max(0, len(id)-14):], r.writes)
	}
}

// unknown says of a write of an item, or of the series that it belongs to, that its answer
// was lost, or that it has none.
func (x *two) unknown(write, id, series string) bool {
	in := x.of(write)
	switch in.Outcome.State {
	case graphwarden.IntentUncertain:
		return true
	case graphwarden.IntentRefused: // it was looked for when the item was gone
		return in.Attempts > 1 && in.Outcome.Refusal.Code == "act.event_unknown"
	case graphwarden.IntentDone:
		return (in.Item == id || in.Item == series) && (in.Outcome.Looked || in.Outcome.Result == nil)
	}
	return false
}

func (x *two) of(write string) graphwarden.Intent {
	in, err := x.Write(x.t.Context(), "crm", write)
	if err != nil {
		x.t.Fatal(err)
	}
	return in
}

// judgeRemoval holds it against what happened that something is told to be gone: with the
// app's write where that removed it, or found it gone, and with none else.
// A series without dates, dateless, is in no window any more.
func (x *two) judgeRemoval(d graphwarden.Delivery, series string, dateless bool) {
	id, write := d.Change.Item, d.Origin.Write
	list := x.versions.of[id]
	last := list[len(list)-1]
	switch {
	case last.etag != "" && !(id == series && dateless):
		x.t.Errorf("told that %.8s is gone, which is there", id[max(0, len(id)-14):])
	case write != "":
		in := x.of(write)
		removes := in.Kind == graphwarden.DeleteEvent || in.Kind == graphwarden.CancelEvent || in.Kind == graphwarden.RespondEvent && in.Container == "decline"
		if !removes || in.Item != id && in.Item != series || in.Outcome.State != graphwarden.IntentDone {
			x.t.Errorf("told that it is gone with the write %s, a %s of %s", write, in.Kind, in.Outcome.State)
		}
	case last.etag == "" && !last.foreign() && slices.ContainsFunc(last.writes, func(w string) bool { return x.of(w).Outcome.State == graphwarden.IntentDone }):
		x.t.Errorf("told without its write that %.8s is gone", id[max(0, len(id)-14):])
	}
}
