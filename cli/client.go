package cli

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

// client asks a running server of this machine, as its operator.
type client struct {
	base  url.URL
	token seal.Secret
	http  *http.Client
}

// load reads a configuration, with what the environment says in its place.
func (p Program) load(config string) (*assemble.Config, error) {
	return assemble.LoadWith(config, p.Env)
}

// dial makes a client of the server that a configuration describes. It finds out
// at the first question whether the server runs.
func (p Program) dial(config string) (*client, error) {
	loaded, err := p.load(config)
	if err != nil {
		return nil, err
	}
	return dialLoaded(loaded)
}

func dialLoaded(c *assemble.Config) (*client, error) {
	at := c.Operate()
	if at.Address == "" {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.operate_off",
			Say: "The configuration says that operators are not answered.", Do: "Give operate an address in it and start the server again."}
	}
	token, err := seal.ReadTokenFile(at.Token)
	if errors.Is(err, os.ErrNotExist) {
		return nil, noServer(at.Address, err) // it makes the file when it starts
	} else if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(at.Address)
	if err != nil {
		return nil, fmt.Errorf("reading the operators' address: %w", err)
	}
	transport := &http.Transport{DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, ResponseHeaderTimeout: time.Minute}
	cl := &client{base: url.URL{Scheme: "http", Host: net.JoinHostPort(reachable(host), port)}, token: token, http: &http.Client{Transport: transport}}
	if at.TLS {
		cl.base.Scheme = "https"
		if transport.TLSClientConfig, err = shownBy(at.Certificate); err != nil {
			return nil, err
		}
	}
	return cl, nil
}

// reachable is how this machine reaches a server that listens on all addresses.
func reachable(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

// shownBy trusts exactly the certificate that the server of this machine shows,
// whatever its name: the file is the same.
func shownBy(file string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(file, file)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of the operators' address: %w", err)
	}
	own, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of the operators' address: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, // the next line compares instead
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || !s.PeerCertificates[0].Equal(own) {
				return errors.New("the server shows another certificate than the configuration's")
			}
			return nil
		}}, nil
}

// get asks for a document and reads it into answer.
func (c *client) get(ctx context.Context, path string, query url.Values, answer any) error {
	return c.call(ctx, http.MethodGet, path, query, nil, answer)
}

// call sends a request with a JSON body (nil: none) and reads the JSON answer
// into answer (nil: not read). A "no" comes back as the Refusal it was.
func (c *client) call(ctx context.Context, method, path string, query url.Values, body, answer any) error {
	response, err := c.send(ctx, method, path, query, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if answer == nil || response.StatusCode == http.StatusNoContent {
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return strange(c.base.Host, err)
	}
	return nil
}

// lines calls each for every line of a stream, until it ends.
func (c *client) lines(ctx context.Context, path string, query url.Values, each func(line []byte) error) error {
	response, err := c.send(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	read := bufio.NewScanner(response.Body)
	read.Buffer(nil, 64<<20)
	for read.Scan() {
		if len(read.Bytes()) == 0 {
			continue // a sign of life
		}
		if err := each(read.Bytes()); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return read.Err()
}

// send sends a request; an answer other than 2xx comes back as a Refusal.
func (c *client) send(ctx context.Context, method, path string, query url.Values, body any) (*http.Response, error) {
	at := c.base
	at.Path, at.RawQuery = path, query.Encode()
	request, err := newRequest(ctx, method, at.String(), body)
	if err != nil {
		return nil, err
	}
	c.token.Attach(request)
	response, err := c.http.Do(request)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, unanswered(c.base.Host, err)
	case response.StatusCode < 300:
		return response, nil
	}
	defer response.Body.Close()
	var p api.Problem
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&p); err != nil || p.Code == "" {
		return nil, strange(c.base.Host, err)
	}
	return nil, &graphwarden.Refusal{Kind: p.Kind(), Code: p.Code, Say: p.Detail, Do: p.Fix}
}

// hangs asks a server whether its database hangs: what else it is asked waits for that.
func (c *client) hangs(ctx context.Context) (why, err error) {
	at := c.base
	at.Path = "/readyz"
	request, err := newRequest(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	c.token.Attach(request)
	response, err := c.http.Do(request)
	if err != nil {
		return nil, unanswered(c.base.Host, err)
	}
	defer response.Body.Close()
	var found api.Readiness
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&found); err != nil {
		return nil, strange(c.base.Host, err)
	}
	for _, x := range found.Checks {
		if x.Code == store.CodeSilent {
			return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: x.Code, Say: x.Reason,
				Do: "See whether its server, its disk or the network hangs; the server works on by itself when it answers."}, nil
		}
	}
	return nil, nil
}

// unanswered refuses a question that the server takes and does not answer, or that
// nobody takes.
func unanswered(address string, cause error) error {
	dialling := (*net.OpError)(nil)
	if errors.As(cause, &dialling) && dialling.Op == "dial" {
		return noServer(address, cause)
	}
	if timed := net.Error(nil); errors.As(cause, &timed) && timed.Timeout() {
		return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "cli.server_silent", Cause: cause,
			Say: fmt.Sprintf("The server at %s does not answer in time.", address), Do: "graphwarden doctor says whether its database hangs."}
	}
	return noServer(address, cause)
}

func noServer(address string, cause error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "cli.no_server", Cause: cause,
		Say: fmt.Sprintf("No server answers at %s.", address), Do: "Start it with graphwarden serve, with the same --config."}
}

func strange(address string, cause error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "cli.answer_strange", Cause: cause,
		Say: fmt.Sprintf("What answers at %s is not Graphwarden.", address), Do: "Check operate in the configuration, and which program listens there."}
}
