package assemble

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/outbound"
)

// TestAnUnansweredAddressIsToldWithItsCause: what our own guard refuses is not
// called unreachable without a word of why.
func TestAnUnansweredAddressIsToldWithItsCause(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	client, err := outbound.New(outbound.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for why, of := range map[string]interface {
		Do(*http.Request) (*http.Response, error)
	}{"is not on the public internet": client, "it answered 404.": other.Client()} {
		if err := probe(of)(t.Context(), other.URL); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("without %q: %v", why, err)
		}
	}
}
