package api

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/docs"
)

// errorPages is where the pages stand that explain codes, on both faces, so that who
// has no way to the Internet can follow the link of a problem.
const errorPages = "/errors/"

// TypeOf is the type of a problem with a code (RFC 9457 section 3.1.1): the path of
// the page that explains it, at whatever address the server has.
func TypeOf(code string) string { return errorPages + code }

func (a *API) explainRoutes() []route {
	pages := map[string]docs.Explanation{}
	all := docs.Explanations()
	for _, e := range all {
		pages[e.Code] = e
	}
	list := listOfCodes(all)
	return []route{{pattern: "GET " + strings.TrimSuffix(errorPages, "/"), alias: "GET " + errorPages + "{$}", name: "listErrors", about: "the codes of problems, with what each means", who: anybody, kind: "text/html",
		raw: func(w http.ResponseWriter, _ *http.Request) error {
			sendPage(w, list)
			return nil
		}}, {pattern: "GET " + errorPages + "{code}", name: "explain", about: "the page that explains the code of a problem", who: anybody,
		codes: []string{"api.code_unknown"}, kind: "text/html",
		raw: func(w http.ResponseWriter, r *http.Request) error {
			e, known := pages[r.PathValue("code")]
			if !known {
				return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "api.code_unknown", Field: "code",
					Say: "Graphwarden refuses nothing with this code.", Do: "Look at the code that the problem names; docs/errors.md lists them all."}
			}
			sendPage(w, fmt.Sprintf(explained, e.Code, shown(e.About), shown(e.Meaning), shown(e.Do)))
			return nil
		}}}
}

// sendPage sends a page that loads nothing.
func sendPage(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_, _ = io.WriteString(w, text) // who asked is gone: nobody to tell
}

// listOfCodes is the page that lists all codes, in the document's order.
func listOfCodes(all []docs.Explanation) string {
	var b strings.Builder
	b.WriteString(listHead)
	about := ""
	for _, e := range all {
		if e.About != about {
			about = e.About
			fmt.Fprintf(&b, "<h2>%s</h2>\n", shown(about))
		}
		fmt.Fprintf(&b, "<p><a href=\"/errors/%[1]s\"><code>%[1]s</code></a><br>%[2]s</p>\n", e.Code, shown(e.Meaning))
	}
	b.WriteString("</html>\n")
	return b.String()
}

// listHead begins the page that lists all codes.
const listHead = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>What Graphwarden refuses, and why</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>
<h1>What Graphwarden refuses, and why</h1>
<p>Every refusal has one of these codes, which do not change.</p>
`

// explained is a page about a code.
const explained = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%[1]s – Graphwarden</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>
<p>Graphwarden · %[2]s</p>
<h1><code>%[1]s</code></h1>
<p>%[3]s</p>
<h2>What to do</h2>
<p>%[4]s</p>
</html>
`

var (
	quotedCode = regexp.MustCompile("`([^`]+)`")
	linked     = regexp.MustCompile(`\[([^\]]+)\]\([^)]*\)`)
)

// shown writes the little Markdown of the document as a page does; a link to another
// document is its words.
func shown(markdown string) string {
	text := html.EscapeString(linked.ReplaceAllString(markdown, "$1"))
	return quotedCode.ReplaceAllString(text, "<code>$1</code>")
}
