package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/meant"
)

// CatalogPage is what graphwarden catalog show --json prints.
type CatalogPage struct {
	Origin      string              `json:"origin"`
	Sum         string              `json:"sha256"`
	Permissions int                 `json:"permissions"` // of all APIs
	Counts      []catalog.Count     `json:"counts"`      // … and of each
	Operations  int                 `json:"operations"`  // of Microsoft Graph: a method and a path
	Shown       []CatalogPermission `json:"shown"`
}

// CatalogPermission is one permission, scheme by scheme.
type CatalogPermission struct {
	Name     string          `json:"name"`
	Resource string          `json:"resource"` // the application id of the API
	Specific bool            `json:"resource_specific"`
	Schemes  []CatalogScheme `json:"schemes"`
}

// CatalogScheme is a permission in one scheme.
type CatalogScheme struct {
	Scheme       catalog.Scheme `json:"scheme"`
	ID           string         `json:"id"`
	Title        string         `json:"title"`
	UserTitle    string         `json:"user_title,omitempty"`
	Level        int            `json:"level"`
	AdminConsent *bool          `json:"admin_consent"` // null: not published
	Offered      bool           `json:"offered"`       // in Entra's portal
	Class        judge.Class    `json:"class"`
	Rule         string         `json:"rule"`
	Why          string         `json:"why"`
	Operations   int            `json:"operations"`
	Writes       int            `json:"writes"`
	Opens        []string       `json:"opens"` // the first hundred
	Includes     []string       `json:"includes"`
}

func (p Program) showCatalog() *command {
	return &command{
		use:   "show [PERMISSION...]",
		short: "Show what a permission opens, its ids and its class",
		long: `Show tells of each permission, in each scheme, its id, level and consent as Microsoft
publishes them, how dangerous it is by the rules of risk, what it opens and which other
permissions it includes. Without a name it tells which table is in force.`,
		examples: []string{"graphwarden catalog show Calendars.Read", "graphwarden catalog show Mail.Send EWS.AccessAsUser.All --json"},
		args:     cobra.ArbitraryArgs,
		config:   ofFile,
		prints:   CatalogPage{},
		run: func(c *call) error {
			t, err := c.table()
			if err != nil {
				return err
			}
			page := CatalogPage{Origin: origin(t), Sum: t.Sum(), Counts: t.Counts(), Operations: t.Operations(), Shown: []CatalogPermission{}}
			var names []string
			for p := range t.Permissions() {
				page.Permissions++
				names = append(names, p.Name)
			}
			for _, name := range c.args {
				found := permissionsCalled(t, name)
				if len(found) == 0 {
					if word := meant.Word(name, names); word != "" {
						return usage(fmt.Errorf("there is no permission %q, did you mean %q", name, word))
					}
					return usage(fmt.Errorf("there is no permission %q", name))
				}
				page.Shown = append(page.Shown, found...)
			}
			return c.print(page, page.text())
		},
	}
}

// permissionsCalled are those of a name or id, of whatever resource.
func permissionsCalled(t *catalog.Catalog, name string) []CatalogPermission {
	if p, _, ok := t.ByID(name); ok {
		return []CatalogPermission{described(t, p)}
	}
	var out []CatalogPermission
	for _, resource := range []string{catalog.MicrosoftGraph, catalog.ExchangeOnline, catalog.SharePointOnline} {
		if p, ok := t.PermissionOf(resource, name); ok {
			out = append(out, described(t, p))
		}
	}
	return out
}

func described(t *catalog.Catalog, p catalog.Permission) CatalogPermission {
	out := CatalogPermission{Name: p.Name, Resource: p.ResourceAppID, Specific: p.ResourceSpecific, Schemes: []CatalogScheme{}}
	for scheme := range catalog.Schemes() {
		info, ok := p.In(scheme)
		if !ok {
			continue
		}
		s := CatalogScheme{Scheme: scheme, ID: info.ID, Title: info.Title, UserTitle: info.UserTitle, Level: info.Level, Offered: p.Offered(scheme), Opens: []string{}, Includes: []string{}}
		if !info.Unpublished {
			s.AdminConsent = &info.AdminConsent
		}
		behalf := plan.Delegated
		if scheme == catalog.Application {
			behalf = plan.Application
		}
		s.Class, s.Rule, s.Why = judge.Classify(p.Name, behalf)
		if p.ResourceAppID == catalog.MicrosoftGraph {
			s.Operations, s.Writes, s.Opens = t.Opened(scheme, p.Name, 100)
			s.Includes = t.Includes(scheme, p.Name)
		}
		out.Schemes = append(out.Schemes, s)
	}
	return out
}

// apiName is what people call an API.
func apiName(id string) string {
	return map[string]string{catalog.MicrosoftGraph: "Microsoft Graph", catalog.ExchangeOnline: "Exchange Online", catalog.SharePointOnline: "SharePoint Online"}[id]
}

// text is the page for people.
func (p CatalogPage) text() string {
	var b strings.Builder
	if len(p.Shown) == 0 {
		fmt.Fprintf(&b, "The table in force is %s, SHA-256 %s.\nIt knows %d permissions and %d operations of Microsoft Graph (a method and a path, v1.0 and beta):\n\n", p.Origin, p.Sum, p.Permissions, p.Operations)
		t := table{head: []string{"API", "PERMISSIONS", "OFFERED BY THE PORTAL", "FOR ONE TEAM OR CHAT", "HIDDEN, RETIRED, OR NOT SAID"}}
		for _, c := range p.Counts {
			t.add(apiName(c.Resource), fmt.Sprint(c.All), fmt.Sprint(c.Offered), fmt.Sprint(c.Specific), fmt.Sprint(c.All-c.Offered-c.Specific))
		}
		_ = t.print(&b) // to memory
	}
	for _, one := range p.Shown {
		fmt.Fprintf(&b, "%s (of %s, %s)\n", one.Name, apiName(one.Resource), one.Resource)
		if one.Specific {
			b.WriteString("  consented to for one team or chat; it opens nothing in the tenant as a whole\n")
		}
		for _, s := range one.Schemes {
			s.text(&b)
		}
	}
	return b.String()
}

func (s CatalogScheme) text(b *strings.Builder) {
	consent, id, level := "not published", s.ID, fmt.Sprint(s.Level)
	if s.AdminConsent != nil {
		consent = map[bool]string{true: "an administrator", false: "the person, or an administrator"}[*s.AdminConsent]
	}
	if id == "" {
		id = "not published"
	}
	if s.Level == 0 {
		level = "not rated"
	}
	fmt.Fprintf(b, "\n  %s\n    id        %s\n    title     %s\n    consent   %s\n    level     %s\n    class     %s (%s: %s)\n", s.Scheme, id, s.Title, consent, level, s.Class, s.Rule, s.Why)
	if !s.Offered {
		b.WriteString("    offered   no: Entra's portal does not show it\n")
	}
	if len(s.Includes) > 0 {
		fmt.Fprintf(b, "    includes  %s\n", strings.Join(s.Includes, ", "))
	}
	fmt.Fprintf(b, "    opens     %d operations, %d of them writing%s\n", s.Operations, s.Writes, map[bool]string{true: ", with what it includes"}[len(s.Includes) > 0])
	for i, o := range s.Opens {
		if i == 12 {
			fmt.Fprintf(b, "              … and %d more (--json shows a hundred)\n", s.Operations-i)
			break
		}
		fmt.Fprintf(b, "              %s\n", o)
	}
}
