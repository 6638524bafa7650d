package read

import (
	"cmp"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
	"github.com/graphwarden/graphwarden/catalog"
)

// prose reads the permissions of a block that is no row, and says how many.
func (w *walker) prose(b *block, next string) int {
	n := 0
	for _, t := range b.cells[0].pieces() {
		n += w.part(b, t, next)
	}
	if n == 0 && (b.kind == item || b.kind == paragraph) {
		n += w.titled(b, b.cells[0].String(), w.above())
	}
	if n == 0 {
		n += w.quoted(b)
	}
	return n
}

// oftenEnough is how often one name is looked at in one piece of a text: it counts
// once for a line, unless what is said of it differs.
const oftenEnough = 8

// part reads the permissions of a part of a block.
func (w *walker) part(b *block, t *text, answer string) int {
	s := t.String()
	above := w.above()
	hits := w.book.scan(t)
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.from, b.from) })
	if b.kind == code {
		above = w.code.over(s, hits, above)
		hits = w.ofAPI(t, hits)
	} else {
		hits = append(hits, w.book.unknownActions(s, hits, len(hits) > 0 || about(s) || about(above.text))...)
	}
	if len(hits) == 0 {
		return 0
	}
	hits = once(t, hits)
	said := statements(b, s)
	refused := speech.SaysNo(head(s, 40))
	n, often := 0, map[string]int{}
	for _, h := range hits {
		if often[h.name]++; often[h.name] > oftenEnough {
			continue
		}
		from, to := sentence(s, h.from, h.to)
		text := s[from:to]
		sc := scopeIn(s, h, from, to, above, said)
		next := until(h, hits, 0)
		if next >= to {
			next = 2 * nowhere
		}
		at := span{h.from - from, h.to - from, apart(s, h, hits) - from, next - from, until(h, hits, 20) - from}
		status, doubtful := statusIn(text, at)
		sc.doubtful = sc.doubtful || doubtful
		switch {
		case t.at(h.from).marks&struck != 0, asksAndDenies(text, at, s[to:], answer), refused && w.asked[h.name], takenBack(h, hits, s, answer):
			status = plan.Negated
		case asks(s[to:]) && (status == plan.Negated || status == plan.Alternative && answeredNo(s[to:], answer)):
			status, sc.doubtful = plan.Asked, true // "does it work without it?", "is it optional? No."
		case status == plan.Asked && above.status != "":
			status = above.status
		}
		if status == plan.Asked && b.kind == code && commentedOut(s) {
			status = plan.Example
		}
		if status == plan.Asked {
			status = w.statusBeside(b, h, s[to:], answer)
		}
		m := w.mention(h, t.line(h.from), sc, status, nil)
		useful(m, s, h, hits)
		if b.kind != code {
			w.book.titleBehind(m, s[h.to:min(len(s), until(h, hits, 0))])
		}
		if !h.unknown {
			n++
		}
	}
	return n
}

// scopeIn is what the sentence from from to to says of a name in it, else those around it,
// else what stands above.
func scopeIn(s string, h hit, from, to int, above scope, said statedAll) scope {
	sc, text := above, s[from:to]
	if one := schemeIn(text, h.from-from, h.to-from); one != plan.Unstated {
		sc.scheme, sc.from = one, "sentence"
	} else if roleOfExchange(s[from:h.from]) {
		sc.scheme, sc.from = plan.Application, "role"
	} else if one := said.of(from, to); one != plan.Unstated {
		sc.scheme, sc.from = one, "sentence"
	}
	if api := apiIn(text); api != "" {
		sc.api = api
	}
	return sc
}

// takenBack says whether the sentence behind a name, where it names nothing itself, or the
// answer to a question about it takes it back.
func takenBack(h hit, hits []hit, s, answer string) bool {
	behind := s[h.to:min(len(s), until(h, hits, near))]
	if speech.TakesBack(behind) {
		return true
	}
	return strings.HasSuffix(strings.TrimRight(behind, " *_\"')"), "?") && speech.TakenIn(answer)
}

// statusBeside is the status of a name that its own sentence asks for, by the question
// that it stands in or answers and by who wrote it.
func (w *walker) statusBeside(b *block, h hit, rest, answer string) plan.Status {
	switch {
	case asks(rest) && speech.Depends(answer):
		return plan.Alternative
	case asks(rest) && w.known[h.name]:
		return plan.Example // what was asked for above is asked about
	case w.wanted != "" && w.wanted != plan.Asked:
		return w.wanted
	case b.quoted:
		return plan.Example
	}
	return plan.Asked
}

