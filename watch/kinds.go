package watch

// Kind is one thing that operators are told of.
type Kind struct {
	Code string
	Fine string // what is true while there is no such notice
	Good bool   // it is good news, and asks nothing of anybody
}

// Kinds are all that there are; docs/operations.md explains each.
func Kinds() []Kind {
	return []Kind{
		{Code: "notice.database", Fine: "The database answers and takes entries."},
		{Code: "notice.database_damaged", Fine: "The database was read through and is sound."},
		{Code: "notice.database_unchecked", Fine: "The database is read through as often as it should be."},
		{Code: "notice.ledger_unsigned", Fine: "A signed checkpoint covers what the ledger holds, and every witness cosigns."},
		{Code: "notice.ledger_wrong", Fine: "The ledger is the one that its checkpoints were signed over."},
		{Code: "notice.disk_low", Fine: "The disk of the database is not nearly full."},
		{Code: "notice.feed_stale", Fine: "Every calendar is read within its promise."},
		{Code: "notice.feed_unread", Fine: "Every calendar has been read to its end."},
		{Code: "notice.feed_refused", Fine: "Microsoft gives every calendar that is asked for."},
		{Code: "notice.mailbox_skipped", Fine: "Every mailbox of every flow is read."},
		{Code: groupUnread, Fine: "The members of every group of every flow are known."},
		{Code: "notice.subscription_missing", Fine: "Microsoft notifies of every mailbox, as far as it is asked to."},
		{Code: "notice.sign_in_refused", Fine: "Microsoft takes every sign-in."},
		{Code: awaited, Fine: "No registration waits for a person to sign in."},
		{Code: "notice.person_signed_out", Fine: "Everybody who signed in is still signed in."},
		{Code: "notice.person_expiring", Fine: "No person's sign-in ends within a week for want of use."},
		{Code: "notice.connection_revoked", Fine: "No connection is revoked."},
		{Code: "notice.credential_expiring", Fine: "No credential expires within 30 days."},
		{Code: "notice.sink_disabled", Fine: "No sink is disabled."},
		{Code: "notice.sink_failing", Fine: "Every receiver takes what it is sent."},
		{Code: "notice.sink_lagging", Fine: "No sink lags behind."},
		{Code: "notice.dead_letters", Fine: "No delivery was given up."},
		{Code: "notice.write_uncertain", Fine: "Of every write of the last day it is known whether it took effect."},
		{Code: "notice.budget_exhausted", Fine: "No app's calls wait for one of Microsoft's limits."},
		{Code: "notice.restriction_failed", Fine: "Exchange keeps every app that was restricted to its mailboxes."},
		{Code: "notice.consent_left", Fine: "No consent for every mailbox stands beside a restriction."},
		{Code: "notice.restriction_outdated", Fine: "Exchange was told of every mailbox of every flow that is restricted."},
		{Code: grantsBeyond, Fine: "No registration was seen to be granted more than its flows need."},
		{Code: grantsMissing, Fine: "No registration was seen to lack what its flows need."},
		{Code: grantsUnread, Fine: "What registrations are granted is read, as far as that is asked for."},
		{Code: proven, Fine: "No restriction was proven within the last day.", Good: true},
		{Code: "notice.clock_skew", Fine: "The clock agrees with Microsoft's."},
		{Code: "notice.backup_old", Fine: "No backup is overdue."},
		{Code: webhookFailing, Fine: "Notices arrive at their webhook."},
	}
}
