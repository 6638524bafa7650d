package assemble

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Plan is what would become different if a configuration were taken.
type Plan struct {
	From        string       `json:"from"` // the fingerprint of what is in force; "": nothing is
	To          string       `json:"to"`   // of the file
	Differences []Difference `json:"differences"`
	// Migrations says what the database's schema would become, "" when it stays.
	Migration string `json:"migration,omitempty"`
	// Notes say what would be taken and does not work by itself.
	Notes []string `json:"notes,omitempty"`
}

// Difference is one thing that would become different.
type Difference struct {
	What   string   `json:"what"` // flow, registration, tenant or setting
	Name   string   `json:"name"`
	Change string   `json:"change"` // added, changed or removed
	How    []string `json:"how"`
	// Takes says what is taken away, "" for nothing.
	Takes string `json:"takes,omitempty"`
	// Restart says that it is not taken while the server runs.
	Restart bool `json:"restart,omitempty"`
}

// Empty says whether nothing would become different.
func (p Plan) Empty() bool { return len(p.Differences) == 0 && p.Migration == "" }

// Takes are the names of what would be taken away.
func (p Plan) Takes() []string {
	var out []string
	for _, d := range p.Differences {
		if d.Takes != "" {
			out = append(out, d.Name)
		}
	}
	return out
}

// Restarts are the settings that are not taken while the server runs.
func (p Plan) Restarts() []string {
	var out []string
	for _, d := range p.Differences {
		if d.Restart {
			out = append(out, d.Name)
		}
	}
	return out
}

// Compare says what would become different.
func Compare(before, after Facts) Plan {
	p := Plan{To: after.Fingerprint()}
	if before.Settings != nil {
		p.From = before.Fingerprint()
	}
	for _, name := range together(before.Names["flows"], after.Names["flows"]) {
		p.add(flowDifference(name, before, after))
	}
	for _, tenant := range together(before.Names["tenants"], after.Names["tenants"]) {
		at := "tenants." + named(tenant) + ".registrations"
		for _, name := range together(before.Names[at], after.Names[at]) {
			p.add(registrationDifference(tenant, name, before, after))
		}
		p.add(compare("tenant", tenant, "tenants", before, after, func(name string) bool { return !strings.HasPrefix(name, "registrations.") }))
	}
	p.settings(before, after)
	return p
}

func (p *Plan) add(d Difference) {
	if d.Change != "" {
		p.Differences = append(p.Differences, d)
	}
}

// compare compares what stands under a name, as far as wanted.
func compare(what, name, at string, before, after Facts, wanted func(string) bool) Difference {
	d := Difference{What: what, Name: name, How: []string{}}
	was, is := slices.Contains(before.Names[at], name), slices.Contains(after.Names[at], name)
	old, now := before.below(at+"."+named(name)), after.below(at+"."+named(name))
	switch {
	case was && !is:
		d.Change = "removed"
		return d
	case !was && is:
		d.Change = "added"
	}
	for _, key := range together(slices.Collect(maps.Keys(old)), slices.Collect(maps.Keys(now))) {
		if old[key] != now[key] && wanted(key) {
			d.How = append(d.How, changed(key, old[key], now[key]))
		}
	}
	if was && is && len(d.How) > 0 {
		d.Change = "changed"
	}
	return d
}

func changed(key, before, after string) string {
	switch {
	case before == "":
		return fmt.Sprintf("%s: %s", key, after)
	case after == "":
		return fmt.Sprintf("%s: no longer %s", key, before)
	}
	return fmt.Sprintf("%s: %s, was %s", key, after, before)
}

