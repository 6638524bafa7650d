package entra

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
)

// pagesText holds the pages that a person sees.
//
//go:embed pages.html
var pagesText string

func parsePages() *template.Template { return template.Must(template.New("pages").Parse(pagesText)) }

// What each page shows.
type (
	signInData struct {
		Action, Back, Name, Trouble string
	}
	consentData struct {
		Action, App, User      string
		Titles                 []string
		Administrator, Blocked bool
		Tenant                 bool // the consent is for everybody anyway
	}
	deviceData struct {
		Action, App, User, Trouble string
	}
	formPost struct {
		Action string
		Values url.Values
	}
	noteData struct {
		Title, Text string
	}
	errorData struct {
		Text, Trace, Correlation, At string
	}
)

// page writes one of the pages.
func (e *Entra) page(name string, status int, data any) step {
	return func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		if err := e.pages.ExecuteTemplate(&b, name, data); err != nil {
			e.log.ErrorContext(r.Context(), "entra", "page", name, "error", err)
			http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store, no-cache")
		h.Set("X-Frame-Options", "DENY")
		w.WriteHeader(status)
		_, _ = w.Write(b.Bytes()) // a browser that hung up is its own affair
	}
}

// errorPage shows a person what went wrong, where no client can be told.
func (e *Entra) errorPage(w http.ResponseWriter, r *http.Request, err error) {
	p, t := e.problemOf(r, err), e.trace(r)
	e.page("error", http.StatusBadRequest, errorData{p.Error(), t.ID, t.Correlation, t.stamp()})(w, r)
}
