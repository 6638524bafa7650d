package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/restrict"
)

// Guide is what graphwarden connect --guide --json prints: the bodies of the
// requests to Microsoft Graph that make the registration, and the consent link.
type Guide struct {
	Application map[string]any `json:"application"` // POST /applications
	ConsentLink string         `json:"consent_link"`
	Permissions []connect.Need `json:"permissions"`
}

// isGuide says whether there is such a way of explaining.
func isGuide(how string) bool {
	return slices.Contains([]string{"portal", "az", "powershell", "graph"}, how)
}

// warn says of a registration that roles in Exchange keep to its mailboxes that the consent
// that the guide asks for would undo it. One that cannot be restricted has nothing to undo.
func (g *connecting) warn(ctx context.Context, path string) {
	var v restrict.View
	if err := g.server.get(ctx, path+"/restriction", nil, &v); err != nil || v.State == nil || v.State.By != string(graphwarden.ByRoles) {
		return
	}
	g.say("%s/%s is restricted to its mailboxes by roles in Exchange. An administrator's consent to what the roles stand for is for every mailbox, and undoes that: have consented to %s.",
		v.Tenant, v.Registration, or(strings.Join(v.Stays, ", ")+map[bool]string{true: " alone"}[len(v.Stays) > 0], "nothing"))
}

// explain prints how the registration is made, with exactly the permissions that
// its flows need.
func (g *connecting) explain(ctx context.Context) error {
	page, err := g.page(ctx)
	if err != nil {
		return err
	}
	if g.asJSON {
		if !g.guide {
			return nil // the report is what a program reads
		}
		return printJSON(g.p.Stdout, Guide{Application: page.Body, ConsentLink: page.Link, Permissions: g.view.Needed})
	}
	out := g.p.Stderr
	if g.guide {
		out = g.p.Stdout
	}
	text, err := template.New("guide").Funcs(template.FuncMap{"quote": quoteShell, "single": quotePowerShell}).Parse(guides()[g.how])
	if err != nil {
		return fmt.Errorf("reading the guide: %w", err)
	}
	return text.Execute(out, page)
}

// guidePage is what the guides speak of.
type guidePage struct {
	View        connect.View
	Cloud       graphwarden.Cloud
	Name        string
	Audience    string
	Redirect    string
	Platform    string // web or public
	Resource    string
	Certificate bool
	Multi       bool
	Own         bool // the cloud is none of Microsoft's
	Ends        string
	Body        map[string]any
	JSON        string // Body
	Access      string // requiredResourceAccess as JSON
	Link        string
	File        string // that the credential stands in; "" for a public client
}

func (g *connecting) page(ctx context.Context) (guidePage, error) {
	v := g.view
	p := guidePage{View: v, Name: "Graphwarden " + v.Registration, Audience: "AzureADMyOrg", Redirect: connect.RegisteredRedirect, Platform: "public",
		Resource: catalog.MicrosoftGraph, Certificate: v.Credential == "certificate", Multi: g.multi,
		Ends: time.Now().AddDate(0, 0, 179).UTC().Format(time.DateOnly)}
	var err error
	if p.Link, err = g.consentLink(ctx); err != nil {
		return p, err
	}
	if p.File, err = g.credentialFile(); err != nil {
		return p, err
	}
	if g.multi {
		p.Audience = "AzureADMultipleOrgs"
	}
	if g.delegated() && !v.Public {
		p.Platform = "web"
	}
	if v.SignedIn != "" {
		p.Redirect = v.SignedIn // nobody comes back to this machine
		p.Platform = "web"
	}
	var found bool
	if p.Cloud, found = graphwarden.CloudNamed(v.Cloud); !found {
		name := "graphwarden-" + v.Tenant
		p.Own, p.Cloud = true, graphwarden.Cloud{Name: v.Cloud, Login: v.Login, Graph: v.Graph, Portal: v.Login, CLI: name, PowerShell: name}
	}
	access := []map[string]string{}
	for _, n := range v.Needed {
		access = append(access, map[string]string{"id": n.ID, "type": n.Type})
	}
	required := []map[string]any{{"resourceAppId": p.Resource, "resourceAccess": access}}
	p.Body = map[string]any{"displayName": p.Name, "signInAudience": p.Audience, "requiredResourceAccess": required}
	redirects := map[string]any{"redirectUris": []string{p.Redirect}}
	if p.Platform == "web" {
		p.Body["web"] = redirects
	} else {
		p.Body["publicClient"] = redirects
	}
	if v.Redirect != "" {
		web := []string{v.Redirect}
		if p.Platform == "web" {
			web = append(web, p.Redirect)
		}
		p.Body["web"] = map[string]any{"redirectUris": web}
	}
	if v.Public {
		p.Body["isFallbackPublicClient"] = true
	}
	text, err := json.MarshalIndent(p.Body, "", "  ")
	if err != nil {
		return p, fmt.Errorf("writing the registration as JSON: %w", err)
	}
	short, err := json.Marshal(required)
	p.JSON, p.Access = string(text), string(short)
	return p, err
}

// credentialFile is the file of the registration's credential, whole, as the
// commands of a guide are run in any folder; "" for a public client.
func (g *connecting) credentialFile() (string, error) {
	loaded, err := g.p.load(g.config)
	if err != nil {
		return "", err
	}
	path := loaded.CredentialFile(g.view.Tenant, g.view.Registration)
	if path == "" {
		return "", nil
	}
	return filepath.Abs(path)
}

// quotePowerShell writes a text within single quotes of PowerShell.
func quotePowerShell(text string) string { return strings.ReplaceAll(text, "'", "''") }

// quoteShell writes a text as one word of a shell.
func quoteShell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// makeCertificate makes the file that the configuration names, and beside it the
// certificate alone, to be uploaded.
func (g *connecting) makeCertificate(tenant, registration string) error {
	loaded, err := g.p.load(g.config)
	if err != nil {
		return err
	}
	path, err := loaded.CertificateFile(tenant, registration)
	if err != nil {
		return err
	}
	if err := connect.WriteCertificate(path, registration, time.Now()); err != nil {
		return err
	}
	g.say("Made %s, which only this user reads, and %s.cer, which is to be uploaded to the registration.", path, path)
	return nil
}
