package canon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/odata"
	"github.com/graphwarden/graphwarden/odata/expr"
)

// options judges the query: every property of it must stand in the schema, and a
// way to something else is noted as an operation of its own.
func (p *parser) options() error {
	q := p.request.query
	if q.SkipToken != nil || q.DeltaToken != nil && *q.DeltaToken != "" && !strings.EqualFold(*q.DeltaToken, "latest") {
		return wrong("$skiptoken", "A token of Microsoft's cannot be judged.", "Follow the whole link of the answer that came before.")
	}
	if q.Format != "" && !strings.EqualFold(q.Format, "json") && !strings.EqualFold(q.Format, "application/json") {
		return wrong("$format", "Only JSON is answered.", "Leave $format out.")
	}
	for _, param := range q.Custom {
		if err := p.custom(param); err != nil {
			return err
		}
	}
	last := p.target.Last()
	at := place{template: p.request.Template, typ: last.Ref.Type}
	if last.Ref.Collection {
		at.template += "/{id}"
	}
	if p.empty() {
		return nil
	}
	if _, known := p.model.Type(at.typ); !known {
		return wrong("", "What is asked for has no properties to choose from.", "Leave the query out.")
	}
	return p.ask(at, q)
}

// empty says that no option reads properties.
func (p *parser) empty() bool {
	q := p.request.query
	return len(q.Select) == 0 && len(q.Expand) == 0 && q.Filter == nil && len(q.OrderBy) == 0 && q.Search == nil
}

// place is an item that options are about: the template of its path and its type.
type place struct{ template, typ string }

// ask judges the options about a place.
func (p *parser) ask(at place, q *odata.Query) error {
	p.tells(at, q)
	for _, one := range q.Select {
		if len(one) == 1 && one[0] == "*" {
			continue
		}
		if err := p.reads(at, one, "$select"); err != nil {
			return err
		}
	}
	if q.Filter != nil {
		for _, one := range expr.Properties(q.Filter) {
			if err := p.reads(at, one, "$filter"); err != nil {
				return err
			}
		}
	}
	for _, one := range q.OrderBy {
		if err := p.reads(at, one.By, "$orderby"); err != nil {
			return err
		}
	}
	if typ, known := p.model.Type(at.typ); known && q.Search != nil {
		p.asks(typ, "its words", "$search")
	}
	for _, one := range searched(q.Search) {
		// In Outlook the words before a colon are KQL's, and no properties.
		if !p.outlook() {
			if err := p.reads(at, expr.Property{one}, "$search"); err != nil {
				return err
			}
		}
	}
	for i := range q.Expand {
		if err := p.expands(at, &q.Expand[i]); err != nil {
			return err
		}
	}
	return nil
}

// outlook says that the path leads to things of a mailbox.
func (p *parser) outlook() bool {
	return p.model.IsDerivedFrom(p.target.Last().Ref.Type, "outlookItem")
}

// searched are the properties that a $search names.
func searched(s odata.Search) []string {
	switch x := s.(type) {
	case odata.SearchTerm:
		if x.Property != "" {
			return []string{x.Property}
		}
	case odata.SearchPair:
		return append(searched(x.Left), searched(x.Right)...)
	}
	return nil
}

// reads walks a path of properties. Where it takes a way to something else, that
// is read, too.
func (p *parser) reads(at place, path expr.Property, option string) error {
	typ, known := p.model.Type(at.typ)
	for i, name := range path {
		switch {
		case i > 0 && strings.EqualFold(name, "$count"):
			return nil
		case !known:
			return p.lacks(option, path, at.typ)
		case strings.Contains(name, "."):
			cast, is := p.model.Type(name)
			if !is || !cast.IsDerivedFrom(typ) {
				return p.lacks(option, path, at.typ)
			}
			typ = cast
			continue
		}
		spelt, ref, is := typ.Member(name)
		if !is && typ.Takes(name) {
			p.asks(typ, name, option)
			return nil
		}
		if !is {
			return p.lacks(option, path, typ.Name)
		}
		if nav, way := typ.Navigation(spelt); way && !travels(nav) {
			at.template = p.alsoReads(at, nav)
		}
		p.asks(typ, spelt, option)
		path[i] = spelt
		typ, known = p.model.Type(ref.Type)
	}
	return nil
}

