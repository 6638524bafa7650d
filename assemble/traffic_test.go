package assemble_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestWhatIsMeasuredOfARunningGateway scrapes a gateway that has read calendars and
// been notified, once by a stranger.
func TestWhatIsMeasuredOfARunningGateway(t *testing.T) {
	j := begin(t, 4)
	operate, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	j.operate = operate
	j.run("1h")
	j.told(j.meeting("Measured"), graphwarden.Created)
	get := func(base, path, body string) (int, string) {
		t.Helper()
		method := http.MethodGet
		if body != "" {
			method = http.MethodPost
		}
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	public := j.gateway.Address()
	if status, text := get(public, "/hooks/graph", `{"value": [{"subscriptionId": "none", "clientState": "forged"}]}`); status != http.StatusAccepted {
		t.Fatalf("a stranger is answered %d %s", status, text)
	}
	if status, text := get(public, "/readyz", ""); status != http.StatusNoContent || text != "" {
		t.Errorf("/readyz answers strangers %d %q", status, text)
	}
	if status, _ := get(public, "/metrics", ""); status != http.StatusNotFound {
		t.Errorf("strangers are told what is measured: %d", status)
	}
	j.meeting("Notified of")
	var text string
	j.eventually("a notification that counts", func() bool {
		_, text = get(operate.Addr().String(), "/metrics", "")
		return !strings.Contains(text, `notifications_total{outcome="accepted"} 0`)
	})
	series := regexp.MustCompile(`(?m)^(graphwarden_\S+?(?:\{[^}]*\})?) (\S+)$`).FindAllStringSubmatch(text, -1)
	values := map[string]float64{}
	for _, m := range series {
		values[m[1]], _ = strconv.ParseFloat(m[2], 64)
	}
	if len(series) < 36 || len(values) != len(series) {
		t.Errorf("%d series, %d different", len(series), len(values))
	}
	for name, least := range map[string]float64{`graphwarden_notifications_total{outcome="accepted"}`: 1, `graphwarden_notifications_total{outcome="refused"}`: 1,
		`graphwarden_tokens_total{outcome="obtained"}`: 2, `graphwarden_budget_used_ratio`: 0.0001, `graphwarden_deliveries_taken_total{sink="office"}`: 1} {
		if values[name] < least {
			t.Errorf("%s is %g:\n%s", name, values[name], text)
		}
	}
	t.Logf("%d series", len(series))
}
