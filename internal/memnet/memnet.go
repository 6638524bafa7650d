// Package memnet is a network in memory for tests: HTTP servers that are reached
// over net.Pipe, so that a testing/synctest bubble can move time past them. It
// promises that nothing leaves the process, and ends its servers with the test.
package memnet

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Network is a set of servers by host:port.
type Network struct {
	t       testing.TB
	mu      sync.Mutex
	servers map[string]*listener
}

// New makes an empty network that is closed when the test ends.
func New(t testing.TB) *Network {
	return &Network{t: t, servers: map[string]*listener{}}
}

// Listen takes the connections to an address, until the listener is closed.
func (n *Network) Listen(address string) net.Listener {
	l := &listener{address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.servers[address] = l
	return l
}

// Serve answers at an address like "graph.test:80" with h, until the test ends
// or stop is called; afterwards the address refuses connections.
func (n *Network) Serve(address string, h http.Handler) (stop func()) {
	l := n.Listen(address)
	var serving sync.WaitGroup
	stopped := false // guarded by n.mu: from then on no request is begun that nobody waits for
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		if stopped {
			n.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		serving.Add(1)
		n.mu.Unlock()
		defer serving.Done()
		h.ServeHTTP(w, r)
	})}
	serving.Go(func() { _ = server.Serve(l) })
	stop = sync.OnceFunc(func() {
		n.mu.Lock()
		delete(n.servers, address)
		stopped = true
		n.mu.Unlock()
		server.Close()
		serving.Wait()
	})
	n.t.Cleanup(stop)
	return stop
}

// Dial connects to a server of this network and to nothing else.
func (n *Network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.servers[address]
	n.mu.Unlock()
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: fmt.Errorf("nothing listens at %s", address)}
	}
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Client is an HTTP client that sees only this network and follows no redirect.
func (n *Network) Client() *http.Client {
	transport := &http.Transport{DialContext: n.Dial}
	n.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// listener is the server's end of the network.
type listener struct {
	address string
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// Accept gives the next connection.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener; connections that exist stay.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the address that it listens at.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: l.address, Net: "memory"} }
