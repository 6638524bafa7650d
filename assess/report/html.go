package report

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/graphwarden/graphwarden/assess/judge"
)

//go:embed page.html
var page string

// writeHTML writes one page that needs nothing beside it.
func writeHTML(w io.Writer, all []*judge.Assessment) error {
	t, err := template.New("page").Funcs(template.FuncMap{"asked": wanted, "answer": answer, "written": written, "opened": opened, "at": at, "list": list, "instead": instead, "proof": proof, "ownClass": ownClass, "classed": classed, "scoped": scoped, "schemes": schemes, "quotes": quotes}).Parse(page)
	if err != nil {
		return err
	}
	return t.Execute(w, all)
}
