package assemble

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
)

// Sink is where a flow's changes go, and how they are told.
type Sink struct {
	Type     string     `yaml:"type" one:"webhook table none"`     // webhook, table or none; webhook where there is a url
	URL      string     `yaml:"url" form:"web"`                    // of a webhook
	Secret   string     `yaml:"secret_file"`                       // a Standard Webhooks secret, whsec_…
	Previous string     `yaml:"previous_secret_file"`              // the one before it, while receivers change over
	CA       string     `yaml:"ca"`                                // a PEM file with a CA to trust besides the system's
	By       string     `yaml:"by" one:"value reference"`          // value (the default) or reference
	Fields   []string   `yaml:"fields"`                            // an item's properties; none means all
	Private  string     `yaml:"private" one:"time-only full drop"` // time-only (the default), full or drop
	Filter   SinkFilter `yaml:"filter"`
	Largest  int        `yaml:"largest_kb"` // of an item by value; default 1024
	Own      string     `yaml:"own"`        // drop (the default) or tell: updates that the app wrote itself
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

func (f *Flow) checkSinks(at string) error {
	if f.Sink.empty() && len(f.Sinks) == 0 && flow.Direction(f.Direction) == flow.Out {
		return nil // nothing comes out of Microsoft 365
	}
	if f.Sink.empty() && len(f.Sinks) == 0 {
		return wrong(at+".sink", "it is missing; a flow that apps only listen to says type: none")
	}
	if !f.Sink.empty() {
		if err := f.Sink.check(at + ".sink"); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Sinks)) {
		if f.Sinks[name] == nil {
			return wrong(at+".sinks."+name, "it is empty")
		}
		if err := f.Sinks[name].check(at + ".sinks." + name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sink) check(at string) error {
	switch kind := s.kind(); {
	case kind == graphwarden.Table || kind == graphwarden.Nowhere:
		if s.URL != "" || s.Secret != "" || s.Previous != "" || s.CA != "" {
			return wrong(at, "url, secret_file, previous_secret_file and ca belong to a webhook, and this is of type %s", kind)
		}
	case kind != graphwarden.Webhook:
		return wrong(at+".type", "%q is none of webhook, table, none", s.Type)
	case s.Secret == "":
		return wrong(at+".secret_file", "it is missing; make one with: echo whsec_$(openssl rand -base64 32)")
	case s.URL == "":
		return wrong(at+".url", "it is missing")
	default:
		if err := checkURL(at+".url", s.URL); err != nil {
			return err
		}
	}
	switch {
	case s.By != "" && s.By != "value" && s.By != "reference":
		return wrong(at+".by", "%q is neither value nor reference", s.By)
	case s.By == "reference" && len(s.Fields) > 0:
		return wrong(at+".fields", "by reference no field is told")
	case s.Private != "" && !slices.Contains([]deliver.Privacy{deliver.TimeOnly, deliver.Full, deliver.Drop}, deliver.Privacy(s.Private)):
		return wrong(at+".private", "%q is none of time-only, full, drop", s.Private)
	case s.Own != "" && s.Own != "drop" && s.Own != "tell":
		return wrong(at+".own", "%q is neither drop nor tell", s.Own)
	case s.Largest < 0:
		return wrong(at+".largest_kb", "it is a size, not below zero")
	}
	for _, k := range s.Filter.Kinds {
		if !slices.Contains([]graphwarden.ChangeKind{graphwarden.Created, graphwarden.Updated, graphwarden.Deleted}, graphwarden.ChangeKind(k)) {
			return wrong(at+".filter.kinds", "%q is none of created, updated, deleted", k)
		}
	}
	return nil
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
					return err
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
