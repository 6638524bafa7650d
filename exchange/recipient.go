package exchange

import (
	"context"

	"github.com/graphwarden/graphwarden/flow"
)

// Recipient is a mailbox or a group with an address.
type Recipient struct {
	ID      string `json:"ExternalDirectoryObjectId"` // the object id
	DN      string `json:"DistinguishedName"`
	Name    string `json:"DisplayName"`
	Address string `json:"PrimarySmtpAddress"`
	UPN     string `json:"UserPrincipalName"`
	Type    string `json:"RecipientTypeDetails"`
}

// Recipient finds a mailbox or a group by its object id or address.
func (e *Exchange) Recipient(ctx context.Context, f flow.Flow, identity string) (Recipient, error) {
	rows, err := run[Recipient](ctx, e, f, flow.GetRecipient(), map[string]any{"Identity": identity})
	if err != nil || len(rows) == 0 {
		return Recipient{}, err
	}
	return rows[0], nil
}

// Mailboxes lists some mailboxes of people.
func (e *Exchange) Mailboxes(ctx context.Context, f flow.Flow, limit int) ([]Recipient, error) {
	return run[Recipient](ctx, e, f, flow.GetMailbox(), map[string]any{"ResultSize": limit, "RecipientTypeDetails": "UserMailbox"})
}
