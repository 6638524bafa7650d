package outbound_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
)

// TestWhatKeepsAnAnswerAwayIsExplained meets each trouble for real, on loopback.
func TestWhatKeepsAnAnswerAwayIsExplained(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closing := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer closing.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := free.Addr().String()
	free.Close()

	trusting := x509.NewCertPool()
	trusting.AddCert(secure.Certificate())
	client := func(c *tls.Config) *http.Client { return &http.Client{Transport: &http.Transport{TLSClientConfig: c}} }
	lookup := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.DNSError{Name: "graph.example", IsNotFound: true}
	}}}
	hasty := client(nil)
	hasty.Timeout = time.Nanosecond

	for _, test := range []struct {
		code   string
		client *http.Client
		url    string
	}{
		{"outbound.refused", client(nil), "http://" + nobody},
		{"outbound.host_unknown", lookup, "http://graph.example"},
		{"outbound.tls_untrusted", client(nil), secure.URL},
		{"outbound.tls_name", client(&tls.Config{RootCAs: trusting, ServerName: "graph.microsoft.com"}), secure.URL},
		{"outbound.tls_time", client(&tls.Config{RootCAs: trusting, Time: func() time.Time { return time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC) }}), secure.URL},
		{"outbound.not_tls", client(nil), "https://" + plain.Listener.Addr().String()},
		{"outbound.timeout", hasty, plain.URL},
		{"outbound.broken", client(nil), closing.URL},
	} {
		t.Run(test.code, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := test.client.Do(request)
			if err == nil {
				response.Body.Close()
				t.Fatal("it was answered")
			}
			var r *graphwarden.Refusal
			if !errors.As(outbound.Explain(err, "graph.example"), &r) {
				t.Fatalf("%v is not explained", err)
			}
			if r.Code != test.code || r.Kind != graphwarden.Unreachable || r.Say == "" || r.Do == "" {
				t.Errorf("%v is explained as %+v", err, r)
			}
			if !errors.Is(r, err) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestARefusalAndACancellationAreNotExplainedAway(t *testing.T) {
	refusal := &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "outbound.address"}
	for _, err := range []error{nil, refusal, context.Canceled} {
		if got := outbound.Explain(err, "x"); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}
