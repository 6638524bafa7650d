package cli

import (
	"bytes"
	"os"
	"regexp"
	"strings"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// assessedFlows judges what the flows of a configuration need.
func (c *call) assessedFlows(name string) (*judge.Assessment, error) {
	loaded, err := c.load(name)
	if err != nil {
		return nil, err
	}
	needs, err := loaded.Needs()
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return assess.Plan(loaded.Table(), planOf(name, raw, needs)), nil
}

// planOf is a configuration as a plan: each permission stands where its registration
// does, each flow where it is declared.
func planOf(name string, raw []byte, needs []assemble.Need) *plan.Plan {
	p := &plan.Plan{Document: name, Format: plan.Declared, Lines: bytes.Count(raw, []byte("\n"))}
	asked := map[string]bool{}
	for _, n := range needs {
		scheme := plan.Application
		if n.Delegated {
			scheme = plan.Delegated
		}
		_, registration, _ := strings.Cut(n.Registration, "/")
		p.Flows = append(p.Flows, plan.Flow{Name: n.Flow, Line: lineOf(raw, n.Flow, registration), Registration: n.Registration, Scheme: scheme, Operations: n.Operations, Needs: n.Permissions})
		for _, name := range n.Permissions {
			if key := n.Registration + " " + name; !asked[key] {
				asked[key] = true
				p.Mentions = append(p.Mentions, plan.Mention{Line: lineOf(raw, registration), Name: name, Resource: catalog.MicrosoftGraph, Scheme: scheme, SchemeFrom: "registration",
					FoundBy: plan.ByFlow, Confidence: plan.Certain, Status: plan.Asked, Section: n.Registration})
			}
		}
	}
	return p
}

// lineOf is the line on which the first of the names stands as a key; 1 where none does.
func lineOf(raw []byte, names ...string) int {
	for _, name := range names {
		if at := regexp.MustCompile(`(?m)^[ ]+"?` + regexp.QuoteMeta(name) + `"?:`).FindIndex(raw); at != nil {
			return 1 + bytes.Count(raw[:at[0]], []byte("\n"))
		}
	}
	return 1
}
