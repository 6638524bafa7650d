// Package page writes the pages that simulated Entra shows to people: sign-in,
// consent, device code, and what went wrong. It promises that whatever a page is
// given is shown as text. It decides nothing.
package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
)

//go:embed pages.html
var text string

// Pages are the templates.
type Pages struct{ templates *template.Template }

// New reads the templates, which are part of the program.
func New() Pages { return Pages{template.Must(template.New("pages").Parse(text))} }

// Page is one of the types below.
type Page interface{ template() string }

// SignIn asks for name and password. Its form goes to Action; Back is where the
// browser goes on afterwards, Trouble what went wrong the last time.
type SignIn struct{ Action, Back, Name, Trouble string }

// Consent asks a person to agree to what an app wants. An administrator may agree
// for everybody, unless the consent is for the tenant anyway; when it is blocked
// only an administrator may agree at all.
type Consent struct {
	Action, App, User              string
	Titles                         []string
	Administrator, Tenant, Blocked bool
}

// Code asks for the code that a device shows.
type Code struct{ Action, Trouble string }

// Confirm asks whether it was this person who started the sign-in on a device.
type Confirm struct{ Action, App, User string }

// FormPost sends values on to a client, by itself where scripts run.
type FormPost struct {
	Action string
	Values url.Values
}

// Note says that all is done.
type Note struct{ Title, Text string }

// Failure says what went wrong.
type Failure struct{ Text, Trace, Correlation, At string }

func (SignIn) template() string   { return "signin" }
func (Consent) template() string  { return "consent" }
func (Code) template() string     { return "code" }
func (Confirm) template() string  { return "confirm" }
func (FormPost) template() string { return "formpost" }
func (Note) template() string     { return "note" }
func (Failure) template() string  { return "failure" }

// Write answers a request with a page. It fails before anything is written.
func (p Pages) Write(w http.ResponseWriter, status int, page Page) error {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, page.template(), page); err != nil {
		return fmt.Errorf("writing the page %s: %w", page.template(), err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-cache")
	h.Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a browser that hung up is its own affair
	return nil
}
