package outbound_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
)

// server starts a server on loopback; change may alter it before it starts.
func server(t *testing.T, handler http.HandlerFunc, change func(*httptest.Server)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(s)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func hostOf(s *httptest.Server) string { return s.Listener.Addr().String() }

// trusting gives options that reach a server and trust its certificate.
func trusting(s *httptest.Server) outbound.Options {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return outbound.Options{Admit: []string{hostOf(s)}, Roots: pool}
}

func client(t *testing.T, o outbound.Options) *http.Client {
	t.Helper()
	c, err := outbound.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// fetch gives the status and body of what a URL answers.
func fetch(t *testing.T, c *http.Client, url string) (status int, body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(content), err
}

func TestARedirectIsAnAnswer(t *testing.T) {
	reached := false
	inside := server(t, func(http.ResponseWriter, *http.Request) { reached = true }, nil)
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	}, nil)
	o := trusting(s)
	o.Admit = append(o.Admit, hostOf(inside))
	status, _, err := fetch(t, client(t, o), s.URL)
	if err != nil || status != http.StatusTemporaryRedirect || reached {
		t.Errorf("got %d, %v; followed: %v", status, err, reached)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	hello := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }
	for version, good := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		s := server(t, hello, func(s *httptest.Server) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		})
		if _, body, err := fetch(t, client(t, trusting(s)), s.URL); (err == nil && body == "hello") != good {
			t.Errorf("%s: %q, %v", tls.VersionName(version), body, err)
		}
	}
}

func TestACAFileAddsToWhatIsTrusted(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, nil)
	file := filepath.Join(t.TempDir(), "ca.pem")
	content := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, body, err := fetch(t, client(t, outbound.Options{Admit: []string{hostOf(s)}, CAFiles: []string{file}}), s.URL); body != "hello" {
		t.Errorf("with the CA file: %v", err)
	}
	var unknown x509.UnknownAuthorityError
	if _, _, err := fetch(t, client(t, outbound.Options{Admit: []string{hostOf(s)}}), s.URL); !errors.As(err, &unknown) {
		t.Errorf("without it: %v", err)
	}
	base := x509.NewCertPool()
	client(t, outbound.Options{CAFiles: []string{file}, Roots: base})
	if !base.Equal(x509.NewCertPool()) {
		t.Error("the caller's pool was changed")
	}
}

func TestACAFileThatIsNoneIsRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, empty + ".missing"} {
		_, err := outbound.New(outbound.Options{CAFiles: []string{file}})
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || r.Kind != graphwarden.Invalid || r.Code != "outbound.ca_file" || !strings.Contains(r.Say, file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestTheClockOfCertificatesIsPassedIn(t *testing.T) {
	s := server(t, func(http.ResponseWriter, *http.Request) {}, nil)
	o := trusting(s)
	o.Now = func() time.Time { return s.Certificate().NotAfter.Add(time.Hour) }
	var invalid x509.CertificateInvalidError
	if _, _, err := fetch(t, client(t, o), s.URL); !errors.As(err, &invalid) {
		t.Errorf("an hour after the certificate's end: %v", err)
	}
}

func TestNoProxyOfTheEnvironmentIsUsed(t *testing.T) {
	proxied := false
	proxy := server(t, func(http.ResponseWriter, *http.Request) { proxied = true }, nil)
	s := server(t, func(http.ResponseWriter, *http.Request) {}, nil)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	if status, _, err := fetch(t, client(t, trusting(s)), s.URL); status != http.StatusOK || proxied {
		t.Errorf("got %d, %v; proxied: %v", status, err, proxied)
	}
}

func TestConnectionsToAHostAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dials atomic.Int32
		end := make(chan struct{})
		c, err := outbound.New(outbound.Options{
			Admit: []string{"slow:80"}, PerHost: 2,
			Dial: func(context.Context, string, string) (net.Conn, error) {
				dials.Add(1)
				<-end
				return nil, errDialled
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://slow/", nil)
				if err != nil {
					t.Error(err)
					return
				}
				if answer, err := c.Do(r); err == nil {
					_ = answer.Body.Close()
				}
			})
		}
		synctest.Wait()
		if dials.Load() != 2 {
			t.Errorf("%d connections at once", dials.Load())
		}
		cancel()
		close(end)
		all.Wait()
	})
}

func TestHeadersWithoutEndAreRefused(t *testing.T) {
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
	}, nil)
	if status, _, err := fetch(t, client(t, trusting(s)), s.URL); err == nil {
		t.Errorf("got %d", status)
	}
}

// TestAPeerThatFallsSilentIsGivenUp speaks over a pipe, in a bubble whose time
// moves by itself.
func TestAPeerThatFallsSilentIsGivenUp(t *testing.T) {
	situations := map[string]string{
		"before an answer":        "",
		"in the middle of it":     "HTTP/1.1 200 OK\r\nContent-Le",
		"in the middle of a body": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
	}
	for name, says := range situations {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, err := outbound.New(outbound.Options{
					Admit: []string{"silent:80"}, Stall: time.Minute,
					Dial: func(context.Context, string, string) (net.Conn, error) {
						near, far := net.Pipe()
						go func() {
							_, _ = far.Read(make([]byte, 4096))
							_, _ = io.WriteString(far, says)
							_, _ = far.Read(make([]byte, 1)) // until the other side gives up
							_ = far.Close()
						}()
						return near, nil
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				_, _, err = fetch(t, c, "http://silent/")
				var slow net.Error
				if !errors.As(err, &slow) || !slow.Timeout() {
					t.Errorf("got %v, want a timeout", err)
				}
				if waited := time.Since(began); waited != time.Minute {
					t.Errorf("gave up after %s", waited)
				}
				c.CloseIdleConnections()
			})
		})
	}
}
