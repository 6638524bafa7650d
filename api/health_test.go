package api_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
)

func TestReadinessNamesWhatIsMissing(t *testing.T) {
	var no error
	d := put(t, func(c *api.Config) {
		c.Conditions = []api.Condition{{Name: "the database answers", Ask: func(context.Context) error { return no }}}
	})
	if w := d.ask(t, "GET", "/readyz"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"ready":true`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	no = &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.full", Say: "The disk is full."}
	if w := d.ask(t, "GET", "/readyz"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "storage.full") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := d.ask(t, "GET", "/healthz", ""); w.Code != http.StatusNoContent {
		t.Errorf("/healthz without a token: %d", w.Code)
	}
}

func TestMetricsAreWrittenAsPrometheusReadsThem(t *testing.T) {
	d := put(t, func(c *api.Config) {
		c.Metrics = func(context.Context) ([]api.Metric, error) {
			return []api.Metric{{Name: "b_total", Help: "Two\nlines.", Counter: true, Value: 3},
				{Name: "a", Help: "A.", Labels: map[string]string{"x": "say \"hi\"\n\\", "y": "1"}, Value: 0.25}, {Name: "a", Labels: map[string]string{"x": "2"}, Value: 1e9}}, nil
		}
	})
	w := d.ask(t, "GET", "/metrics")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
	line := regexp.MustCompile(`^(# HELP [a-z_]+ .*|# TYPE [a-z_]+ (gauge|counter)|[a-z_]+(\{[a-z]+="([^"\\]|\\["\\n])*"(,[a-z]+="([^"\\]|\\["\\n])*")*\})? [0-9.e+-]+)$`)
	for text := range strings.Lines(w.Body.String()) {
		if !line.MatchString(strings.TrimSuffix(text, "\n")) {
			t.Errorf("not a line of the format: %q", text)
		}
	}
	if !strings.Contains(w.Body.String(), `a{x="say \"hi\"\n\\",y="1"} 0.25`) {
		t.Errorf("%s", w.Body)
	}
	if none := d.ask(t, "GET", "/metrics", ""); none.Code != http.StatusUnauthorized {
		t.Errorf("without a token: %d", none.Code)
	}
}
