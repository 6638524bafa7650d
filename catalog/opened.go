package catalog

import "slices"

// opening lists what permissions open. It is made when somebody compares permissions
// by what they open; the gateway never does.
type opening struct {
	at  []Operation            // each operation of the table, in its order
	own [schemeCount][][]int32 // by permission: those that the table lists it for
	all [schemeCount][][]int32 // … and those of the permissions that it includes
	out [schemeCount][]weight  // how many of all there are, and how many write
}

// index makes the lists. What cannot be called in a scheme is in none of them: no
// application has a /me. Nor are permissions to read listed for what writes, where the
// table names them because they are needed beside another.
func (c *Catalog) index() *opening {
	x := &opening{}
	for s := range x.own {
		x.own[s], x.all[s], x.out[s] = make([][]int32, len(c.permissions)), make([][]int32, len(c.permissions)), make([]weight, len(c.permissions))
	}
	c.root.each(func(n *node, m method) {
		if m != subscribe {
			x.at = append(x.at, Operation{catalog: c, node: n, method: m, personal: needsUser(m, n.path())})
		}
	})
	for scheme := range Schemes() {
		s := scheme.index()
		for i, op := range x.at {
			for _, e := range op.counted(scheme) {
				if last := x.own[s][e.permission]; len(last) == 0 || last[len(last)-1] != int32(i) {
					x.own[s][e.permission] = append(last, int32(i))
				}
			}
		}
		for p := range c.permissions {
			for _, n := range c.narrower[s][p] {
				x.all[s][p] = append(x.all[s][p], x.own[s][n]...)
			}
			slices.Sort(x.all[s][p])
			x.all[s][p] = slices.Compact(x.all[s][p])
			x.out[s][p].operations = len(x.all[s][p])
			for _, o := range x.all[s][p] {
				if x.at[o].writes() {
					x.out[s][p].writes++
				}
			}
		}
	}
	return x
}

// Opened counts the operations that whoever holds a permission in a scheme may call by
// the table, those of the permissions that it includes among them, alone or beside
// others that they need as well; and how many of them change something. It names the
// first few.
func (c *Catalog) Opened(scheme Scheme, name string, few int) (operations, writes int, some []string) {
	s := scheme.index()
	i, err := c.number(name)
	if s < 0 || err != nil {
		return 0, 0, nil
	}
	x := c.openedBy()
	for _, o := range x.all[s][i][:min(few, len(x.all[s][i]))] {
		some = append(some, x.at[o].String())
	}
	return x.out[s][i].operations, x.out[s][i].writes, some
}
