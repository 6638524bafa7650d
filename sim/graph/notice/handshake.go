package notice

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
)

// checkURL admits receivers with TLS, and those on this machine without it
// where the operator said so.
func checkURL(text string, plain bool) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return wire.Refuse(400, "InvalidRequest", "The notification url '%s' is not valid.", text)
	case u.Scheme == "https", u.Scheme == "http" && plain && local(u.Hostname()):
		return nil
	}
	return wire.Refuse(400, "InvalidRequest", "The notification url '%s' must use https.", text)
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// handshake asks a receiver to repeat a token: it has 10 seconds and must
// answer 200, text/plain, with nothing but the token (graph-facts §4.3).
func (b *Board) handshake(ctx context.Context, receiver string) error {
	if receiver == "" {
		return nil
	}
	token := "Validation: Testing client application reachability for subscription Request-Id: " + rand.Text()
	join := "?"
	if strings.Contains(receiver, "?") {
		join = "&"
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, receiver+join+"validationToken="+url.QueryEscape(token), nil)
	if err != nil {
		return invalidReceiver("")
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	answer, err := b.Client.Do(r)
	if errors.Is(err, context.DeadlineExceeded) {
		return wire.Refuse(400, "ValidationError",
			"Subscription validation request timed out. Notification endpoint must respond with 200 OK to validation request.")
	}
	if err != nil {
		b.Log.InfoContext(ctx, "receiver not reached", "url", receiver, "err", err)
		return invalidReceiver("")
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	switch {
	case answer.StatusCode != http.StatusOK:
		return invalidReceiver(" HTTP status code is '" + strings.ReplaceAll(http.StatusText(answer.StatusCode), " ", "") + "'.")
	case err != nil, string(body) != token, !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain"):
		return invalidReceiver(" The response does not hold the validation token as plain text.")
	}
	return nil
}

func invalidReceiver(why string) error {
	return wire.Refuse(400, "ValidationError",
		"Subscription validation request failed.%s Notification endpoint must respond with 200 OK to validation request.", why)
}

// publicKey reads the certificate that a subscription's resource data is
// encrypted for.
func publicKey(certificate string) (*rsaKey, error) {
	der, err := base64.StdEncoding.DecodeString(certificate)
	if err != nil {
		return nil, err
	}
	return parseKey(der)
}
