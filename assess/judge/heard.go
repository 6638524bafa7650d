package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/tongue"
	"github.com/graphwarden/graphwarden/catalog"
)

// reading is a plan that is looked through for flows.
type reading struct {
	catalog *catalog.Catalog
	all     []Permission
	text    []plan.Line // that names no permission
	taken   plan.Scheme
	others  bool // the text speaks of mailboxes of others
}

// heard is what a plan says of one topic in one scheme.
type heard struct {
	lines []int
	asked []*Permission // whose use it is
	does  []bool        // which of the topic's deeds
	own   bool          // of the mailbox of whoever signed in
	other bool          // of mailboxes of others
	// outline: a use is of outlines alone; whole: another is not.
	outline, whole bool
	contents       bool // a use or a line speaks of what outlines lack
}

// sharing are the words for mailboxes that belong to others than whoever signs in.
var sharing = sync.OnceValue(func() *find.Pattern {
	return re(`\bshared (?:\w+ )?(?:calendars?|mailbox|inbox|mail|folders?|contacts?|appointments?)|(?:calendars?|mailbox(?:es)?|mails?|inbox(?:es)?|contacts?|appointments?) (?:\w+ )?(?:of|from) (?:\w+ )?(?:colleagues?|others?|team|co-?workers?|delegat\w+)|colleagues'|\bother (?:people|users?|persons?)'?s? |delegated (?:calendars?|mailbox|inbox)|shared with|` + tongue.Also("sharing")[1:])
})

// flows are those of one topic: one for each scheme in which permissions are asked for
// it. What the text says without a permission belongs to the scheme that is taken.
func (r *reading) flows(t *topic) []Flow {
	by := map[plan.Scheme]*heard{}
	in := func(s plan.Scheme) *heard {
		if t.scheme != "" {
			s = t.scheme
		}
		if by[s] == nil {
			by[s] = &heard{does: make([]bool, len(t.does))}
		}
		return by[s]
	}
	lines := &heard{does: make([]bool, len(t.does))}
	for _, l := range r.text {
		lines.contents = lines.contents || t.outlines != nil && l.Has(contents())
		if t.line == nil || l.Kind == plan.Heading && t.id != "calendar" || !l.Has(t.line) {
			continue
		}
		lines.lines = append(lines.lines, onLine(&l, t.line))
		lines.hear(t, l.Text, l.Lower)
		lines.other = lines.other || l.Has(sharing())
	}
	for i := range r.all {
		q := &r.all[i]
		if use := rolesOut(q.use); q.asked() && t.mayUse(q) && (t.byLine && len(lines.lines) > 0 || t.isUse(q, use)) && !r.besides(t, q) {
			in(q.Scheme).take(t, q, use, r.others)
		}
	}
	for _, h := range by {
		h.contents = h.contents || lines.contents
	}
	if len(lines.lines) > 0 {
		s := r.taken
		if len(by) == 1 {
			for only := range by {
				s = only
			}
		}
		in(s).join(lines)
	}
	var out []Flow
	for _, s := range []plan.Scheme{r.taken, plan.Delegated, plan.Application} {
		if h := by[s]; h != nil {
			out = append(out, r.flow(t, s, h, len(out) > 0))
			delete(by, s)
		}
	}
	return out
}

// besides says whether a permission for whole mailboxes stands beside one of Graph for
// the same topic in its scheme: that one tells what is done.
func (r *reading) besides(t *topic, q *Permission) bool {
	return q.whole() && t.id != "mail" && slices.ContainsFunc(r.all, func(o Permission) bool { return o.asked() && !o.whole() && o.Scheme == q.Scheme && t.mayUse(&o) })
}

// hear notes which deeds words stand for.
func (h *heard) hear(t *topic, text, lower string) {
	for i, d := range t.does {
		h.does[i] = h.does[i] || d.words == nil || d.words.In(text, lower)
	}
	if t.outlines != nil {
		inside := contents().In(text, lower)
		outline := t.outlines.In(text, lower) && !inside
		h.contents = h.contents || inside
		h.outline, h.whole = h.outline || outline, h.whole || !outline
	}
}

// contents are the words of what outlines lack: bodies, attachments, what was written.
var contents = sync.OnceValue(func() *find.Pattern {
	return re(`\bbod(?:y|ies)\b|attachment|\btexts?\b|\bcontents?\b|\bagenda(?:s| of| and|,)|descriptions?\b|\bnotes\b|anhäng|anlage|inhalt|pièces? jointes?|contenu|\bvedhæft|indhold|vedlegg|innhold|bilag|bilaga|innehåll|bijlage|inhoud|adjunt|contenido`)
})

