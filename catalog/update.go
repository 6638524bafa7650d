package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/graphwarden/graphwarden/catalog/published"
)

// ErrShrunk says that a table lacks too much of what was known to be a newer one.
var ErrShrunk = errors.New("the table lacks more than a tenth of the permissions that are known")

// Update reads a newer table of Microsoft's (permissions.json) and, unless nil, a
// newer list of ids (provisioningInfo.json), packed by gzip or not. Without a list the
// ids are those that are known. It gives the new catalogue; c stays as it is. A table
// that is damaged, or that the corrections do not fit, is refused.
func (c *Catalog) Update(table, ids io.Reader) (*Catalog, error) {
	permissions, err := published.ReadPermissions(table)
	if err != nil {
		return nil, fmt.Errorf("reading the table: %w", err)
	}
	deployments := c.deployments()
	if ids != nil {
		if deployments, err = published.ReadDeployments(ids); err != nil {
			return nil, fmt.Errorf("reading the ids: %w", err)
		}
	}
	text, err := published.Facts(permissions, deployments)
	if err != nil {
		return nil, fmt.Errorf("reading the table: %w", err)
	}
	next, err := of(string(text))
	if err != nil {
		return nil, err
	}
	if known, kept := c.common(next); kept*10 < known*9 {
		return nil, fmt.Errorf("%w: %d of %d", ErrShrunk, known-kept, known)
	}
	return next, nil
}

// Packed are the facts that the catalogue was made from, for From.
func (c *Catalog) Packed() ([]byte, error) { return published.Pack([]byte(c.text)) }

// Sum tells catalogues apart: the SHA-256 of their facts.
func (c *Catalog) Sum() string {
	sum := sha256.Sum256([]byte(c.text))
	return hex.EncodeToString(sum[:])
}

// Embedded says whether the catalogue is the one that the program came with.
func (c *Catalog) Embedded() bool { return c.text == facts }

// Operations counts the operations of the table, those of the corrections included.
func (c *Catalog) Operations() (n int) {
	c.root.each(func(_ *node, m method) {
		if m != subscribe {
			n++
		}
	})
	return n
}

// Count says how many permissions there are of one API's: all of them, those that
// are published as offered to tenants of the public cloud, in any scheme, and those that
// are consented to for one team or chat.
type Count struct {
	Resource string `json:"resource"` // the application id of the API
	All      int    `json:"all"`
	Offered  int    `json:"offered"`
	Specific int    `json:"resource_specific"`
}

// Counts are the counts of the permissions, API by API.
func (c *Catalog) Counts() []Count {
	out := []Count{{Resource: MicrosoftGraph}, {Resource: ExchangeOnline}, {Resource: SharePointOnline}}
	for _, p := range c.permissions {
		one := &out[slices.IndexFunc(out, func(k Count) bool { return k.Resource == p.ResourceAppID })]
		one.All++
		switch {
		case p.ResourceSpecific:
			one.Specific++
		case p.Offered(DelegatedWork) || p.Offered(DelegatedPersonal) || p.Offered(Application):
			one.Offered++
		}
	}
	return out
}

// Includes are the other permissions of Graph that one includes by its name or by
// Microsoft's reference, sorted.
func (c *Catalog) Includes(scheme Scheme, name string) []string {
	s, out := scheme.index(), []string{}
	i, err := c.number(name)
	if s < 0 || err != nil {
		return out
	}
	for _, n := range c.narrower[s][i] {
		if n != i && !slices.Contains(out, c.permissions[n].Name) {
			out = append(out, c.permissions[n].Name)
		}
	}
	slices.Sort(out)
	return out
}

// common counts the permissions with a path that are known, and those of them that
// another catalogue has as well.
func (c *Catalog) common(next *Catalog) (known, kept int) {
	for i, p := range c.permissions {
		opens := 0
		for s := range c.weights {
			opens += c.weights[s][i].operations
		}
		if opens == 0 {
			continue
		}
		known++
		if j, ok := next.find(p.ResourceAppID, p.Name); ok {
			for s := range next.weights {
				if next.weights[s][j].operations > 0 {
					kept++
					break
				}
			}
		}
	}
	return known, kept
}

