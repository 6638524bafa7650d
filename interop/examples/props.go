package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"time"
)

// props are what victims are made with.
type props struct {
	*tenant
	key         *rsa.PrivateKey
	certificate []byte // DER, of key
	receiver    *httptest.Server
	subscriber  string // the token that the next subscription is made with
	taken       string // the group that has the documented nickname
	n           int
}

func newProps(t *tenant) (*props, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	card := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, card, card, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &props{tenant: t, key: key, certificate: der, receiver: httptest.NewServer(http.HandlerFunc(receive))}, nil
}

// receive answers the validation of a subscription.
func receive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, r.URL.Query().Get("validationToken")) // who asked and hung up is not served
}

// name is a name that was not used before.
func (p *props) name(stem string) string {
	p.n++
	return fmt.Sprintf("%s%d", stem, p.n)
}

// id makes an object and gives its id.
func (p *props) id(ctx context.Context, path string, body doc) (string, error) {
	a, err := p.must(ctx, "POST", path, body)
	return a.text("id"), err
}

func (p *props) group(ctx context.Context, name string) (string, error) {
	return p.id(ctx, "/groups", doc{"displayName": name, "mailNickname": name, "mailEnabled": false, "securityEnabled": true})
}

// gone wants that a path answers 404.
func (p *props) gone(path string) func(context.Context) error {
	return func(ctx context.Context) error {
		a, err := p.call(ctx, "GET", path, p.Tokens.Everything, nil)
		if err == nil && a.status != http.StatusNotFound {
			err = fmt.Errorf("GET %s afterwards: %d %s", path, a.status, a.raw)
		}
		return err
	}
}

// keyed registers an app with a service principal, and gives the holder, an object
// of the collection, a certificate.
func (p *props) keyed(ctx context.Context, collection string) (id, keyID string, err error) {
	app, err := p.must(ctx, "POST", "/applications", doc{"displayName": p.name("Keyed")})
	if err != nil {
		return "", "", err
	}
	holder := app
	if collection == "/servicePrincipals" {
		if holder, err = p.must(ctx, "POST", collection, doc{"appId": app.doc["appId"]}); err != nil {
			return "", "", err
		}
	}
	id = holder.text("id")
	key := doc{"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.StdEncoding.EncodeToString(p.certificate)}
	if _, err := p.must(ctx, "PATCH", collection+"/"+id, doc{"keyCredentials": []any{key}}); err != nil {
		return "", "", err
	}
	a, err := p.must(ctx, "GET", collection+"/"+id, nil)
	if err != nil {
		return "", "", err
	}
	keys, _ := a.doc["keyCredentials"].([]any)
	if len(keys) != 1 {
		return "", "", fmt.Errorf("its keys are %v", keys)
	}
	keyID, _ = keys[0].(doc)["keyId"].(string)
	return id, keyID, nil
}

// proof proves possession of the certificate's key for an object
// (concepts/application-rollkey-prooftoken).
func (p *props) proof(object string) (string, error) {
	now := time.Now()
	text := part(doc{"alg": "RS256", "typ": "JWT"}) + "." + part(doc{"aud": "00000002-0000-0000-c000-000000000000",
		"iss": object, "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix()})
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

func part(d doc) string {
	b, _ := json.Marshal(d) // of texts and numbers
	return base64.RawURLEncoding.EncodeToString(b)
}
