package assemble

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/strict"
)

// Cases is a file of requests with what is expected of each; docs/policy.md describes it.
type Cases struct {
	Cases []Case `yaml:"cases" need:"yes"`
}

// Case is a request of an app's, and what is expected of it.
type Case struct {
	Name    string `yaml:"name"`
	App     string `yaml:"app" need:"yes"`
	Request string `yaml:"request" need:"yes"` // "GET /users/anna@contoso.com/messages"
	Body    string `yaml:"body"`               // JSON
	From    string `yaml:"from"`               // the address that it comes from
	At      string `yaml:"at"`                 // when, RFC 3339; else now
	Expect  string `yaml:"expect" need:"yes" one:"allowed refused depends"`
	Rule    string `yaml:"rule"` // as the ledger names it; "" for whichever
}

// Tried is what came of a file of cases.
type Tried struct {
	File   string      `json:"file"`
	Passed int         `json:"passed"`
	Failed int         `json:"failed"`
	Cases  []TriedCase `json:"cases"`
}

// TriedCase is what came of one case.
type TriedCase struct {
	Line    int         `json:"line"`
	Name    string      `json:"name"`
	Passed  bool        `json:"passed"`
	Expect  Verdict     `json:"expect"`
	Rule    string      `json:"expect_rule,omitempty"`
	Request string      `json:"request"`
	Was     Explanation `json:"was"`
}

// CodeCases is the code of a file of cases that cannot be read.
const CodeCases = "policy.cases"

// Try explains the requests of a file, and holds the answers against what the file
// expects. What is wrong with the file is a Refusal; a case that fails is not.
func (c *Config) Try(ctx context.Context, path string) (Tried, error) {
	out := Tried{File: path, Cases: []TriedCase{}}
	raw, err := os.ReadFile(path)
	if err != nil {
		return out, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: CodeCases, Cause: err, Say: fmt.Sprintf("The file of cases cannot be read: %v.", err), Do: "Name the right file."}
	}
	var file Cases
	read := strict.Read(raw, &file, nil)
	found := &Mistakes{File: path}
	wrong := func(at, say string) {
		place := read.Place(at)
		found.List = append(found.List, Mistake{Line: place.Line, Column: place.Column, At: at, Say: say})
	}
	for _, m := range read.Mistakes {
		found.List = append(found.List, Mistake{Line: m.Line, Column: m.Column, At: m.At, Say: m.Say})
	}
	if len(file.Cases) == 0 && len(found.List) == 0 {
		wrong("cases", "no case stands in the file")
	}
	j, err := c.judging()
	if err != nil {
		return out, err
	}
	for i, one := range file.Cases {
		at := strict.Entry("cases", i)
		q, field, say := one.question()
		if say != "" {
			wrong(at+"."+field, say)
		}
		if len(found.List) > 0 {
			continue // a file with a mistake says nothing of the rest
		}
		was, err := j.answer(ctx, q)
		if err != nil {
			wrong(at, err.Error())
			continue
		}
		tried := TriedCase{Line: read.Place(at + ".app").Line, Name: one.Name, Expect: Verdict(one.Expect), Rule: one.Rule, Request: one.Request, Was: was,
			Passed: was.Verdict == Verdict(one.Expect) && (one.Rule == "" || one.Rule == was.Rule)}
		if tried.Passed {
			out.Passed++
		} else {
			out.Failed++
		}
		out.Cases = append(out.Cases, tried)
	}
	if len(found.List) > 0 {
		return Tried{File: path}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: CodeCases, Cause: found,
			Say: fmt.Sprintf("The cases cannot be tried: %s.", strings.TrimSuffix(found.Error(), ".")), Do: "Mend the file; docs/policy.md says how a case is written."}
	}
	return out, nil
}

// question is what a case asks, or which field of it is wrong and why.
func (one Case) question() (q Question, field, say string) {
	var err error
	method, path, _ := strings.Cut(one.Request, " ")
	q = Question{App: one.App, Method: strings.ToUpper(method), Path: strings.TrimSpace(path)}
	if q.Path == "" && one.Request != "" {
		return q, "request", "a method and a path belong here, such as GET /users/anna@contoso.com/messages"
	}
	if one.Body != "" {
		if q.Body = []byte(one.Body); !json.Valid(q.Body) {
			return q, "body", "it is no JSON"
		}
	}
	if one.From != "" {
		if q.From, err = netip.ParseAddr(one.From); err != nil {
			return q, "from", "it is no address, such as 10.1.2.3"
		}
	}
	if one.At != "" {
		if q.At, err = time.Parse(time.RFC3339, one.At); err != nil {
			return q, "at", "it is no time, such as 2026-03-02T22:30:00Z"
		}
	}
	return q, "", ""
}
