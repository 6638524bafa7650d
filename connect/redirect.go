package connect

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
)

// RedirectPath is where sign-ins and consents come back to, at localhost; Entra
// compares everything but the port (RFC 8252 §7.3).
const RedirectPath = "/graphwarden"

// RegisteredRedirect is the redirect address to register.
const RegisteredRedirect = "http://localhost" + RedirectPath

// Redirect waits on this machine for what a browser is sent back with.
type Redirect struct {
	listener net.Listener
	came     chan string
}

// ListenRedirect listens at localhost, at any free port when port is 0.
func ListenRedirect(ctx context.Context, port int) (*Redirect, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "connect.redirect_port", Cause: err,
			Say: fmt.Sprintf("The command cannot listen at port %d of this machine for the browser's answer.", port), Do: "Name a free port with --redirect-port."}
	}
	return &Redirect{listener: l, came: make(chan string, 1)}, nil
}

// Address is the redirect address to ask with.
func (r *Redirect) Address() string {
	return fmt.Sprintf("http://localhost:%d%s", r.listener.Addr().(*net.TCPAddr).Port, RedirectPath)
}

// Plain is the redirect address of apps that are not ours: Microsoft's own tools,
// and most public apps, have registered http://localhost without a path.
func (r *Redirect) Plain() string {
	return fmt.Sprintf("http://localhost:%d", r.listener.Addr().(*net.TCPAddr).Port)
}

// Came gives the whole URL of every call of the redirect address, as the browser
// wrote it.
func (r *Redirect) Came() <-chan string { return r.came }

// Run answers the browser until ctx ends.
func (r *Redirect) Run(ctx context.Context) error {
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(r.serve)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(r.listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // for a page under way
	defer stop()
	if server.Shutdown(last) != nil {
		_ = server.Close()
	}
	<-ended
	return nil
}

func (r *Redirect) serve(w http.ResponseWriter, q *http.Request) {
	plain := q.URL.Path == "/" && q.URL.RawQuery != ""
	if !plain && q.URL.Path != RedirectPath || q.Method != http.MethodGet {
		http.NotFound(w, q)
		return
	}
	select {
	case r.came <- "http://" + q.Host + q.URL.RequestURI():
	default: // one is waiting to be looked at: a browser calls once
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = fmt.Fprintln(w, "Graphwarden has received the answer. You may close this window and go back to the command.")
}
