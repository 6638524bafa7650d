package watch

// Kind is one thing that operators are told of.
type Kind struct {
	Code string
	Fine string // what is true while there is no such notice
}

// Kinds are all that there are; docs/operations.md explains each.
func Kinds() []Kind {
	return []Kind{
		{"notice.database", "The database answers and takes entries."},
		{"notice.database_damaged", "The database was read through and is sound."},
		{"notice.database_unchecked", "The database is read through as often as it should be."},
		{"notice.disk_low", "The disk of the database is not nearly full."},
		{"notice.feed_stale", "Every calendar is read within its promise."},
		{"notice.feed_unread", "Every calendar has been read to its end."},
		{"notice.feed_refused", "Microsoft gives every calendar that is asked for."},
		{"notice.mailbox_skipped", "Every mailbox of every flow is read."},
		{"notice.subscription_missing", "Microsoft notifies of every mailbox, as far as it is asked to."},
		{"notice.sign_in_refused", "Microsoft takes every sign-in."},
		{"notice.person_signed_out", "Everybody who signed in is still signed in."},
		{"notice.person_expiring", "No person's sign-in ends within a week for want of use."},
		{"notice.connection_revoked", "No connection is revoked."},
		{"notice.credential_expiring", "No credential expires within 30 days."},
		{"notice.sink_disabled", "No sink is disabled."},
		{"notice.sink_failing", "Every receiver takes what it is sent."},
		{"notice.sink_lagging", "No sink lags behind."},
		{"notice.dead_letters", "No delivery was given up."},
		{"notice.budget_exhausted", "No app's calls wait for one of Microsoft's limits."},
		{"notice.restriction_failed", "Exchange keeps every app that was restricted to its mailboxes."},
		{"notice.consent_left", "No consent for every mailbox stands beside a restriction."},
		{"notice.clock_skew", "The clock agrees with Microsoft's."},
		{"notice.backup_old", "The last backup is recent."},
		{webhookFailing, "Notices arrive at their webhook."},
	}
}
