package catalog

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// facts is the table as internal/gen writes it; the text function of package published
// documents the format. It is not packed: to unpack it took longer than to read it, and
// what is read are parts of this text, not copies.
//
//go:embed facts.txt
var facts string

// entry is one permission's part in opening an operation.
type entry struct {
	permission int32
	least      bool      // Microsoft marks it as the least privileged
	also       [][]int32 // of every group one is needed as well
}

// list holds, by scheme, the permissions any one of which opens an operation.
type list [schemeCount][]entry

// build makes the catalogue from the embedded facts. The facts are part of the
// program, so facts that cannot be read are a fault of the build.
func build() *Catalog {
	c, err := of(facts)
	if err != nil {
		panic(fmt.Sprintf("catalog: the embedded facts: %v", err))
	}
	return c
}

// largest bounds the facts of a newer table: twenty times the present ones.
const largest = 16 << 20

// From makes a catalogue from facts, packed as Packed packs them. The corrections go
// on top; facts that they do not fit are refused.
func From(packed []byte) (*Catalog, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpacking the facts: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(r, largest+1))
	if err != nil {
		return nil, fmt.Errorf("unpacking the facts: %w", err)
	}
	if len(text) > largest {
		return nil, fmt.Errorf("the facts have more than %d MB", largest>>20)
	}
	return of(string(text))
}

// of makes a catalogue from the text of its facts.
func of(text string) (*Catalog, error) {
	c, t := empty(text), newTree()
	if err := c.read(t); err != nil {
		return nil, fmt.Errorf("reading the facts: %w", err)
	}
	c.root = t.root
	for _, row := range corrections() {
		if err := c.correct(t, row); err != nil {
			return nil, fmt.Errorf("correcting %s %s: %w", row.method, row.path, err)
		}
	}
	c.includeByName()
	c.weigh()
	c.openedBy, c.shapes = sync.OnceValue(c.index), newShapes(t.keys)
	return c, nil
}

// empty has room for as much as Microsoft's table holds today.
func empty(text string) *Catalog {
	const permissions, lists = 1400, 1600
	return &Catalog{
		text: text, rewrites: rewrites(), lists: make([]list, 0, lists),
		permissions: make([]Permission, 0, permissions), byID: make(map[string]holder, 2*permissions),
		byName: map[string]map[string]int32{MicrosoftGraph: make(map[string]int32, 2*permissions), ExchangeOnline: {}, SharePointOnline: {}},
	}
}

func (c *Catalog) read(t *tree) error {
	for line := range strings.SplitSeq(c.text, "\n") {
		kind, rest, _ := strings.Cut(line, "\t")
		var err error
		switch kind {
		case "P":
			err = c.readPermission(fields(rest))
		case "L":
			err = c.readList(rest)
		case "O":
			err = c.readOperations(t, fields(rest))
		}
		if err != nil {
			return fmt.Errorf("line %q: %w", line, err)
		}
	}
	return nil
}

// fields are what is left of a line.
type fields string

func (f *fields) next() string {
	word, rest, _ := strings.Cut(string(*f), "\t")
	*f = fields(rest)
	return word
}

func (c *Catalog) readPermission(f fields) error {
	number := int32(len(c.permissions))
	c.permissions = append(c.permissions, Permission{Name: f.next(), ResourceAppID: MicrosoftGraph})
	p := &c.permissions[number]
	p.parts = parse(p.Name)
	switch f.next() {
	case "rsc":
		p.ResourceSpecific = true
	case "exchange":
		p.ResourceAppID = ExchangeOnline
	case "sharepoint":
		p.ResourceAppID = SharePointOnline
	}
	for f != "" {
		i, err := schemeOf(f.next())
		if err != nil {
			return err
		}
		info := SchemeInfo{ID: f.next(), exists: true}
		if info.Level, err = strconv.Atoi(f.next()); err != nil {
			return err
		}
		for _, flag := range []byte(f.next()) {
			switch flag {
			case 'c':
				info.AdminConsent = true
			case 'h':
				info.Hidden = true
			case 'e':
				info.Enabled = true
			case 'u':
				info.Unpublished = true
			}
		}
		info.Title, info.UserTitle = f.next(), f.next()
		p.schemes[i] = info
		c.claim(p, i, number)
	}
	byName := c.byName[p.ResourceAppID]
	byName[p.Name] = number
	byName[strings.ToLower(p.Name)] = number
	return nil
}

// claim notes whose an id is. Work and personal accounts share ids, and one
// id was published under an old and a new name: the rated name is the one in
// use.
func (c *Catalog) claim(p *Permission, scheme int, number int32) {
	info := p.schemes[scheme]
	if info.ID == "" {
		return
	}
	if h, taken := c.byID[info.ID]; taken && (h.permission == number || info.Level == 0) {
		return
	}
	c.byID[info.ID] = holder{number, [...]Scheme{DelegatedWork, DelegatedPersonal, Application}[scheme]}
}

