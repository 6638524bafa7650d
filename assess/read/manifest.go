package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// readManifest reads an app manifest of Entra, in the portal's form or in Graph's.
// It is walked token by token, so that everything keeps its line.
func readManifest(b *book, p *plan.Plan, raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	m := &manifest{book: b, plan: p, decoder: d, raw: raw, line: 1}
	return m.value("")
}

type manifest struct {
	book     *book
	plan     *plan.Plan
	decoder  *json.Decoder
	raw      []byte
	line     int // of off
	off      int
	depth    int
	resource string
	entry    entry
	asked    []entry // of the resource that is being read
}

// entry is one object of resourceAccess.
type entry struct {
	line     int
	id, kind string
}

// at is the line on which the decoder stands.
func (m *manifest) at() int {
	to := int(m.decoder.InputOffset())
	m.line += bytes.Count(m.raw[m.off:to], []byte("\n"))
	m.off = to
	return m.line
}

// maxDepth bounds how deep a manifest may be nested; Entra's have five.
const maxDepth = 64

var errDeep = errors.New("nested too deeply")

// value reads the value of a key.
func (m *manifest) value(key string) error {
	t, err := m.decoder.Token()
	if err != nil {
		return err
	}
	line := m.at()
	switch v := t.(type) {
	case json.Delim:
		if m.depth++; m.depth > maxDepth {
			return fmt.Errorf("line %d: nested deeper than %d", line, maxDepth)
		}
		if err := m.inside(key, v); err != nil {
			return err
		}
		m.depth--
	case string:
		m.said(key, v, line)
	case bool:
		m.said(key, strconv.FormatBool(v), line)
	}
	return nil
}

// inside reads an object or a list to its end.
func (m *manifest) inside(key string, open json.Delim) error {
	within := key == "resourceAccess"
	if open == '{' && within {
		m.entry = entry{}
	}
	mentions, unplaced := len(m.plan.Mentions), len(m.plan.Unplaced)
	if open == '{' && key == "requiredResourceAccess" {
		m.late()
	}
	for m.decoder.More() {
		k := key
		if open == '{' {
			t, err := m.decoder.Token()
			if err != nil {
				return err
			}
			k, _ = t.(string)
		}
		if err := m.value(k); err != nil {
			return err
		}
	}
	if _, err := m.decoder.Token(); err != nil {
		return err
	}
	m.at()
	if open == '{' && within {
		m.granted()
	}
	if open == '{' && key == "requiredResourceAccess" {
		m.ofResource(mentions, unplaced)
	}
	return nil
}

// late forgets the resource of the entry before; a manifest may name it behind.
func (m *manifest) late() { m.resource, m.asked = "", nil }

// ofResource gives permissions the API that the manifest asks them of; SharePoint has
// some with the ids of Graph's. What is asked of an API that the catalogue does not know
// is no permission of Graph's, whatever its id.
func (m *manifest) ofResource(mentions, unplaced int) {
	switch {
	case m.resource == "":
	case knownAPI(m.resource):
		for i := mentions; i < len(m.plan.Mentions); i++ {
			m.plan.Mentions[i].Resource = m.resource
		}
	default:
		m.plan.Unplaced = m.plan.Unplaced[:unplaced]
		m.plan.Mentions = m.plan.Mentions[:mentions]
		for _, e := range m.asked {
			m.plan.Unplaced = append(m.plan.Unplaced, plan.Unplaced{Line: e.line, Written: e.id, Why: "it is asked of the API " + m.resource + ", whose permissions the catalogue does not know"})
		}
	}
}

// said takes a text of the manifest.
func (m *manifest) said(key, v string, line int) {
	switch key {
	case "resourceAppId":
		m.resource = strings.ToLower(v)
	case "id":
		m.entry.id, m.entry.line = v, line
	case "type":
		m.entry.kind = v
		if m.entry.line == 0 {
			m.entry.line = line
		}
	case "signInAudience", "endDateTime", "endDate", "oauth2AllowImplicitFlow", "enableAccessTokenIssuance":
		m.plan.Settings = append(m.plan.Settings, plan.Setting{Line: line, Name: key, Value: v})
	}
}

// granted adds the permission of a finished entry.
func (m *manifest) granted() {
	e := m.entry
	if e.id == "" {
		return
	}
	m.asked = append(m.asked, e)
	p, scheme, ok := m.book.catalog.ByID(e.id)
	if !ok {
		m.plan.Unplaced = append(m.plan.Unplaced, plan.Unplaced{Line: e.line, Written: e.id, Why: "the catalogue knows no permission of this id"})
		return
	}
	s := plan.Delegated
	if scheme == catalog.Application {
		s = plan.Application
	}
	if e.kind == "Role" && s == plan.Delegated || e.kind == "Scope" && s == plan.Application {
		m.plan.Unplaced = append(m.plan.Unplaced, plan.Unplaced{Line: e.line, Written: e.id, Why: "the id is that of " + p.Name + ", " + string(s) + ", and the entry says " + e.kind})
	}
	m.plan.Mentions = append(m.plan.Mentions, plan.Mention{Line: e.line, Written: e.id, Name: p.Name, Resource: p.ResourceAppID, Scheme: s, SchemeFrom: "id",
		FoundBy: plan.ByID, Confidence: plan.Certain, Status: plan.Asked})
}
