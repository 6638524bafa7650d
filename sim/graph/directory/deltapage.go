package directory

import (
	"cmp"
	"slices"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// news is what a round has to tell of one object.
type news struct {
	id string
	// whole says that the follower does not know the object yet: it is new,
	// back from the deleted items, or the round is a full one.
	whole bool
	props map[string]bool // structural properties that changed
	links []link          // links that came or went, in order
}

// link is the other end of a relation.
type link struct{ rel, to string }

// key orders the links of an object.
func (l link) key() string { return l.rel + "/" + l.to }

// page tells the next objects of a round, and where the following page begins;
// nil after the last.
func (k kind) page(c *wire.Call, r round, size int) ([]wire.Doc, *round) {
	next := r
	next.Begun = true
	minimal := false
	if v, ok := c.Prefer("return"); ok {
		minimal = v == "minimal"
	}
	var docs []wire.Doc
	for _, n := range k.news(c, r) {
		if n.id < r.After || n.id == r.After && r.Told == "" {
			continue
		}
		if len(docs) == size {
			return docs, &next
		}
		told := ""
		if n.id == r.After {
			told = r.Told
		}
		var d wire.Doc
		d, next.Told = k.tell(c, r, n, told, minimal)
		docs = append(docs, d)
		next.After = n.id
		if next.Told != "" {
			return docs, &next
		}
	}
	// The first page of a full round never ends it: Graph tells first what there
	// is, and hands out the delta link afterwards (delta-query-users, -groups).
	if r.Full && !r.Begun {
		return docs, &next
	}
	return docs, nil
}

// news collects what a round has to tell, by object id.
func (k kind) news(c *wire.Call, r round) []news {
	byID := map[string]*news{}
	at := func(id string) *news {
		if byID[id] == nil {
			byID[id] = &news{id: id, props: map[string]bool{}}
		}
		return byID[id]
	}
	if r.Full {
		for o := range c.World.ObjectsOf(c.Tx, k.typ) {
			at(o.ID).whole = true
		}
	}
	for _, change := range c.World.ChangesAfter(c.Tx, world.ScopeOf(k.typ), r.From) {
		if change.Seq > r.To || r.Full {
			break
		}
		at(change.ID).add(change)
	}
	var out []news
	for _, n := range byID {
		if (len(r.IDs) == 0 || slices.Contains(r.IDs, n.id)) && k.concerns(r, n) {
			out = append(out, *n)
		}
	}
	slices.SortFunc(out, func(a, b news) int { return cmp.Compare(a.id, b.id) })
	return out
}

// add takes in one entry of the change log.
func (n *news) add(change world.Change) {
	switch {
	case change.Kind != world.Updated, slices.Contains(change.Props, "deletedDateTime"):
		n.whole = true
	case len(change.Props) == 2 && slices.Contains(world.Relations(), change.Props[0]):
		l := link{change.Props[0], change.Props[1]}
		if !slices.Contains(n.links, l) {
			n.links = append(n.links, l)
		}
	default:
		for _, name := range change.Props {
			n.props[name] = true
		}
	}
}

// concerns says whether a follower who selected certain properties hears of it.
func (k kind) concerns(r round, n *news) bool {
	if n.whole {
		return true
	}
	for name := range n.props {
		if len(r.Select) == 0 || slices.Contains(r.Select, name) {
			return true
		}
	}
	return slices.ContainsFunc(n.links, func(l link) bool { return k.followed(r, l.rel) })
}

// followed says whether the round reports a relation: those selected, or members
// when nothing is selected.
func (k kind) followed(r round, rel string) bool {
	if len(r.Select) == 0 {
		return rel == world.Members && slices.Contains(k.follows, rel)
	}
	return slices.Contains(r.Select, rel)
}

// tell writes what a page says of an object. Of its links it writes those after
// told, and gives the last one written when there are more.
func (k kind) tell(c *wire.Call, r round, n news, told string, minimal bool) (d wire.Doc, more string) {
	o, ok := c.World.Objects.Get(c.Tx, n.id)
	switch {
	case !ok:
		return wire.Doc{"id": n.id, "@removed": wire.Doc{"reason": "deleted"}}, ""
	case o.Deleted != nil:
		return wire.Doc{"id": n.id, "@removed": wire.Doc{"reason": "changed"}}, ""
	}
	d = wire.Doc{"id": o.ID}
	for _, name := range k.told(r, o) {
		value := o.Doc[name]
		// What has never been set is left out, and with return=minimal what has
		// not changed (user-delta).
		if n.props[name] || value != nil && (n.whole || !minimal) {
			d[name] = value
		}
	}
	links := k.links(c, r, n, o)
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.key(), b.key()) })
	links = slices.DeleteFunc(links, func(l link) bool { return l.key() <= told })
	for _, l := range links[:min(len(links), linkPage)] {
		list, _ := d[l.rel+"@delta"].([]any)
		d[l.rel+"@delta"] = append(list, farEnd(c, o, l))
	}
	if len(links) > linkPage {
		more = links[linkPage-1].key()
	}
	return d, more
}

// told names the structural properties that a round tells of an object.
func (k kind) told(r round, o world.Object) []string {
	if len(r.Select) > 0 {
		return slices.DeleteFunc(slices.Clone(r.Select), func(name string) bool { return slices.Contains(k.follows, name) })
	}
	if names := defaults()[k.typ]; names != nil {
		return names
	}
	var names []string
	for name := range public(o.Doc) {
		names = append(names, name)
	}
	return names
}

// links are the links of an object that a round tells: all of an object that is
// new to the follower, else those that came or went.
func (k kind) links(c *wire.Call, r round, n news, o world.Object) []link {
	var out []link
	if !n.whole {
		for _, l := range n.links {
			if k.followed(r, l.rel) {
				out = append(out, l)
			}
		}
		return out
	}
	for _, rel := range k.follows {
		if !k.followed(r, rel) {
			continue
		}
		for to := range c.World.LinkedFrom(c.Tx, o.ID, rel) {
			out = append(out, link{rel, to.ID})
		}
	}
	return out
}

// farEnd writes the other end of a link, or that it is gone.
func farEnd(c *wire.Call, o world.Object, l link) wire.Doc {
	d := wire.Doc{"id": l.to}
	to, ok := c.World.Objects.Get(c.Tx, l.to)
	if ok {
		d["@odata.type"] = "#microsoft.graph." + to.Type
	}
	if !ok || to.Deleted != nil || !c.World.Linked(c.Tx, o.ID, l.rel, l.to) {
		d["@removed"] = wire.Doc{"reason": "deleted"}
	}
	return d
}
