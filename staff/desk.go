package staff

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/memo"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/seal"
)

// Prefix tells an operator's personal token from other secrets.
const Prefix = "gwp_"

// TheOwner is what the ledger calls whoever shows the token in operator_token_file:
// who can read that file owns the installation. No personal token has this name.
const TheOwner = "owner"

const (
	// remembered is how long a token that was found in the database is believed to be
	// as it was: so long one that another process revoked works on.
	remembered = time.Second
	// usedEvery is how finely the last use of a token is kept.
	usedEvery = time.Hour
	// usually is how long a token works when nothing is said, longest at most.
	usually, longest = 90 * 24 * time.Hour, 366 * 24 * time.Hour
)

// Store keeps tokens by their digests.
type Store interface {
	PutOperatorToken(ctx context.Context, tx graphwarden.Tx, k graphwarden.OperatorToken, digest [32]byte) error
	OperatorTokens(ctx context.Context) ([]graphwarden.OperatorToken, error)
	OperatorTokenBy(ctx context.Context, id string, digest [32]byte) (graphwarden.OperatorToken, bool, error)
	EndOperatorToken(ctx context.Context, tx graphwarden.Tx, id string, revoked, used time.Time) error
	Update(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Config is what a desk is made of.
type Config struct {
	Store   Store
	Ledger  Ledger
	Now     func() time.Time
	Random  io.Reader
	Tenants []string // that the configuration names
}

// Desk makes tokens and lets operators in. It may be used from many goroutines.
type Desk struct {
	Config
	known *memo.Memo[[32]byte, graphwarden.OperatorToken] // by digest
	still *memo.Memo[string, graphwarden.OperatorToken]   // by id
}

// New makes a desk.
func New(c Config) *Desk {
	return &Desk{Config: c, known: &memo.Memo[[32]byte, graphwarden.OperatorToken]{For: remembered}, still: &memo.Memo[string, graphwarden.OperatorToken]{For: remembered}}
}

// Wanted says what a new token shall be.
type Wanted struct {
	Operator string   // whose it is
	Posts    []string // roles: auditor, or auditor@contoso
	For      time.Duration
	Note     string
	By       string // who makes it
}

// Made is a token that was just made, and what it is.
type Made struct {
	Token graphwarden.OperatorToken
	Plain seal.Plain
}

// named is how operators are called: so that no two names look alike in the ledger.
var named = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}(@[a-z0-9.-]{1,100})?$`)

// Create makes a token.
func (d *Desk) Create(ctx context.Context, w Wanted) (Made, error) {
	if !named.MatchString(w.Operator) || w.Operator == TheOwner {
		return Made{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "staff.name", Field: "operator",
			Say: fmt.Sprintf("An operator cannot be called %q.", w.Operator), Do: "Use small letters, digits, dots and hyphens, or an address such as anna@contoso.com; " + TheOwner + " is whoever has the file of the operator's token."}
	}
	posts, err := d.posts(w.Posts)
	if err != nil {
		return Made{}, err
	}
	if w.For == 0 {
		w.For = usually
	}
	if w.For < 0 || w.For > longest {
		return Made{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "staff.expires", Field: "expires_days",
			Say: "A personal token works for a year at most.", Do: fmt.Sprintf("Say %d days or fewer.", int(longest.Hours()/24))}
	}
	now := d.Now()
	k := graphwarden.OperatorToken{Operator: w.Operator, Posts: posts, Note: w.Note, MadeBy: w.By, MadeAt: now, ExpiresAt: now.Add(w.For)}
	plain, err := seal.NewPlain(Prefix, d.Random)
	if err != nil {
		return Made{}, err
	}
	if k.ID, err = seal.NewID("tok_", d.Random); err != nil {
		return Made{}, err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := d.Store.PutOperatorToken(ctx, tx, k, seal.Digest(string(plain))); err != nil {
			return err
		}
		return d.note(ctx, tx, k, "create", w.By)
	})
	if err != nil {
		return Made{}, err
	}
	return Made{k, plain}, nil
}

// posts reads the roles of a new token.
func (d *Desk) posts(wanted []string) (list []graphwarden.Post, err error) {
	for i, text := range wanted {
		p, good := graphwarden.ParsePost(text)
		field := fmt.Sprintf("roles[%d]", i)
		switch {
		case !good:
			var all []string
			for _, r := range graphwarden.Roles() {
				all = append(all, string(r))
			}
			role, _, _ := strings.Cut(text, "@")
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "staff.role", Field: field,
				Say: fmt.Sprintf("There is no role %q.", text), Do: meant.Rather(role, all, "Name one of "+strings.Join(all, ", ")+", alone or at one tenant, such as auditor@contoso.")}
		case p.Tenant != "" && !slices.Contains(d.Tenants, p.Tenant):
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "staff.tenant", Field: field,
				Say: fmt.Sprintf("The configuration has no tenant %q.", p.Tenant), Do: meant.Rather(p.Tenant, d.Tenants, "Name one that graphwarden tenants lists.")}
		case !slices.Contains(list, p):
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "staff.role", Field: "roles",
			Say: "A token without a role opens nothing.", Do: "Give it one, such as auditor, or auditor@contoso for one tenant."}
	}
	return list, nil
}

func (d *Desk) note(ctx context.Context, tx graphwarden.Tx, k graphwarden.OperatorToken, act, by string) error {
	text := "of " + k.Operator
	for i, p := range k.Posts {
		text += map[bool]string{true: ", may ", false: " "}[i == 0] + p.String()
	}
	_, err := d.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Path: "staff." + act + " " + k.ID,
		Allowed: true, Rule: "operator", Note: text + ", until " + k.ExpiresAt.UTC().Format(time.RFC3339) + ", by " + by})
	return err
}

// List gives all tokens, by operator.
func (d *Desk) List(ctx context.Context) ([]graphwarden.OperatorToken, error) {
	return d.Store.OperatorTokens(ctx)
}

// One gives a token by its id.
func (d *Desk) One(ctx context.Context, id string) (graphwarden.OperatorToken, error) {
	k, there, err := d.Store.OperatorTokenBy(ctx, id, [32]byte{})
	if err == nil && (!there || id == "") {
		err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "staff.unknown", Field: "token",
			Say: fmt.Sprintf("There is no operator's token %q.", id), Do: "Name one by its id, as graphwarden operators shows it."}
	}
	return k, err
}

// Revoke ends a token at once; one that is revoked stays so.
func (d *Desk) Revoke(ctx context.Context, id, by string) (graphwarden.OperatorToken, error) {
	k, err := d.One(ctx, id)
	if err != nil || !k.RevokedAt.IsZero() {
		return k, err
	}
	k.RevokedAt = d.Now()
	err = d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := d.Store.EndOperatorToken(ctx, tx, id, k.RevokedAt, time.Time{}); err != nil {
			return err
		}
		return d.note(ctx, tx, k, "revoke", by)
	})
	d.forget()
	return k, err
}

// forget has every token looked up anew.
func (d *Desk) forget() {
	d.known.Forget()
	d.still.Forget()
}
