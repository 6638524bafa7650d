package api

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Metric is one measured value, as Prometheus reads it.
type Metric struct {
	Name, Help string
	Counter    bool // it only grows
	Labels     map[string]string
	Value      float64
}

func (a *API) metricRoutes() []route {
	if a.config.Metrics == nil {
		return nil
	}
	return []route{{pattern: "GET /metrics", name: "getMetrics", about: "what is measured, for Prometheus", kind: "text/plain", raw: a.metrics}}
}

func (a *API) metrics(w http.ResponseWriter, r *http.Request) error {
	list, err := a.config.Metrics(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(exposition(list)) // who asked is gone: nobody to tell
	return nil
}

// Measure gives what is measured.
type Measure func(ctx context.Context) ([]Metric, error)

// exposition writes metrics in Prometheus' text format, version 0.0.4: the values
// of one name together, under its help and type.
func exposition(list []Metric) []byte {
	byName := map[string][]Metric{}
	for _, m := range list {
		byName[m.Name] = append(byName[m.Name], m)
	}
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		family := byName[name]
		kind := "gauge"
		if family[0].Counter {
			kind = "counter"
		}
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", name, escape(family[0].Help, false), name, kind)
		for _, m := range family {
			b.WriteString(name)
			for i, label := range slices.Sorted(maps.Keys(m.Labels)) {
				b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
				fmt.Fprintf(&b, `%s="%s"`, label, escape(m.Labels[label], true))
			}
			if len(m.Labels) > 0 {
				b.WriteByte('}')
			}
			b.WriteString(" " + strconv.FormatFloat(m.Value, 'g', -1, 64) + "\n")
		}
	}
	return b.Bytes()
}

// escape writes text as the format wants it; a label's value stands in quotes.
func escape(text string, quoted bool) string {
	text = strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(text)
	if quoted {
		text = strings.ReplaceAll(text, `"`, `\"`)
	}
	return text
}
