package graphwarden

// Busy are the tenants (by name) and mailboxes (by object id) that already have
// as many places as they may, so that nothing more is begun for them.
type Busy struct {
	Tenants, Mailboxes []string
}
