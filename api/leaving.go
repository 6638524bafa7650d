package api

import (
	"encoding/json"
	"slices"

	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/item"
)

// shownTo gives an event that came from Microsoft as the app of a flow may see it, by
// the flow's private; nil: not at all. Every event that an answer holds passes here,
// by lookup, or by the flow's deliver.Shape. An older version of one that is private by now
// is private, too.
func (a *API) shownTo(flow string, event json.RawMessage, private bool) json.RawMessage {
	return shownBy(a.config.Shapes[flow].Private, event, private)
}

func shownBy(privacy deliver.Privacy, event json.RawMessage, private bool) json.RawMessage {
	if len(event) == 0 || privacy == deliver.Full {
		return event
	}
	if item.Series(event) != "" {
		event = item.Fill(event, nil) // an occurrence that does not say is private: its series may be
	}
	switch {
	case !private && !item.Private(event):
		return event
	case privacy == deliver.Drop:
		return nil
	}
	return item.Mask(event)
}

// strictest is what of flows that perform an operation shows least of private events:
// any of them may be the one by which Microsoft is asked.
func (a *API) strictest(flows []flow.Flow, op flow.Operation) deliver.Privacy {
	out := deliver.Full
	for _, f := range flows {
		if !f.Kind.Events() || !slices.Contains(f.Kind.Operations(), op) {
			continue
		}
		switch a.config.Shapes[f.Name].Private {
		case deliver.Full:
		case deliver.Drop:
			return deliver.Drop
		default:
			out = deliver.TimeOnly
		}
	}
	return out
}
