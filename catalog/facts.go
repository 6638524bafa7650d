package catalog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// facts is the table as internal/gen writes it; its text function documents
// the format.
//
//go:embed facts.txt.gz
var facts []byte

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
	c, err := From(facts)
	if err != nil {
		panic(fmt.Sprintf("catalog: the embedded facts: %v", err))
	}
	return c
}

// From makes a catalogue from facts, packed as Update packs them. The corrections go
// on top; facts that they do not fit are refused.
func From(packed []byte) (*Catalog, error) {
	c := &Catalog{byName: map[nameKey]int32{}, byID: map[string]holder{}, root: &node{}, rewrites: rewrites(), packed: packed}
	if err := c.read(packed); err != nil {
		return nil, fmt.Errorf("reading the facts: %w", err)
	}
	for _, row := range corrections() {
		if err := c.correct(row); err != nil {
			return nil, fmt.Errorf("correcting %s %s: %w", row.method, row.path, err)
		}
	}
	c.includeByName()
	c.weigh()
	c.openedBy, c.shapes = sync.OnceValue(c.index), newShapes(c.root)
	return c, nil
}

func (c *Catalog) read(packed []byte) error {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		var err error
		switch fields[0] {
		case "P":
			err = c.readPermission(fields[1:])
		case "L":
			err = c.readList(fields[1])
		case "O":
			err = c.readOperations(fields[1], fields[2:])
		}
		if err != nil {
			return fmt.Errorf("line %q: %w", lines.Text(), err)
		}
	}
	return lines.Err()
}

func (c *Catalog) readPermission(fields []string) error {
	p := Permission{Name: fields[0], ResourceAppID: MicrosoftGraph, ResourceSpecific: fields[1] == "rsc"}
	switch fields[1] {
	case "exchange":
		p.ResourceAppID = ExchangeOnline
	case "sharepoint":
		p.ResourceAppID = SharePointOnline
	}
	number := int32(len(c.permissions))
	for f := fields[2:]; len(f) > 0; f = f[6:] {
		i, err := schemeOf(f[0])
		if err != nil {
			return err
		}
		level, err := strconv.Atoi(f[2])
		if err != nil {
			return err
		}
		p.schemes[i] = SchemeInfo{
			ID: f[1], Level: level, Title: f[4], UserTitle: f[5], exists: true,
			AdminConsent: strings.Contains(f[3], "c"),
			Hidden:       strings.Contains(f[3], "h"),
			Enabled:      strings.Contains(f[3], "e"),
			Unpublished:  strings.Contains(f[3], "u"),
		}
		c.claim(p, i, number)
	}
	c.byName[nameKey{p.ResourceAppID, p.Name}] = number
	c.byName[nameKey{p.ResourceAppID, strings.ToLower(p.Name)}] = number
	c.permissions = append(c.permissions, p)
	return nil
}

// claim notes whose an id is. Work and personal accounts share ids, and one
// id was published under an old and a new name: the rated name is the one in
// use.
func (c *Catalog) claim(p Permission, scheme int, number int32) {
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
func (c *Catalog) readOperations(path string, fields []string) error {
	if strings.Contains(path, "?") {
		return nil
	}
	segs := segments(strings.Replace(path, "/.../", "/", 1))
	for _, field := range fields {
		m, err := methodOf(field[0])
		if err != nil {
			return err
		}
		i, err := number(field[1:])
		if err != nil {
			return err
		}
		to := segs
		if m != get && isLink(segs) {
			to = append(slices.Clone(segs), "$ref")
		}
		c.attach(c.root.add(to), m, c.lists[i], i)
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
func isLink(segs []string) bool {
	if len(segs) < 3 || len(segs) > 4 {
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
