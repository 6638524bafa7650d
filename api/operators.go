package api

import (
	"context"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/staff"
)

// Staff knows the personal tokens of operators.
type Staff interface {
	// Admit gives the token that plain is, or a Refusal.
	Admit(ctx context.Context, plain string) (graphwarden.OperatorToken, error)
	// Still says whether a token that was admitted is good yet.
	Still(ctx context.Context, k graphwarden.OperatorToken) error
	Create(ctx context.Context, w staff.Wanted) (staff.Made, error)
	List(ctx context.Context) ([]graphwarden.OperatorToken, error)
	Revoke(ctx context.Context, id, by string) (graphwarden.OperatorToken, error)
}

// OperatorToken is a personal token as operators see it: never the token itself.
type OperatorToken struct {
	ID        string     `json:"id" example:"tok_4kq7z2xw"`
	Operator  string     `json:"operator" doc:"whose it is, as the ledger names him" example:"anna"`
	State     string     `json:"state" rule:"oneof=active|expired|revoked"`
	Roles     []string   `json:"roles" doc:"a role, for all tenants, or role@tenant" example:"auditor@contoso"`
	Note      string     `json:"note,omitempty"`
	MadeBy    string     `json:"made_by" doc:"who made it"`
	MadeAt    time.Time  `json:"made_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	UsedAt    *time.Time `json:"used_at" doc:"when it was last used, to the hour"`
}

// NewOperatorToken is a token that was just made. Nothing can show it again.
type NewOperatorToken struct {
	OperatorToken
	Token seal.Plain `json:"token" doc:"the token itself, shown this once" example:"gwp_…"`
}

// WantedToken says what a new token shall be.
type WantedToken struct {
	Operator    string   `json:"operator" rule:"required,min=1,max=200" doc:"whose it is, as the ledger shall name him" example:"anna"`
	Roles       []string `json:"roles" rule:"required,min=1,max=100" doc:"owner, operator, helpdesk, auditor, reviewer; alone for all tenants, or role@tenant" example:"auditor@contoso"`
	ExpiresDays int      `json:"expires_days" rule:"min=0,max=366" doc:"90 when nothing is said" example:"90"`
	Note        string   `json:"note" rule:"max=200"`
	By          string   `json:"by" rule:"max=200" doc:"who makes it, for the ledger; of a personal token its operator"`
}

// Myself is who asks.
type Myself struct {
	Operator  string     `json:"operator" doc:"as the ledger names him; owner for whoever has the file of the operator's token" example:"anna"`
	Token     string     `json:"token,omitempty" doc:"the id of his token" example:"tok_4kq7z2xw"`
	Roles     []string   `json:"roles" example:"auditor@contoso"`
	ExpiresAt *time.Time `json:"expires_at" doc:"when his token ends; null: never"`
}

func (a *API) operatorRoutes() []route {
	if a.config.Staff == nil {
		return nil
	}
	const all = "/v1/operators"
	return []route{
		{pattern: "GET " + all, name: "listOperators", about: "the personal tokens of operators, never the tokens themselves", out: Page[OperatorToken]{}, answer: a.listOperators},
		{pattern: "POST " + all, name: "createOperatorToken", about: "make a personal token for an operator, shown this once", in: WantedToken{}, out: NewOperatorToken{}, status: http.StatusCreated,
			codes: []string{"staff.*"}, answer: a.createToken},
		{pattern: "POST " + all + "/{token}/revoke", name: "revokeOperatorToken", about: "end a personal token at once", in: By{}, out: OperatorToken{}, codes: []string{"staff.*"}, answer: a.revokeToken},
		{pattern: "GET " + all + "/me", name: "whoAmI", about: "who asks, and what for", out: Myself{}, answer: a.myself},
	}
}

func (a *API) listOperators(r *http.Request) (any, error) {
	tokens, err := a.config.Staff.List(r.Context())
	list := make([]OperatorToken, len(tokens))
	for i, k := range tokens {
		list[i] = a.shownToken(k)
	}
	return page(turn{limit: len(list)}, list, nil), err
}

func (a *API) createToken(r *http.Request) (any, error) {
	var in WantedToken
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	made, err := a.config.Staff.Create(r.Context(), staff.Wanted{Operator: in.Operator, Posts: in.Roles, For: time.Duration(in.ExpiresDays) * 24 * time.Hour,
		Note: in.Note, By: callerOf(r).by(in.By)})
	return NewOperatorToken{a.shownToken(made.Token), made.Plain}, err
}

func (a *API) revokeToken(r *http.Request) (any, error) {
	var in By
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	k, err := a.config.Staff.Revoke(r.Context(), r.PathValue("token"), callerOf(r).by(in.By))
	return a.shownToken(k), err
}

func (a *API) myself(r *http.Request) (any, error) {
	c := callerOf(r)
	return Myself{Operator: c.operator(), Token: c.Token.ID, Roles: written(c.posts()), ExpiresAt: moment(c.Token.ExpiresAt)}, nil
}

// operator names an operator as the ledger does.
func (c Caller) operator() string {
	if c.Owner {
		return staff.TheOwner
	}
	return c.Token.Operator
}

// by says who does something: whoever has the owner's file may add who runs it.
func (c Caller) by(said string) string {
	if !c.Owner || said == "" {
		return c.operator()
	}
	return staff.TheOwner + " (" + said + ")"
}

func (a *API) shownToken(k graphwarden.OperatorToken) OperatorToken {
	return OperatorToken{ID: k.ID, Operator: k.Operator, State: k.State(a.config.Now()), Roles: written(k.Posts), Note: k.Note, MadeBy: k.MadeBy,
		MadeAt: k.MadeAt.UTC(), ExpiresAt: k.ExpiresAt.UTC(), RevokedAt: moment(k.RevokedAt), UsedAt: moment(k.UsedAt)}
}

func written(posts []graphwarden.Post) []string {
	out := make([]string, len(posts))
	for i, p := range posts {
		out[i] = p.String()
	}
	return out
}
