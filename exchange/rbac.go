package exchange

import (
	"context"
	"strings"

	"github.com/graphwarden/graphwarden/flow"
)

// Principal is Exchange's pointer to an app's service principal.
type Principal struct {
	AppID    string `json:"AppId"`
	ObjectID string `json:"ObjectId"`
	Name     string `json:"DisplayName"`
}

// Scope is a set of mailboxes, picked by a filter.
type Scope struct {
	Name   string `json:"Name"`
	Filter string `json:"RecipientFilter"`
}

// Assignment is a role that an app has. Without Scope and Group it is for every
// mailbox, unless Kind says otherwise.
type Assignment struct {
	Name  string `json:"Name"`
	Role  string `json:"Role"`
	Scope string `json:"CustomResourceScope"`
	Group string `json:"RecipientGroupScope"`
	Kind  string `json:"RecipientWriteScope"`
}

// Verdict is what Exchange's own test says of one role in one mailbox. The test
// does not go by what servers remember.
type Verdict struct {
	Role    string `json:"RoleName"`
	Scope   string `json:"AllowedResourceScope"`
	InScope string `json:"InScope"` // True, False, Not Run
}

// Principal finds Exchange's pointer to an app by its client id.
func (e *Exchange) Principal(ctx context.Context, f flow.Flow, client string) (p Principal, found bool, err error) {
	rows, err := run[Principal](ctx, e, f, flow.GetServicePrincipal(), map[string]any{"Identity": client})
	if Is(err, CodeUnknown) {
		return Principal{}, false, nil
	}
	if err != nil || len(rows) == 0 {
		return Principal{}, false, err
	}
	return rows[0], true, nil
}

// AddPrincipal makes the pointer. The object id is the one of the enterprise
// application, not of the app registration.
func (e *Exchange) AddPrincipal(ctx context.Context, f flow.Flow, p Principal) error {
	_, err := run[Principal](ctx, e, f, flow.NewServicePrincipal(), map[string]any{"AppId": p.AppID, "ObjectId": p.ObjectID, "DisplayName": p.Name})
	return err
}

// RemovePrincipal removes the pointer.
func (e *Exchange) RemovePrincipal(ctx context.Context, f flow.Flow, client string) error {
	return e.remove(ctx, f, flow.RemoveServicePrincipal(), client)
}

// Scopes lists the management scopes of the tenant whose names begin so.
func (e *Exchange) Scopes(ctx context.Context, f flow.Flow, prefix string) ([]Scope, error) {
	rows, err := run[Scope](ctx, e, f, flow.GetManagementScope(), nil)
	var out []Scope
	for _, s := range rows {
		if strings.HasPrefix(strings.ToLower(s.Name), strings.ToLower(prefix)) {
			out = append(out, s)
		}
	}
	return out, err
}

// AddScope makes a management scope.
func (e *Exchange) AddScope(ctx context.Context, f flow.Flow, s Scope) error {
	_, err := run[Scope](ctx, e, f, flow.NewManagementScope(), map[string]any{"Name": s.Name, "RecipientRestrictionFilter": s.Filter})
	return err
}

// ChangeScope changes the mailboxes that a scope picks.
func (e *Exchange) ChangeScope(ctx context.Context, f flow.Flow, s Scope) error {
	_, err := run[Scope](ctx, e, f, flow.SetManagementScope(), map[string]any{"Identity": s.Name, "RecipientRestrictionFilter": s.Filter})
	return err
}

// RemoveScope removes a scope that no role is for.
func (e *Exchange) RemoveScope(ctx context.Context, f flow.Flow, name string) error {
	return e.remove(ctx, f, flow.RemoveManagementScope(), name)
}

// Assignments lists the roles of an app that Exchange has a pointer to.
func (e *Exchange) Assignments(ctx context.Context, f flow.Flow, object string) ([]Assignment, error) {
	return run[Assignment](ctx, e, f, flow.GetRoleAssignment(), map[string]any{"RoleAssignee": object})
}

// Assign gives an app a role for a scope.
func (e *Exchange) Assign(ctx context.Context, f flow.Flow, object string, a Assignment) error {
	_, err := run[Assignment](ctx, e, f, flow.NewRoleAssignment(), map[string]any{"Name": a.Name, "App": object, "Role": a.Role, "CustomResourceScope": a.Scope})
	return err
}

// Unassign takes a role away.
func (e *Exchange) Unassign(ctx context.Context, f flow.Flow, name string) error {
	return e.remove(ctx, f, flow.RemoveRoleAssignment(), name)
}

// TestPrincipal asks what an app may do in a mailbox by its roles.
func (e *Exchange) TestPrincipal(ctx context.Context, f flow.Flow, object, mailbox string) ([]Verdict, error) {
	return run[Verdict](ctx, e, f, flow.TestAuthorization(), map[string]any{"Identity": object, "Resource": mailbox})
}

// remove runs a command that would ask before it acts.
func (e *Exchange) remove(ctx context.Context, f flow.Flow, op flow.Operation, name string) error {
	_, err := run[struct{}](ctx, e, f, op, map[string]any{"Identity": name, "Confirm": false})
	return err
}
