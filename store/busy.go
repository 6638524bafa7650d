package store

import "github.com/graphwarden/graphwarden"

// besides gives the condition that leaves out the feeds f of busy tenants and
// mailboxes, and the arguments with what it needs.
func besides(busy graphwarden.Busy, args []any) (where string, all []any) {
	add := func(column string, list []string) {
		if len(list) == 0 {
			return
		}
		where += ` AND ` + column + ` NOT IN (` + marks(len(list)) + `)`
		for _, one := range list {
			args = append(args, one)
		}
	}
	add("f.tenant", busy.Tenants)
	add("f.mailbox", busy.Mailboxes)
	return where, args
}
