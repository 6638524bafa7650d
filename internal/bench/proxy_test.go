//go:build linux

package bench_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	proxyBar    = 0.85 // of a bare proxy's requests per second
	addedBar    = 5 * time.Millisecond
	connections = 32
	rounds      = 6 // turns that each program has
)

// asked is the part of a configuration in which an app keeps its SDK.
const asked = `apps: 127.0.0.1:0
apps_rate: 60000000
flows:
  office:
    app: portal
    kind: graph
    tenant: contoso
    registration: calendar
    mailboxes: [%s]
    private: full
    operations: ["GET /users/{id}/events/{id}", "GET /users/{id}/messages/{id}"]
`

// proxy measures the way of an app's requests through the enforcing proxy, with policy
// and ledger on, beside Go's own reverse proxy, a process of its own with neither. They
// have turns, so that both meet the same machine; what asks and what answers runs on it
// as well.
func (l *lab) proxy() {
	people, turn := 200, time.Second
	if *full {
		turn = 10 * time.Second
	}
	o := openOffice(l, people, 0, pageSize)
	folder, _ := setUp(l, o, http.StatusGone, "")
	rewrite(l, folder, o, asked)
	g := run(l, l.binary, folder)
	key, at := l.appKey(g, "portal", "write"), g.address("apps=")
	self, err := os.Executable()
	if err != nil {
		l.Fatal(err)
	}
	bare := launch(l, self, []string{asProxy + "=" + o.URL, asProxyTrusts + "=" + o.ca})
	bare.await("the bare proxy listens", time.Minute, func() bool { _, listens := bare.said("listens at "); return listens })
	beside, _ := bare.said("listens at ")
	ways := []*way{{process: g.child, base: "http://" + at + "/graph/v1.0", key: key}, {process: bare, base: "http://" + beside + "/v1.0", key: "a-token"}}
	for _, size := range []struct{ path, what, bar string }{
		{"events", "2 kB answers", fmt.Sprintf("≥ %.0f %%", 100*proxyBar)},
		{"messages", "100 kB answers", ""},
	} {
		for _, w := range ways {
			w.ask(l, people, size.path, turn/2)
			if l.Failed() {
				return
			} // connections are made, tokens fetched
			w.asked, w.took, w.used, w.wall = 0, nil, 0, 0
		}
		g.mark()
		for range rounds {
			for _, w := range ways {
				w.ask(l, people, size.path, turn)
			}
		}
		ours, theirs := ways[0], ways[1]
		ratio := ours.rate() / theirs.rate()
		v, added := noBar, quantile(ours.took, 0.99)-quantile(theirs.took, 0.99)
		if size.bar != "" {
			v = judged(ratio >= proxyBar)
		}
		l.add(fmt.Sprintf("the proxy, %s, %d connections, beside a bare one, %s", size.what, connections, *engine), size.bar, v, "%.0f %%: %.0f/s and %.0f/s", 100*ratio, ours.rate(), theirs.rate())
		if size.bar != "" {
			v = judged(added < addedBar)
			l.add("  added p99", "< 5 ms", v, "%v: %v and %v", added.Round(time.Millisecond/100), quantile(ours.took, 0.99).Round(time.Millisecond/100), quantile(theirs.took, 0.99).Round(time.Millisecond/100))
		}
		l.add("  processor time of each request", "", noBar, "%v and %v", ours.each(), theirs.each())
	}
	wanted := ways[0].ever
	if n := int64(g.ask(`SELECT count(DISTINCT call) FROM entries WHERE app = 'portal'`)); n < wanted {
		l.Errorf("the ledger has %d entries of %d requests", n, wanted)
	}
	g.stop(g.began)
	bare.stop(g.began)
}

// way is one program that passes requests on.
type way struct {
	process   *child
	base, key string
	client    *http.Client

	asked, ever int64
	took        []time.Duration
	used, wall  time.Duration
}

func (w *way) rate() float64 { return float64(w.asked) / w.wall.Seconds() }

func (w *way) each() time.Duration {
	return (w.used / time.Duration(max(1, w.asked))).Round(time.Microsecond)
}

// ask sends requests on every connection for a while, each as soon as the one before is
// answered.
func (w *way) ask(l *lab, people int, path string, during time.Duration) {
	l.Helper()
	if w.client == nil {
		w.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	}
	var all sync.WaitGroup
	var mu sync.Mutex // guards took
	var n atomic.Int64
	before, began := w.process.cpu(), time.Now()
	for c := range connections {
		all.Go(func() {
			var took []time.Duration
			for i := c; time.Since(began) < during; i += connections {
				sent := time.Now()
				r, err := http.NewRequestWithContext(l.Context(), http.MethodGet, w.base+"/users/"+mailboxID(i%people)+"/"+path+"/AAMkADhmNDk2ZWFmLTg4ZTAt", nil)
				if err != nil {
					l.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+w.key)
				answer, err := w.client.Do(r)
				if err != nil {
					l.Error(err)
					return
				}
				size, err := io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
				if answer.StatusCode != http.StatusOK || size < 2000 || err != nil {
					l.Errorf("%s answered %d with %d bytes, %v", w.base, answer.StatusCode, size, err)
					return
				}
				took = append(took, time.Since(sent))
				n.Add(1)
			}
			mu.Lock()
			w.took = append(w.took, took...)
			mu.Unlock()
		})
	}
	all.Wait()
	w.wall += time.Since(began)
	w.used += w.process.cpu() - before
	w.asked += n.Load()
	w.ever += n.Load()
}

// The environment in which this test's binary is a reverse proxy, and nothing else.
const (
	asProxy       = "GRAPHWARDEN_BENCH_PROXY"
	asProxyTrusts = "GRAPHWARDEN_BENCH_PROXY_CA"
)

// pass is Go's own reverse proxy, before a server and trusting a certificate, as somebody
// would write it who needs no more than that.
func pass(ctx context.Context, server, ca string) error {
	to, err := url.Parse(server)
	if err != nil {
		return err
	}
	certificate, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(certificate)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Set("Authorization", "Bearer "+strings.Repeat("a-token.", 200))
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, MaxIdleConnsPerHost: 2 * connections, DisableCompression: true},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	fmt.Fprintf(os.Stderr, "listens at %s\n", listener.Addr())
	if err := s.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}
