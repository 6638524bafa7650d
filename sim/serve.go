package sim

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Service says how a tenant is served to other processes.
type Service struct {
	Options
	Addr string // host:port to listen on
	// Ready is the file that says how to reach and use the tenant, written when
	// it listens; "" writes none. Its certificates stand beside it.
	Ready string
}

// Serve serves a tenant until ctx ends.
func Serve(ctx context.Context, o Service, log *slog.Logger) error {
	o.Log = log
	if o.Ready != "" {
		if err := os.Remove(o.Ready); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("taking the old ready file away: %w", err)
		}
	}
	if host, _, err := net.SplitHostPort(o.Addr); err == nil && host != "" {
		o.Hosts = append(o.Hosts, host)
	}
	s, err := New(o.Options)
	if err != nil {
		return err
	}
	defer func() {
		if err := s.Close(); err != nil {
			log.Error("closing the tenant", "error", err)
		}
	}()
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("listening on %s (is another simulator running? --addr chooses another address): %w", o.Addr, err)
	}
	origin := "https://" + reachable(l.Addr())
	if o.Ready != "" {
		if err := s.writeReady(o.Ready, origin); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	log.Info("the tenant is ready", "address", origin, "tenant", s.World.TenantID, "users", len(s.users), "ready", o.Ready)
	return s.Run(ctx, l)
}

// reachable is how this machine reaches an address that it listens on.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("localhost", port)
	}
	return a.String()
}

// Run serves the tenant over TLS, on the listeners and to Dial, and sends its
// notifications, until ctx ends.
func (s *Sim) Run(ctx context.Context, listeners ...net.Listener) error {
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		TLSConfig:   &tls.Config{Certificates: []tls.Certificate{s.identity.certificate}, MinVersion: tls.VersionTLS12},
		ErrorLog:    slog.NewLogLogger(s.options.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var all sync.WaitGroup
	for _, l := range append(listeners, s.memory) {
		all.Go(func() { stop(server.ServeTLS(l, "", "")) })
	}
	all.Go(func() { stop(s.graph.Board.Run(ctx)) })
	<-ctx.Done()
	err := server.Close()
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, context.DeadlineExceeded) {
		return fmt.Errorf("serving the tenant: %w", errors.Join(cause, err))
	}
	return nil
}
