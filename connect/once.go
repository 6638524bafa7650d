package connect

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// Once lends a token that is in nobody's custody, to every registration. It is an
// administrator's, for some minutes, and is never stored or renewed.
type Once seal.Secret

// Bearer lends the token.
func (o Once) Bearer(context.Context, graphwarden.Registration) (seal.Secret, error) {
	return seal.Secret(o), nil
}

// Renew lends the same token: there is no other.
func (o Once) Renew(context.Context, graphwarden.Registration, seal.Secret, string) (seal.Secret, error) {
	return seal.Secret(o), nil
}

// Format keeps the token silent under every verb.
func (o Once) Format(f fmt.State, verb rune) { seal.Secret(o).Format(f, verb) }