// readList reads "W:1*,2+3|4;A:1*".
func (c *Catalog) readList(text string) error {
	var l list
	for part := range strings.SplitSeq(text, ";") {
		letter, items, _ := strings.Cut(part, ":")
		i, err := schemeOf(letter)
		if err != nil {
			return err
		}
		l[i] = make([]entry, 0, strings.Count(items, ",")+1)
		for item := range strings.SplitSeq(items, ",") {
			e, err := readEntry(item, number)
			if err != nil {
				return err
			}
			l[i] = append(l[i], e)
		}
	}
	c.lists = append(c.lists, l)
	return nil
}

// readEntry reads "1*+3|4": a permission, * if it is the least, after each +
// permissions of which one is needed as well. find turns a word into the
// permission's number.
func readEntry(text string, find func(string) (int32, error)) (entry, error) {
	var e entry
	word, rest, more := strings.Cut(text, "+")
	word, e.least = strings.CutSuffix(word, "*")
	var err error
	if e.permission, err = find(word); err != nil {
		return entry{}, err
	}
	for more {
		var group string
		group, rest, more = strings.Cut(rest, "+")
		var alternatives []int32
		for word := range strings.SplitSeq(group, "|") {
			p, err := find(word)
			if err != nil {
				return entry{}, err
			}
			alternatives = append(alternatives, p)
		}
		e.also = append(e.also, alternatives)
	}
	return e, nil
}

func number(word string) (int32, error) {
	n, err := strconv.ParseInt(word, 10, 32)
	return int32(n), err
}

// readOperations adds the operations of a path. Two paths of the table name a
// query option: a query never widens what a path opens, and they are left out.
// An ellipsis in a path stands for deeper folders, which segments flattens.
// Writing to a link is put where Graph has it, below $ref.
func (c *Catalog) readOperations(t *tree, f fields) error {
	path := f.next()
	if strings.Contains(path, "?") {
		return nil
	}
	n := t.node(path)
	for f != "" {
		field := f.next()
		if field == "" {
			return errors.New("a method is missing")
		}
		m, err := methodOf(field[0])
		if err != nil {
			return err
		}
		i, err := number(field[1:])
		if err != nil {
			return err
		}
		if i < 0 || int(i) >= len(c.lists) {
			return fmt.Errorf("there is no list %d", i)
		}
		to := n
		if m != get && isLink(n) {
			to = t.child(n, "$ref")
		}
		c.attach(to, m, c.lists[i], i)
	}
	return nil
}

// attach gives a method of a path its list. Where the table spells one path in
// two ways, what either spelling opens counts.
func (c *Catalog) attach(n *node, m method, l list, number int32) {
	if !n.has(m) {
		n.lists[m] = number + 1
		return
	}
	merged := c.lists[n.lists[m]-1]
	for s := range merged {
		merged[s] = append(append([]entry(nil), merged[s]...), l[s]...)
	}
	c.lists = append(c.lists, merged)
	n.lists[m] = int32(len(c.lists))
}

// isLink says whether a path of the table leads to objects that are not the
// item's own. The table writes DELETE /groups/{id}/members/{id} for what
// removes a member; sent so, without $ref, Graph would delete the member itself
// (device-delete-registeredusers warns of it).
func isLink(n *node) bool {
	depth, segs := 0, [5]string{}
	for ; n.parent != nil; n = n.parent {
		if depth == len(segs)-1 {
			return false
		}
		copy(segs[1:], segs[:depth])
		segs[0] = n.segment
		depth++
	}
	if depth < 3 {
		return false
	}
	switch segs[0] + " " + segs[2] {
	case "groups members", "groups owners", "groups acceptedsenders", "groups rejectedsenders",
		"users manager", "users sponsors", "devices registeredowners", "devices registeredusers", "directoryroles members",
		"applications owners", "applications sponsors", "applications appmanagementpolicies",
		"applications tokenissuancepolicies", "applications tokenlifetimepolicies",
		"serviceprincipals owners", "serviceprincipals sponsors", "serviceprincipals claimsmappingpolicies",
		"serviceprincipals homerealmdiscoverypolicies", "serviceprincipals tokenlifetimepolicies":
		return true
	}
	return false
}

func schemeOf(letter string) (int, error) {
	if i := strings.Index("WPA", letter); i >= 0 && len(letter) == 1 {
		return i, nil
	}
	return 0, fmt.Errorf("unknown scheme %q", letter)
}
