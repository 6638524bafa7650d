package api

import (
	"context"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/flow"
)

// unsigned gives what is not read of a flow, "" for all, because its registration is
// for a person and nobody has signed in: its mailboxes may not even have been found, so
// that no feed and no row tells of them. What listed names already is left out.
func (a *API) unsigned(ctx context.Context, of string, listed []graphwarden.Skipped) ([]graphwarden.Skipped, error) {
	if a.config.Connections == nil {
		return nil, nil
	}
	views, err := a.config.Connections.List(ctx)
	if err != nil {
		return nil, err
	}
	var list []graphwarden.Skipped
	for _, v := range views {
		if v.RefusedCode != connect.CodeNobodySignedIn || v.RefusedAt == nil {
			continue
		}
		for _, f := range a.config.Declared.Flows {
			kind, known := flow.Named(f.Kind)
			if f.Tenant != v.Tenant || f.Registration != v.Registration || of != "" && f.Name != of || !known || !kind.Reads() {
				continue
			}
			one := graphwarden.Skipped{Flow: f.Name, Tenant: f.Tenant, Code: v.RefusedCode, Say: v.Refused, Since: *v.RefusedAt, LastAt: *v.RefusedAt}
			for _, mailbox := range f.Mailboxes {
				one.Mailbox.UPN = mailbox
				list = append(list, one)
			}
			one.Mailbox.UPN = ""
			for _, group := range f.Groups {
				one.Group = group
				list = append(list, one)
			}
		}
	}
	return slices.DeleteFunc(list, func(k graphwarden.Skipped) bool {
		return slices.ContainsFunc(listed, func(l graphwarden.Skipped) bool {
			return l.Flow == k.Flow && l.Group == k.Group && strings.EqualFold(l.Mailbox.UPN, k.Mailbox.UPN)
		})
	}), nil
}