// alsoReads notes the way to something else and gives the template of an item
// there.
func (p *parser) alsoReads(at place, nav edm.Nav) string {
	to := at.template + "/" + nav.Name
	p.types = append(p.types, nav.Type)
	if !slices.Contains(p.request.Also, to) {
		p.request.Also = append(p.request.Also, to)
	}
	if nav.Collection {
		to += "/{id}"
	}
	return to
}

// travels says that what a navigation leads to belongs to the item itself and has
// no address of its own.
func travels(n edm.Nav) bool {
	return n.Name == "singleValueExtendedProperties" || n.Name == "multiValueExtendedProperties"
}

// expands judges one entry of an $expand with its own options.
func (p *parser) expands(at place, item *odata.ExpandItem) error {
	typ, known := p.model.Type(at.typ)
	for i, name := range item.Path {
		last := i == len(item.Path)-1
		switch {
		case !known:
			return p.lacks("$expand", item.Path, at.typ)
		case strings.Contains(name, "."):
			cast, is := p.model.Type(name)
			if !is || !cast.IsDerivedFrom(typ) || last {
				return p.lacks("$expand", item.Path, at.typ)
			}
			typ = cast
			continue
		case last && i > 0 && (name == "$ref" || name == "$count"):
			return nil
		case name == "*":
			return wrong("$expand", "$expand=* cannot be judged.", "Name what is to be expanded.")
		}
		spelt, ref, is := typ.Member(name)
		if !is {
			return p.lacks("$expand", item.Path, typ.Name)
		}
		item.Path[i] = spelt
		if nav, way := typ.Navigation(spelt); way && !travels(nav) {
			at.template = p.alsoReads(at, nav)
		}
		at.typ = ref.Type
		typ, known = p.model.Type(ref.Type)
	}
	if item.Levels != 0 {
		return wrong("$expand", "$levels cannot be judged.", "Expand level by level.")
	}
	return p.ask(at, &item.Options)
}

func (p *parser) lacks(option string, path expr.Property, typ string) error {
	return wrong(option, fmt.Sprintf("%s is no property of %s.", path, strings.TrimPrefix(typ, edm.Namespace)), "Use the properties that Microsoft documents for version 1.0.")
}

// custom judges a parameter that OData does not define.
func (p *parser) custom(param odata.Param) error {
	for _, known := range []struct {
		name   string
		on     string // what the path's last name is
		accept func(string) bool
	}{
		{"startDateTime", "calendarView", isTime}, {"endDateTime", "calendarView", isTime},
		{"startDateTime", "instances", isTime}, {"endDateTime", "instances", isTime},
		{"includeHiddenFolders", "mailFolders", isBool}, {"includeHiddenFolders", "childFolders", isBool},
		{"changeType", "messages", func(s string) bool { return s == "created" || s == "updated" || s == "deleted" }},
	} {
		if strings.EqualFold(param.Name, known.name) && p.lists(known.on) {
			if !known.accept(param.Value) {
				return wrong(param.Name, fmt.Sprintf("%q is no value for %s.", param.Value, known.name), "Write it as Microsoft documents it.")
			}
			return nil
		}
	}
	return wrong(param.Name, fmt.Sprintf("The parameter %q is not known here.", param.Name), "Leave it out.")
}

// lists says that the path's last name is that one, or a delta of it.
func (p *parser) lists(name string) bool {
	steps := p.target.Steps
	if n := len(steps); n > 1 && p.target.Op != nil && strings.HasSuffix(steps[n-1].Name, ".delta") {
		steps = steps[:n-1]
	}
	return steps[len(steps)-1].Name == name
}

func isBool(s string) bool { return s == "true" || s == "false" }

// isTime says whether s is a date or a time, with or without a zone.
func isTime(s string) bool {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

func wrong(field, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.query", Field: field, Say: say, Do: do}
}
