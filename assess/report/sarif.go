package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/judge"
)

// The part of SARIF 2.1.0 that findings need.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool    sarifTool     `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID   string    `json:"id"`
	Text sarifText `json:"shortDescription"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	StartLine int        `json:"startLine"`
	Snippet   *sarifText `json:"snippet,omitempty"`
}

// level is SARIF's word for a severity.
func level(s judge.Severity) string {
	switch r := s.Rank(); {
	case r >= judge.High.Rank():
		return "error"
	case r == judge.Medium.Rank():
		return "warning"
	case r > 0:
		return "note"
	}
	return "none"
}

func writeSARIF(w io.Writer, all []*judge.Assessment) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "graphwarden assess", Rules: []sarifRule{}}}, Results: []sarifResult{}}
	known := map[string]bool{}
	rule := func(id, text string) {
		if !known[id] {
			known[id] = true
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{id, sarifText{text}})
		}
	}
	for _, a := range all {
		for _, q := range wanted(a) {
			if q.Class.Rank() < judge.High.Rank() && q.Keep {
				continue
			}
			rule("class/"+q.Rule, q.Why)
			run.Results = append(run.Results, result("class/"+q.Rule, judge.Severity(q.Class), written(q)+" ("+string(q.Scheme)+") is "+string(q.Class)+": "+q.Why+". "+answer(q), a.Document, q.Lines))
		}
		for _, f := range a.Findings {
			id := "finding/" + strings.ReplaceAll(strings.ReplaceAll(f.Kind, ", ", "-"), " ", "-")
			rule(id, f.Kind)
			message := f.Why
			if f.Instead != "" {
				message += ". Instead: " + f.Instead
			}
			run.Results = append(run.Results, result(id, f.Severity, message, a.Document, f.Lines, f.Quotes...))
		}
	}
	slices.SortFunc(run.Tool.Driver.Rules, func(a, b sarifRule) int { return strings.Compare(a.ID, b.ID) })
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func result(rule string, s judge.Severity, message, document string, lines []int, quotes ...judge.Quote) sarifResult {
	r := sarifResult{RuleID: rule, Level: level(s), Message: sarifText{message}}
	uri := (&url.URL{Path: filepath.ToSlash(document)}).String()
	for _, l := range lines {
		region := &sarifRegion{StartLine: max(1, l)}
		for _, q := range quotes {
			if q.Line == l {
				region.Snippet = &sarifText{q.Words}
			}
		}
		r.Locations = append(r.Locations, sarifLocation{sarifPhysical{sarifArtifact{uri}, region}})
	}
	if len(lines) == 0 {
		r.Locations = []sarifLocation{{sarifPhysical{Artifact: sarifArtifact{uri}}}}
	}
	return r
}
