package connect

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// LoadCertificate reads a PEM file that holds one certificate and its private RSA
// key (PKCS #8 or PKCS #1, not encrypted), in either order; further certificates
// of the chain may follow the first. Everything else is a *graphwarden.Refusal of
// kind Credential.
func LoadCertificate(path string, now time.Time) (*entra.Certificate, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer clear(content)
	return parseCertificate(path, content, now)
}

// parseCertificate is LoadCertificate for what was read from a file.
func parseCertificate(path string, content []byte, now time.Time) (*entra.Certificate, error) {
	found, err := read(content)
	if err != nil {
		return nil, about(path, err)
	}
	if now.After(found.leaf.NotAfter) {
		return nil, about(path, refuse("connect.certificate_expired",
			"The certificate in {file} expired on "+found.leaf.NotAfter.UTC().Format(time.DateOnly)+".",
			"Make a new one and upload its public part to the registration."))
	}
	certificate, err := entra.NewCertificate(found.leaf, found.key)
	if err != nil {
		return nil, about(path, refuse("connect.certificate_key",
			"The certificate in {file} cannot be used: "+err.Error()+".",
			"Put a certificate and its own RSA key of at least 2048 bits into the file."))
	}
	return certificate, nil
}

// pair is what a PEM file has to hold.
type pair struct {
	leaf *x509.Certificate
	key  *rsa.PrivateKey
}

func read(content []byte) (pair, error) {
	var found pair
	for {
		var block *pem.Block
		if block, content = pem.Decode(content); block == nil {
			break
		}
		if err := found.take(block); err != nil {
			return pair{}, err
		}
	}
	switch {
	case found.leaf == nil && found.key == nil:
		return pair{}, refuse("connect.certificate_not_pem",
			"{file} is not a PEM file with a certificate and its key.",
			"Convert it, e.g. with: openssl pkcs12 -in file.pfx -nodes -out file.pem")
	case found.leaf == nil:
		return pair{}, refuse("connect.certificate_missing",
			"{file} holds a private key and no certificate.", "Append the certificate in PEM to the file.")
	case found.key == nil:
		return pair{}, refuse("connect.key_missing",
			"{file} holds a certificate and no private key.", "Append its private key in PEM to the file.")
	}
	return found, nil
}

// take puts a block of the file where it belongs. Blocks that are neither a
// certificate nor a key, such as parameters, do not matter.
func (p *pair) take(block *pem.Block) error {
	switch {
	case block.Type == "CERTIFICATE" && p.leaf == nil:
		leaf, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return damaged(err)
		}
		p.leaf = leaf
	case block.Type == "ENCRYPTED PRIVATE KEY", block.Headers["DEK-Info"] != "":
		return refuse("connect.key_encrypted",
			"The private key in {file} is encrypted.",
			"Decrypt it, e.g. with: openssl pkey -in file.pem, and make the file readable by this user only.")
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		key, err := parseKey(block)
		if err != nil {
			return err
		}
		p.key = key
	}
	return nil
}

func parseKey(block *pem.Block) (*rsa.PrivateKey, error) {
	if block.Type == "RSA PRIVATE KEY" {
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, damaged(err)
		}
		return key, nil
	}
	if block.Type == "PRIVATE KEY" {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, damaged(err)
		}
		if key, ok := parsed.(*rsa.PrivateKey); ok {
			return key, nil
		}
	}
	return nil, refuse("connect.key_not_rsa",
		"The private key in {file} is not an RSA key.",
		"Entra takes only RSA here: make a certificate with an RSA key of at least 2048 bits.")
}

func damaged(cause error) error {
	r := refuse("connect.certificate_damaged", "A certificate or key in {file} is damaged.", "Export it again.")
	r.Cause = cause
	return r
}

func refuse(code, say, do string) *graphwarden.Refusal {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: code, Say: say, Do: do}
}

// about names the file in a refusal.
func about(path string, err error) error {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		r.Say = strings.ReplaceAll(r.Say, "{file}", path)
	}
	return err
}

func unreadable(path string, err error) error {
	what := "cannot be read"
	if errors.Is(err, fs.ErrNotExist) {
		what = "does not exist"
	}
	return &graphwarden.Refusal{
		Kind: graphwarden.Credential, Code: "connect.certificate_unreadable",
		Say:   fmt.Sprintf("The certificate file %s %s.", path, what),
		Do:    "Check the path in the configuration and who may read the file.",
		Cause: err,
	}
}
