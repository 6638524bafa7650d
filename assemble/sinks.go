package assemble

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/meant"
)

// Sink is where a flow's changes go, and how they are told.
type Sink struct {
	Type     string     `yaml:"type" one:"webhook table none"`     // webhook, table or none; webhook where there is a url
	URL      string     `yaml:"url" form:"web"`                    // of a webhook
	Secret   string     `yaml:"secret_file"`                       // a Standard Webhooks secret, whsec_…
	Previous string     `yaml:"previous_secret_file"`              // the one before it, while receivers change over
	CA       string     `yaml:"ca"`                                // a PEM file with a CA to trust besides the system's
	By       string     `yaml:"by" one:"value reference"`          // value (the default) or reference
	Fields   []string   `yaml:"fields" one:"@fields"`              // an item's properties; none means all
	Private  string     `yaml:"private" one:"time-only full drop"` // time-only (the default), full or drop
	Filter   SinkFilter `yaml:"filter"`
	Largest  int        `yaml:"largest_kb"`          // of an item by value; default 1024
	Own      string     `yaml:"own" one:"drop tell"` // drop (the default) or tell: updates that the app wrote itself
}

// SinkFilter says which changes a sink is told.
type SinkFilter struct {
	Kinds     []string `yaml:"kinds" one:"created updated deleted"` // created, updated, deleted
	Mailboxes []string `yaml:"mailboxes"`                           // by name
}

// sinks are a flow's sinks by name: the one that is just called sink has the
// flow's.
func (f *Flow) sinks(flow string) map[string]*Sink {
	all := map[string]*Sink{}
	if !f.Sink.empty() {
		all[flow] = &f.Sink
	}
	for name, s := range f.Sinks {
		all[flow+"/"+name] = s
	}
	return all
}

func (s *Sink) empty() bool {
	return s.Type == "" && s.URL == "" && s.Secret == "" && s.Previous == "" && s.By == "" && len(s.Fields) == 0 && s.Private == ""
}

// kind is what the sink is.
func (s *Sink) kind() graphwarden.SinkKind {
	if s.Type == "" {
		return graphwarden.Webhook
	}
	return graphwarden.SinkKind(s.Type)
}

func (f *Flow) checkSinks(found *faults, at string, known bool) {
	none := f.Sink.empty() && len(f.Sinks) == 0
	tells := flow.Direction(f.Direction) != flow.Out && f.Kind != mailKind // something comes out of Microsoft 365
	found.when(none && tells && known, at+".sink", "it is missing; a flow that apps only listen to says type: none")
	if f.Kind == mailKind || f.Kind == throughKind {
		return // it has none, which is told
	}
	if !f.Sink.empty() {
		f.checkSink(found, at+".sink", &f.Sink)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Sinks)) {
		at := at + ".sinks." + name
		found.nameable(at, name)
		f.checkSink(found, at, f.Sinks[name])
	}
}

func (f *Flow) checkSink(found *faults, at string, s *Sink) {
	if s == nil {
		found.at(at, "it is empty")
		return
	}
	s.check(found, at)
	if f.People || len(f.Groups) > 0 {
		return // whose mailboxes those are shows later
	}
	for _, m := range s.Filter.Mailboxes { // it would never be told of one that the flow has not
		has := slices.ContainsFunc(f.Mailboxes, func(of string) bool { return strings.EqualFold(of, m) })
		found.when(!has, at+".filter.mailboxes", "the flow has no mailbox %q%s", m, did(meant.Word(m, f.Mailboxes)))
	}
}

func (s *Sink) check(found *faults, at string) {
	known := found.word(at+".type", s.Type, string(graphwarden.Webhook), string(graphwarden.Table), string(graphwarden.Nowhere))
	switch kind := s.kind(); {
	case !known: // what belongs to it is not known
	case kind != graphwarden.Webhook:
		found.when(s.URL != "" || s.Secret != "" || s.Previous != "" || s.CA != "", at, "url, secret_file, previous_secret_file and ca belong to a webhook, and this is of type %s", kind)
	default:
		found.when(s.Secret == "", at+".secret_file", "it is missing; make one with: echo whsec_$(openssl rand -base64 32)")
		found.when(s.URL == "", at+".url", "it is missing")
	}
	found.address(at+".url", s.URL)
	found.word(at+".by", s.By, "value", "reference")
	found.when(s.By == "reference" && len(s.Fields) > 0, at+".fields", "by reference no field is told")
	found.word(at+".private", s.Private, string(deliver.TimeOnly), string(deliver.Full), string(deliver.Drop))
	found.word(at+".own", s.Own, "drop", "tell")
	found.when(s.Largest < 0, at+".largest_kb", "it is a size, not below zero")
	for _, k := range s.Filter.Kinds {
		found.word(at+".filter.kinds", k, string(graphwarden.Created), string(graphwarden.Updated), string(graphwarden.Deleted))
	}
}

// shape is how the sink is told.
func (s *Sink) shape(graph string) deliver.Shape {
	shape := deliver.Shape{ByReference: s.By == "reference", Fields: s.Fields, Private: deliver.Privacy(s.Private), Mailboxes: s.Filter.Mailboxes,
		Largest: s.Largest << 10, Graph: graph, Own: s.Own == "tell"}
	for _, k := range s.Filter.Kinds {
		shape.Kinds = append(shape.Kinds, graphwarden.ChangeKind(k))
	}
	return shape
}

// declareSinks reads the signing secrets of a flow's sinks, and says how each is
// told.
func (c *Config) declareSinks(d *declared, of string, f *Flow, log *slog.Logger) error {
	graph := c.Tenants[f.Tenant].Cloud.cloud().Graph
	sinks := f.sinks(of)
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		s := sinks[name]
		target := deliver.Target{Shape: s.shape(graph),
			Sink: graphwarden.Sink{Name: name, App: f.App, Flow: of, Kind: s.kind(), URL: s.URL}}
		target.Writes = flow.Direction(f.Direction) == flow.Both
		target.Sink.Shape = target.Shape.String()
		if s.kind() == graphwarden.Webhook {
			keys := &deliver.KeyFiles{Current: c.path(s.Secret), Previous: c.path(s.Previous), Log: log}
			if !c.sketch {
				if _, err := keys.Keys(); err != nil {
					return ofSink(name, err)
				}
			}
			target.Keys = keys
			d.sinkCAs = append(d.sinkCAs, c.path(s.CA))
		} else {
			d.sinkCAs = append(d.sinkCAs, "")
		}
		d.targets = append(d.targets, target)
	}
	return nil
}

// ofSink has a refusal of a signing secret name the sink.
func ofSink(name string, err error) error {
	var r *graphwarden.Refusal
	if !errors.As(err, &r) {
		return err
	}
	said := *r
	said.Say, said.Cause = fmt.Sprintf("Of the sink %s: ", name)+strings.ToLower(r.Say[:1])+r.Say[1:], err
	return &said
}