// deployments are the ids that are known.
func (c *Catalog) deployments() published.Deployments {
	out := published.Deployments{}
	for _, p := range c.permissions {
		if p.ResourceAppID != MicrosoftGraph || openID(p.Name) {
			continue // what the table never has, published adds itself
		}
		for scheme := range Schemes() {
			info, ok := p.In(scheme)
			if !ok || info.ID == "" && !info.Enabled && !info.Hidden && (info.Level > 0 || info.Title != "") {
				continue // known from the table alone
			}
			if work, has := p.In(DelegatedWork); scheme == DelegatedPersonal && has && work.ID == info.ID {
				continue
			}
			out[p.Name] = append(out[p.Name], published.Deployment{ID: info.ID, Scheme: string(scheme), Environment: "public", Hidden: info.Hidden, Enabled: info.Enabled})
		}
	}
	return out
}

func openID(name string) bool {
	return name == "openid" || name == "profile" || name == "email" || name == "offline_access"
}

// Difference is what another catalogue has otherwise.
type Difference struct {
	Added      []string `json:"added"`   // permissions, with their scheme
	Removed    []string `json:"removed"` // the same
	Changed    []Change `json:"changed"`
	Operations int      `json:"operations_added"`
	Gone       int      `json:"operations_removed"`
	Reopened   int      `json:"operations_opened_otherwise"` // by other permissions than before
}

// Change is a property of a permission that differs.
type Change struct {
	Permission string `json:"permission"` // with its scheme
	What       string `json:"what"`
	From       string `json:"from"`
	To         string `json:"to"`
}

// Empty says whether two catalogues say the same.
func (d Difference) Empty() bool {
	return len(d.Added)+len(d.Removed)+len(d.Changed)+d.Operations+d.Gone+d.Reopened == 0
}

// Compare says what a newer catalogue has otherwise.
func (c *Catalog) Compare(next *Catalog) Difference {
	d := Difference{Added: []string{}, Removed: []string{}, Changed: []Change{}}
	for scheme := range Schemes() {
		for _, p := range c.permissions {
			before, has := p.In(scheme)
			if !has {
				continue
			}
			q, _ := next.PermissionOf(p.ResourceAppID, p.Name)
			after, still := q.In(scheme)
			if !still {
				d.Removed = append(d.Removed, described(p, scheme))
				continue
			}
			d.Changed = append(d.Changed, changes(described(p, scheme), before, after)...)
		}
		for _, p := range next.permissions {
			q, _ := c.PermissionOf(p.ResourceAppID, p.Name)
			_, has := p.In(scheme)
			if _, had := q.In(scheme); has && !had {
				d.Added = append(d.Added, described(p, scheme))
			}
		}
	}
	slices.Sort(d.Added)
	slices.Sort(d.Removed)
	slices.SortStableFunc(d.Changed, func(a, b Change) int { return cmp.Compare(a.Permission, b.Permission) })
	c.compareOperations(next, &d)
	return d
}

func described(p Permission, scheme Scheme) string { return p.Name + " (" + string(scheme) + ")" }

func changes(name string, before, after SchemeInfo) []Change {
	var out []Change
	put := func(what, from, to string) {
		if from != to {
			out = append(out, Change{name, what, from, to})
		}
	}
	put("id", before.ID, after.ID)
	put("level", fmt.Sprint(before.Level), fmt.Sprint(after.Level))
	put("admin consent", fmt.Sprint(before.AdminConsent), fmt.Sprint(after.AdminConsent))
	put("title", before.Title, after.Title)
	put("title for users", before.UserTitle, after.UserTitle)
	put("hidden", fmt.Sprint(before.Hidden), fmt.Sprint(after.Hidden))
	put("enabled", fmt.Sprint(before.Enabled), fmt.Sprint(after.Enabled))
	return out
}

// compareOperations counts the operations that one of two catalogues lacks, and those
// that other permissions open.
func (c *Catalog) compareOperations(next *Catalog, d *Difference) {
	opened := func(c *Catalog) map[string]string {
		out := map[string]string{}
		c.root.each(func(n *node, m method) {
			text := ""
			for _, entries := range c.lists[n.lists[m]-1] {
				var words []string
				for _, e := range entries {
					words = append(words, fmt.Sprint(c.permissions[e.permission].Name, e.least, c.names(e.also)))
				}
				slices.Sort(words)
				text += fmt.Sprint(words)
			}
			out[m.String()+" "+n.template()] = text
		})
		return out
	}
	old, now := opened(c), opened(next)
	for op, text := range now {
		if before, had := old[op]; !had {
			d.Operations++
		} else if before != text {
			d.Reopened++
		}
	}
	for op := range old {
		if _, has := now[op]; !has {
			d.Gone++
		}
	}
}
