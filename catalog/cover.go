package catalog

import (
	"slices"
	"strings"
)

// Covers says whether whoever holds wide can do all that narrow opens: by
// their names (Calendars.ReadWrite covers Calendars.Read covers
// Calendars.ReadBasic; Files.Read.All covers Files.Read; Calendars.Read.Shared
// covers Calendars.Read), by Microsoft's permissions reference, or because the
// table opens to wide every operation that it opens to narrow and the names do
// not speak against it. A permission that does not exist in the scheme neither
// covers nor is covered.
func (c *Catalog) Covers(wide, narrow string, scheme Scheme) bool {
	s := scheme.index()
	w, wideErr := c.number(wide)
	n, narrowErr := c.number(narrow)
	if s < 0 || wideErr != nil || narrowErr != nil || !c.permissions[w].schemes[s].exists || !c.permissions[n].schemes[s].exists {
		return false
	}
	held := c.Grants(scheme, wide)
	return held.has(n) || mayCover(&c.permissions[w], &c.permissions[n]) && c.opensAllOf(n, held)
}

// Coverers gives for each of the names those others among them that cover it. Of two
// that cover each other, the first by the alphabet is taken for the wider.
func (c *Catalog) Coverers(scheme Scheme, names []string) map[string][]string {
	s := scheme.index()
	numbers := make([]int32, 0, len(names))
	for _, name := range names {
		if n, err := c.number(name); s >= 0 && err == nil && c.permissions[n].schemes[s].exists {
			numbers = append(numbers, n)
		}
	}
	if s < 0 {
		return map[string][]string{}
	}
	// Whoever covers a permission opens the first of its operations, so that few pairs are
	// left to be compared.
	opened, firsts := c.openedBy(), map[int32][]int32{}
	for _, n := range numbers {
		if own := opened.own[s][n]; len(own) > 0 {
			firsts[own[0]] = append(firsts[own[0]], n)
		}
	}
	covers := map[[2]int32]bool{}
	for _, w := range numbers {
		held := c.Grants(scheme, c.permissions[w].Name)
		for _, n := range c.narrower[s][w] {
			covers[[2]int32{w, n}] = n != w
		}
		for _, o := range opened.all[s][w] {
			for _, n := range firsts[o] {
				if n != w && !covers[[2]int32{w, n}] && mayCover(&c.permissions[w], &c.permissions[n]) && c.opensAllOf(n, held) {
					covers[[2]int32{w, n}] = true
				}
			}
		}
	}
	out := map[string][]string{}
	for _, w := range numbers {
		for _, n := range numbers {
			wide, narrow := c.permissions[w].Name, c.permissions[n].Name
			if covers[[2]int32{w, n}] && !(covers[[2]int32{n, w}] && narrow < wide) {
				out[narrow] = append(out[narrow], wide)
			}
		}
	}
	return out
}

// mayCover says whether the names of two permissions leave it to the table
// which covers which. The table lists some readers where only writers write,
// and permissions that open the same operations on a part of the data:
// AuditLogsQuery-CRM reads another log than AuditLogsQuery-Exchange.
func mayCover(wide, narrow *Permission) bool {
	w, n := &wide.parts, &narrow.parts
	return (!wide.reads() || narrow.reads()) &&
		(w.constraint == "All" || w.constraint == n.constraint) &&
		(w.family == n.family || !strings.Contains(w.family, "-"))
}

// opensAllOf says whether the grants open every operation that the permission
// opens, and that there is one.
func (c *Catalog) opensAllOf(permission int32, held Grants) bool {
	own := c.openedBy().own[held.scheme.index()][permission]
	for _, o := range own {
		if !c.openedBy().at[o].opened(held) {
			return false
		}
	}
	return len(own) > 0
}

// includeByName notes for each permission those that it includes, itself
// first.
func (c *Catalog) includeByName() {
	families := map[string][]int32{}
	for i := range c.permissions {
		family := c.permissions[i].parts.family
		families[family] = append(families[family], int32(i))
	}
	selves := make([]int32, len(c.permissions))
	for i := range selves {
		selves[i] = int32(i)
	}
	for s := range c.narrower {
		c.narrower[s] = make([][]int32, len(c.permissions))
		for i := range c.permissions {
			c.narrower[s][i] = selves[i : i+1 : i+1]
		}
		for _, family := range families {
			for _, wide := range family {
				for _, narrow := range family {
					if wide != narrow && c.bothIn(s, wide, narrow) && includes(&c.permissions[wide].parts, &c.permissions[narrow].parts, s) {
						c.narrower[s][wide] = append(c.narrower[s][wide], narrow)
					}
				}
			}
		}
		c.includeByDocument(s)
		c.wider[s] = inverted(c.narrower[s])
	}
}

// inverted lists for each permission those that include it, itself aside.
func inverted(narrower [][]int32) [][]int32 {
	wider := make([][]int32, len(narrower))
	for w, list := range narrower {
		for _, n := range list {
			if int(n) != w && !slices.Contains(wider[n], int32(w)) {
				wider[n] = append(wider[n], int32(w))
			}
		}
	}
	return wider
}

func (c *Catalog) bothIn(scheme int, a, b int32) bool {
	return c.permissions[a].schemes[scheme].exists && c.permissions[b].schemes[scheme].exists
}

// includeByDocument adds what the documented pairs include, with all that the
// narrower ones include in turn. The pairs are read from the end, so that a
// chain is followed to its end.
func (c *Catalog) includeByDocument(scheme int) {
	pairs := includedByDocument()
	for i := len(pairs) - 1; i >= 0; i-- {
		wide, wideErr := c.number(pairs[i].wide)
		narrow, narrowErr := c.number(pairs[i].narrow)
		if wideErr != nil || narrowErr != nil || !c.bothIn(scheme, wide, narrow) {
			continue
		}
		for w, list := range c.narrower[scheme] {
			if slices.Contains(list, wide) && c.permissions[w].schemes[scheme].exists {
				c.narrower[scheme][w] = append(list, c.narrower[scheme][narrow]...)
			}
		}
	}
}

// includes compares two names of one family.
func includes(wide, narrow *name, scheme int) bool {
	return rank(wide.action) >= rank(narrow.action) && rank(narrow.action) > 0 &&
		reaches(wide.constraint, narrow.constraint, scheme)
}

func rank(action string) int {
	switch action {
	case actionReadBasic:
		return 1
	case actionRead:
		return 2
	case actionReadWrite:
		return 3
	}
	return 0
}

// reaches compares the constraints of two names. An application's permission
// without a constraint is for the whole tenant (permissions reference:
// Calendars.Read reads the calendars of all mailboxes), as is one with All.
func reaches(wide, narrow string, scheme int) bool {
	if wide == narrow {
		return true
	}
	switch wide {
	case "All":
		return strings.Contains("||OwnedBy|CreatedByApp|AppFolder|Selected|", "|"+narrow+"|")
	case "Shared":
		return narrow == ""
	case "":
		return narrow == "All" && scheme == Application.index()
	}
	return false
}
