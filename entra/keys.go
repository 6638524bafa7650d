package entra

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// smallestKey is the least length of a key, in bits, that a signature is believed by.
const smallestKey = 2048

// SigningKeys reads the keys that a tenant's tokens are signed with now, by their ids
// (graph-facts §1.1). Only RSA keys for signatures count, and of those that say whose
// tokens they are for, only this tenant's. That there is none is an error. Whatever fails,
// the reason is for the operator's log.
func (e *Entra) SigningKeys(ctx context.Context, t graphwarden.Tenant) (map[string]*rsa.PublicKey, error) {
	answer, err := e.gate.Do(ctx, gate.Call{App: graphwarden.House, Flow: flow.ForCallers(t).Name, Operation: flow.ReadKeys(), Args: flow.Args{"tenant": t.ID}})
	if err != nil {
		return nil, fmt.Errorf("reading the keys of the tenant %s: %w", t.Name, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	if err != nil {
		return nil, fmt.Errorf("reading the keys of the tenant %s: %w", t.Name, err)
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("reading the keys of the tenant %s: answered %d", t.Name, answer.Status)
	}
	keys, err := readKeys(body, t)
	if err == nil && len(keys) == 0 {
		err = fmt.Errorf("there is none among them")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the keys of the tenant %s: %w", t.Name, err)
	}
	return keys, nil
}

// readKeys reads a set of JSON Web Keys (RFC 7517).
func readKeys(body []byte, t graphwarden.Tenant) (map[string]*rsa.PublicKey, error) {
	var set struct {
		Keys []struct {
			Type   string `json:"kty"`
			Use    string `json:"use"`
			ID     string `json:"kid"`
			N      string `json:"n"`
			E      string `json:"e"`
			Issuer string `json:"issuer"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("they are no JSON")
	}
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		issuer := strings.ReplaceAll(k.Issuer, "{tenantid}", t.ID)
		if k.Type != "RSA" || k.Use != "" && k.Use != "sig" || k.ID == "" || issuer != "" && !issues(t, issuer, t.ID) {
			continue
		}
		n, err1 := base64.RawURLEncoding.DecodeString(k.N)
		e, err2 := base64.RawURLEncoding.DecodeString(k.E)
		exponent := new(big.Int).SetBytes(e)
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}
		if err1 != nil || err2 != nil || exponent.BitLen() > 31 || key.E < 3 || key.N.BitLen() < smallestKey {
			continue
		}
		keys[k.ID] = key
	}
	return keys, nil
}

// Issuers are the two names by which a tenant's authority signs tokens for an API of the
// company's own: that of version 1 and that of version 2, the one that the API asks for
// (graph-facts §1.1; China's in §14). The tenant is named by its GUID.
func Issuers(t graphwarden.Tenant) []string {
	first := "https://sts.windows.net/"
	second := []string{t.Cloud.Login}
	if t.Cloud.Login == "https://login.chinacloudapi.cn" {
		first, second = "https://sts.chinacloudapi.cn/", append(second, "https://login.partner.microsoftonline.cn")
	}
	id := strings.ToLower(t.ID)
	out := []string{first + id + "/"}
	for _, host := range second {
		out = append(out, host+"/"+id+"/v2.0")
	}
	return out
}
