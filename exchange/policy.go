package exchange

import (
	"context"
	"strings"

	"github.com/graphwarden/graphwarden/flow"
)

// Policy is an application access policy: it keeps an app to the mailboxes of a
// group, whatever the app was granted.
type Policy struct {
	ID          string `json:"Identity"`
	AppID       string `json:"AppId"`
	Right       string `json:"AccessRight"`
	Description string `json:"Description"`
	// Scope is the group or user, as its security id and object id.
	Scope string `json:"ScopeIdentityRaw"`
}

// Policies lists the application access policies of an app.
func (e *Exchange) Policies(ctx context.Context, f flow.Flow, client string) ([]Policy, error) {
	rows, err := run[Policy](ctx, e, f, flow.GetAccessPolicy(), nil)
	var out []Policy
	for _, p := range rows {
		if strings.EqualFold(p.AppID, client) {
			out = append(out, p)
		}
	}
	return out, err
}

// AddPolicy keeps an app to the mailboxes of a group, or to one mailbox.
func (e *Exchange) AddPolicy(ctx context.Context, f flow.Flow, client, scope, description string) error {
	_, err := run[Policy](ctx, e, f, flow.NewAccessPolicy(), map[string]any{"AppId": client, "PolicyScopeGroupId": scope,
		"AccessRight": "RestrictAccess", "Description": description})
	return err
}

// RemovePolicy removes a policy by its identity.
func (e *Exchange) RemovePolicy(ctx context.Context, f flow.Flow, id string) error {
	return e.remove(ctx, f, flow.RemoveAccessPolicy(), id)
}

// TestPolicy says whether the policies let an app into a mailbox.
func (e *Exchange) TestPolicy(ctx context.Context, f flow.Flow, client, mailbox string) (bool, error) {
	rows, err := run[struct{ AccessCheckResult string }](ctx, e, f, flow.TestAccessPolicy(), map[string]any{"AppId": client, "Identity": mailbox})
	return len(rows) > 0 && rows[0].AccessCheckResult == "Granted", err
}
