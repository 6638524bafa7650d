package watch

import "time"

// patience is how a kind of notice is handled: how long something must be wrong
// before it is told, how long it must be right before that is told, and how often
// it is told again.
type patience struct {
	open, close, remind time.Duration
}

// patienceWith says how each code is handled. What recovers by itself is given
// time; what needs a person is told at once.
func patienceWith(code string) patience {
	hiccup := patience{2 * time.Minute, 2 * time.Minute, 4 * time.Hour}
	lasting := patience{0, time.Minute, 24 * time.Hour}
	switch code {
	case "notice.credential_expiring", "notice.person_expiring", "notice.backup_old", "notice.mailbox_skipped", groupUnread, "notice.feed_refused", "notice.dead_letters",
		grantsBeyond, grantsMissing, grantsUnread: // a look at the grants is one in an hour, say, and no hiccup
		return lasting
	case "notice.sink_disabled", "notice.sign_in_refused", awaited, "notice.database_damaged", "notice.person_signed_out", "notice.connection_revoked":
		return patience{0, 0, 24 * time.Hour}
	case proven:
		return patience{0, 0, 2 * provenFor} // it is over before
	case "notice.write_uncertain":
		return patience{0, 0, 2 * unsureFor} // it is over before
	case "notice.disk_low":
		return patience{0, 5 * time.Minute, 4 * time.Hour}
	case "notice.database":
		return patience{0, time.Minute, time.Hour}
	case "notice.clock_skew":
		return patience{time.Minute, 5 * time.Minute, 24 * time.Hour}
	case "notice.budget_exhausted":
		return patience{0, 0, 24 * time.Hour} // what is seen has lasted, and is seen for long enough
	}
	return hiccup
}