// onlyReads are the words of uses that read and change nothing. A use without any of them and
// without a word of changing is understood by the name of its permission.
var onlyReads = sync.OnceValue(func() *find.Pattern {
	return re(`\b(?:reads?|reading|shows?|showing|displays?|lists?|looks?|views?|viewing|sees?|finds?|checks?|watch(?:es)?|follow(?:s|ed)?|monitors?|monitoring|tracks?|tracking|retriev\w*|fetch\w*|collects?|downloads?|import\w*|analy[sz]\w*|reports?|search(?:es)?|access(?:es|ing)?|gets?)\b|` +
		`\b(?:les|liest|lesen|zeig|anzeig|sieht|ruft|abruf|auswert|prüf)\w*|\b(?:læs|viser|henter|søger|lit|lire|affich|consult|récup|lee|leen|muestra|consulta|lees|leest|toon|läser|visar|hämtar|leser|henter)\w*`)
})

// take notes what a permission is asked for. Where a use says neither that it reads nor that
// it changes, a name that changes is for changing; one for all that somebody may do tells
// nothing.
func (h *heard) take(t *topic, q *Permission, use string, others bool) {
	h.lines, h.asked = append(h.lines, q.Lines...), append(h.asked, q)
	h.hear(t, use, strings.ToLower(use))
	for i, d := range t.does {
		h.does[i] = h.does[i] || d.writes && !onlyReads().MatchString(use) && subjectOf(q.Name, q.Scheme).writes && !isWhole(q.Name)
	}
	shared := sharing().MatchString(use) || strings.HasSuffix(q.Name, ".Shared") && (use == "" || others)
	h.other, h.own = h.other || shared, h.own || !shared
}

// join takes what lines without a permission say.
func (h *heard) join(lines *heard) {
	h.lines = append(h.lines, lines.lines...)
	for i := range h.does {
		h.does[i] = h.does[i] || lines.does[i]
	}
	h.outline, h.whole, h.contents = h.outline || lines.outline, h.whole || lines.whole, h.contents || lines.contents
	h.other = h.other || lines.other
	h.own = h.own || len(h.asked) == 0 && !lines.other
}

// flow makes the flow of what was heard. A permission serves it that opens any of its
// operations, or that Microsoft's table does not tell of.
func (r *reading) flow(t *topic, s plan.Scheme, h *heard, second bool) Flow {
	f := Flow{ID: t.id, topic: t.id, What: t.what, scheme: s, Lines: unique(h.lines), bodies: t.bodies && (h.whole || !h.outline) && !h.outlinesAsked(), others: s == plan.Delegated && h.other}
	if second {
		f.ID += " (" + string(s) + ")"
	}
	for i, d := range t.does {
		if !h.does[i] {
			continue
		}
		for _, o := range d.operations {
			for _, owner := range owners(s, h) {
				if o := strings.ReplaceAll(o, "{me}", owner); !slices.Contains(f.Operations, o) {
					f.Operations = append(f.Operations, o)
				}
			}
		}
	}
	for _, q := range h.asked {
		if r.opensAny(q, f) {
			q.flows = append(q.flows, f.ID)
		} else {
			q.claims = append(q.claims, f.ID)
		}
	}
	return f
}

// outlinesAsked says whether nothing but outlines is asked for, and nothing is said of what
// they lack: whoever wrote that is not told to take more.
func (h *heard) outlinesAsked() bool {
	return len(h.asked) > 0 && !h.contents && !slices.ContainsFunc(h.asked, func(q *Permission) bool { return !strings.Contains(q.Name, ".ReadBasic") })
}

// owners are whose mailboxes a flow works in, as paths.
func owners(s plan.Scheme, h *heard) []string {
	var out []string
	if s == plan.Delegated && (h.own || !h.other) {
		out = append(out, "/me")
	}
	if s == plan.Application || h.other {
		out = append(out, "/users/{id}")
	}
	return out
}

// opensAny says whether a permission opens any of a flow's operations; of what the
// table does not list it is taken for granted.
func (r *reading) opensAny(q *Permission, f Flow) bool {
	if q.Resource != graphName || isWhole(q.Name) {
		return true
	}
	held := r.catalog.Grants(q.Scheme.Catalog(), q.Name)
	for _, t := range tasks(r.catalog, []Flow{f}) {
		if !t.known && len(t.answers) > 0 || t.known && t.op.Allowed(held) {
			return true
		}
	}
	return len(f.Operations) == 0
}

// unheard are the flows that the names of permissions stand for whose use speaks of
// what they cannot do and does not begin with it: Mail.Read that looks for replies to
// what was sent.
func (r *reading) unheard(have []Flow) []Flow {
	var out []Flow
	for i := range r.all {
		q := &r.all[i]
		if len(q.flows) > 0 || len(q.claims) == 0 || begunBySending(q) {
			continue
		}
		for j := range topics() {
			t := &topics()[j]
			if t.alone == nil || !t.mayUse(q) || !t.alone.MatchString(q.Name) {
				continue
			}
			h := &heard{does: make([]bool, len(t.does))}
			h.take(t, q, "", r.others)
			f := r.flow(t, q.Scheme, h, slices.ContainsFunc(have, func(x Flow) bool { return x.topic == t.id && x.scheme != q.Scheme }))
			if !slices.ContainsFunc(have, func(x Flow) bool { return x.ID == f.ID && x.scheme == f.scheme }) {
				out = append(out, f)
			}
		}
	}
	return out
}