// once lets an id that stands beside its own name speak for the name's scheme.
func once(t *text, hits []hit) []hit {
	for i := range hits {
		for j := range hits {
			if hits[i].how != plan.ByID && hits[j].how == plan.ByID && hits[i].name == hits[j].name && t.line(hits[i].from) == t.line(hits[j].from) {
				hits[i].how, hits[i].delegate, hits[i].resource = plan.ByID, hits[j].delegate, hits[j].resource
				hits[j].name = ""
			}
		}
	}
	return slices.DeleteFunc(hits, func(h hit) bool { return h.name == "" && !h.unknown })
}

// asks says whether a sentence ends as a question.
func asks(rest string) bool {
	return strings.HasPrefix(rest, "?") || strings.HasPrefix(rest, "か"+fullStop)
}

// question remembers the names in a question, for the answer that follows it.
func (w *walker) question(b *block, words string, from int) {
	if !strings.HasSuffix(strings.TrimRight(words, " *_\"')"), "?") {
		if b.kind != heading {
			w.asked, w.wanted = nil, ""
		}
		return
	}
	w.asked, w.wanted = map[string]bool{}, ""
	if from == len(w.plan.Mentions) && signs().which.MatchString(strings.ToLower(words)) {
		w.wanted, _ = statusOf(words)
	}
	if !speech.AsksWhether(strings.ToLower(words)) {
		return
	}
	for _, m := range w.plan.Mentions[from:] {
		w.asked[m.Name] = true
	}
}

// stated is where a text speaks of a scheme, and of which.
type stated struct {
	at     int
	scheme plan.Scheme
	all    bool // of all that was named before
}

type statedAll []stated

// statements collects what sentences of a text say of schemes, for the names in the
// sentences around them.
func statements(b *block, s string) statedAll {
	if b.kind == code || b.kind == row {
		return nil
	}
	l := strings.ToLower(s)
	if len(l) != len(s) {
		return nil
	}
	var out statedAll
	for _, m := range signs().either.All(l) {
		from, to := sentence(l, m[0], m[1])
		if m[0] > 0 && (l[m[0]-1] == '(' || l[m[0]-1] == '[' || l[m[0]] == '(' || l[m[0]] == '[') || speech.Denies(l[from:m[0]]) || len(out) > oftenEnough {
			continue // said of one name, or denied
		}
		is := stated{at: m[0], scheme: plan.Application}
		if signs().delegated.MatchString(l[m[0]:m[1]]) {
			is.scheme = plan.Delegated
		}
		is.all = signs().every.MatchString(l[from:m[0]]) && !forms().name.MatchString(s[from:to])
		out = append(out, is)
	}
	return out
}

// of is what is said for a sentence: by one that closes what it is part of, else by the
// last before it.
func (all statedAll) of(from, to int) plan.Scheme {
	last := plan.Unstated
	for _, one := range all {
		switch {
		case one.all && one.at > to:
			return one.scheme
		case one.at < from:
			last = one.scheme
		}
	}
	return last
}

// useful notes as what a permission is for what follows its name, up to the next
// name; where nothing does, what stands before it.
func useful(m *plan.Mention, s string, h hit, hits []hit) {
	if m == nil {
		return
	}
	to, from := len(s), 0
	for _, o := range hits {
		if o.from >= h.to {
			to = min(to, o.from)
		}
		if o.to <= h.from {
			from = max(from, o.to)
		}
	}
	const around = "-:–—|(),;. \n\"'`"
	if m.Use = strings.Trim(s[h.to:to], around); len(m.Use) < 5 {
		m.Use = strings.Trim(s[from:h.from], around)
	}
	if onlyType(m.Use) {
		m.Use = ""
	}
}

// onlyType says whether words tell a permission's scheme, or that it is asked for, and
// nothing that it is for: "required application permissions".
func onlyType(words string) bool {
	all := strings.Fields(words)
	if len(all) > 0 && !speech.NamesAny(strings.ToLower(words)) {
		return true
	}
	if len(all) == 0 || len(all) > 2 || typeOf(all[0]) == plan.Unstated {
		return false
	}
	return len(all) == 1 || slices.Contains([]string{"permission", "permissions", "scope", "role", "only", "type"}, strings.ToLower(strings.Trim(all[1], "()")))
}

// explains lets an item that names no permission tell the use of the one above it.
func (w *walker) explains(words string, before int) {
	for i := before; i < len(w.plan.Mentions); i++ {
		m := &w.plan.Mentions[i]
		m.Use = strings.TrimSpace(m.Use + " " + words)
	}
}

// apiIn is another API than Graph that a sentence names beside a permission.
func apiIn(s string) string {
	l := strings.ToLower(s)
	switch {
	case strings.Contains(l, "azure ad graph"), strings.Contains(l, "azure active directory graph"):
		return azureADGraph
	case strings.Contains(l, "office 365 exchange online"), strings.Contains(l, "exchange") && strings.Contains(l, "user_impersonation"):
		return catalog.ExchangeOnline
	case strings.Contains(l, "office 365 sharepoint online"):
		return catalog.SharePointOnline
	}
	return ""
}
