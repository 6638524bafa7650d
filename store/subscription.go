package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

const subscriptionColumns = `id, flow, tenant, mailbox, upn, resource, address, client_state, expires_at, renew_at`

// PutSubscription stores a subscription, in place of the one with its id.
func (s *Store) PutSubscription(ctx context.Context, tx graphwarden.Tx, sub graphwarden.Subscription) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO subscriptions (`+subscriptionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET flow = excluded.flow, tenant = excluded.tenant, mailbox = excluded.mailbox, upn = excluded.upn,
resource = excluded.resource, address = excluded.address, client_state = excluded.client_state,
expires_at = excluded.expires_at, renew_at = excluded.renew_at`,
		sub.ID, sub.Flow, sub.Tenant, sub.Mailbox.ID, sub.Mailbox.UPN, sub.Resource, sub.Address, sub.ClientState,
		micros(sub.ExpiresAt), micros(sub.RenewAt))
	if err != nil {
		return fmt.Errorf("storing the subscription %s: %w", sub.ID, err)
	}
	return nil
}

// HastenSubscription has a subscription renewed at once; one that is gone is no
// error.
func (s *Store) HastenSubscription(ctx context.Context, tx graphwarden.Tx, id string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE subscriptions SET renew_at = ?1 WHERE id = ?2 AND renew_at > ?1`, micros(t.now), id)
	return wrapped(err, "hastening a subscription")
}

// ExtendSubscription stores the renewal of a subscription as it was read. One that
// is gone stays gone; one that was hastened meanwhile, or renewed further, stays
// due when it is.
func (s *Store) ExtendSubscription(ctx context.Context, tx graphwarden.Tx, was graphwarden.Subscription, expires, renew time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE subscriptions SET expires_at = ?1, renew_at = CASE WHEN renew_at = ?2 THEN ?3 ELSE renew_at END WHERE id = ?4`,
		micros(expires), micros(was.RenewAt), micros(renew), was.ID)
	return wrapped(err, "storing a renewal")
}

// SubscriptionByID gives the subscription with Microsoft's id.
func (s *Store) SubscriptionByID(ctx context.Context, id string) (graphwarden.Subscription, bool, error) {
	found, err := s.subscriptions(ctx, `WHERE id = ?`, id)
	if err != nil || len(found) == 0 {
		return graphwarden.Subscription{}, false, err
	}
	return found[0], true, nil
}

// Subscriptions gives the subscriptions of a flow, or of all flows for "".
func (s *Store) Subscriptions(ctx context.Context, flow string) ([]graphwarden.Subscription, error) {
	return s.subscriptions(ctx, `WHERE flow = ?1 OR ?1 = '' ORDER BY id`, flow)
}

// DueSubscriptions gives those that should be renewed at a time or before, the
// most urgent first.
func (s *Store) DueSubscriptions(ctx context.Context, at time.Time, limit int) ([]graphwarden.Subscription, error) {
	return s.subscriptions(ctx, `WHERE renew_at <= ? ORDER BY renew_at LIMIT ?`, micros(at), limit)
}

// DeleteSubscription forgets a subscription; one that is not there is no error.
func (s *Store) DeleteSubscription(ctx context.Context, tx graphwarden.Tx, id string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM subscriptions WHERE id = ?`, id); err != nil {
		return fmt.Errorf("deleting the subscription %s: %w", id, err)
	}
	return nil
}

func (s *Store) subscriptions(ctx context.Context, where string, args ...any) ([]graphwarden.Subscription, error) {
	var list []graphwarden.Subscription
	err := s.reads.rows(ctx, `SELECT `+subscriptionColumns+` FROM subscriptions `+where, args, func(row scanner) error {
		var sub graphwarden.Subscription
		var expires, renew int64
		err := row.Scan(&sub.ID, &sub.Flow, &sub.Tenant, &sub.Mailbox.ID, &sub.Mailbox.UPN, &sub.Resource,
			&sub.Address, &sub.ClientState, &expires, &renew)
		sub.ExpiresAt, sub.RenewAt = fromMicros(expires), fromMicros(renew)
		list = append(list, sub)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading subscriptions: %w", err))
	}
	return list, nil
}
