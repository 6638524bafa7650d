package graphwarden

import "time"

// Subscription is a change-notification subscription that wakes the feeds of one
// mailbox. Notifications carry the client state back as proof of origin.
type Subscription struct {
	ID          string // Microsoft's id of it
	Flow        string
	Tenant      string
	Mailbox     Mailbox
	Resource    string // e.g. "users/{id}/events"
	Address     string // where its notifications are sent
	ClientState string
	ExpiresAt   time.Time
	RenewAt     time.Time
}