// flowDifference says which mailboxes join and leave a flow, besides its settings.
func flowDifference(name string, before, after Facts) Difference {
	d := compare("flow", name, "flows", before, after, func(key string) bool { return key != "mailboxes" && key != "groups" })
	at := "flows." + named(name)
	if d.Change == "removed" {
		d.How = append(d.How, "its app "+before.Settings[at+".app"]+" loses it")
		d.Takes = "the flow " + name + " ends: its app is told that each item is deleted, and the copy of them goes"
		return d
	}
	var left []string
	for _, which := range []string{"mailboxes", "groups"} {
		old, now := before.Lists[at+"."+which], after.Lists[at+"."+which]
		of := map[string]string{"groups": "the group "}[which] // its id says nothing of what it is
		for _, one := range now {
			if !slices.Contains(old, one) {
				d.How = append(d.How, of+one+" joins")
			}
		}
		for _, one := range old {
			if !slices.Contains(now, one) {
				d.How, left = append(d.How, of+one+" leaves"), append(left, of+one)
			}
		}
	}
	for _, sink := range before.Names[at+".sinks"] {
		if !slices.Contains(after.Names[at+".sinks"], sink) {
			left = append(left, "the sink "+sink)
		}
	}
	if before.Settings[at+".sink.url"] != "" && after.Settings[at+".sink.url"] == "" {
		left = append(left, "the sink "+before.Settings[at+".sink.url"])
	}
	if d.Change == "" && len(d.How) > 0 {
		d.Change = "changed"
	}
	if len(left) > 0 {
		d.Takes = "out of the flow " + name + " go " + strings.Join(left, ", ") + ": what they had is told as deleted, or no longer told"
	}
	return d
}

// registrationDifference says which permissions a registration needs more or less,
// besides its settings.
func registrationDifference(tenant, name string, before, after Facts) Difference {
	full := registrationName(tenant, name)
	d := compare("registration", name, "tenants."+named(tenant)+".registrations", before, after, func(string) bool { return true })
	d.Name = full
	if d.Change == "removed" {
		d.Takes = "the registration " + full + " is no longer used"
	}
	for _, one := range after.Permissions[full] {
		if !slices.Contains(before.Permissions[full], one) {
			d.How = append(d.How, "needs "+one+", which an administrator consents to")
		}
	}
	for _, one := range before.Permissions[full] {
		if !slices.Contains(after.Permissions[full], one) {
			d.How = append(d.How, "needs "+one+" no longer: take the consent back in Entra")
		}
	}
	if d.Change == "" && len(d.How) > 0 {
		d.Change = "changed"
	}
	return d
}

// settings compares what stands outside tenants and flows.
func (p *Plan) settings(before, after Facts) {
	outside := func(f Facts) map[string]string {
		out := map[string]string{}
		for name, value := range f.Settings {
			out[name] = value
		}
		for name, list := range f.Lists {
			out[name] = strings.Join(list, ", ")
		}
		maps.DeleteFunc(out, func(name, _ string) bool {
			return strings.HasPrefix(name, "tenants.") || strings.HasPrefix(name, "flows.")
		})
		return out
	}
	old, now := outside(before), outside(after)
	fixed := atStart()
	for _, name := range together(slices.Collect(maps.Keys(old)), slices.Collect(maps.Keys(now))) {
		if old[name] == now[name] {
			continue
		}
		top, _, _ := strings.Cut(name, ".")
		change := "changed"
		if old[name] == "" {
			change = "added"
		} else if now[name] == "" {
			change = "removed"
		}
		p.add(Difference{What: "setting", Name: name, Change: change, How: []string{changed(name, old[name], now[name])}, Restart: before.Settings != nil && fixed[top]})
	}
}

// atStart are the settings that are taken only when the server starts.
func atStart() map[string]bool {
	out := map[string]bool{}
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		if f := t.Field(i); f.Tag.Get("when") == "start" {
			out[f.Tag.Get("yaml")] = true
		}
	}
	return out
}

// keep has a configuration keep those settings of the one in force that are taken
// only when the server starts.
func (c *Config) keep(inForce *Config) {
	to, from := reflect.ValueOf(c).Elem(), reflect.ValueOf(inForce).Elem()
	for i := range to.NumField() {
		if to.Type().Field(i).Tag.Get("when") == "start" {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// together are the names of both, in the alphabet's order.
func together(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.SortFunc(all, cmp.Compare)
	return slices.Compact(all)
}
