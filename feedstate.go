package graphwarden

import "time"

// FeedState is a feed as it stands: what an operator wants to know of it.
type FeedState struct {
	Feed      Feed
	Items     int64     // that are there now
	Whole     bool      // the round under way reads from the start
	Held      bool      // somebody reads it, or died while reading it
	DueAt     time.Time // when it may be read next; while held, when the lease ends
	NotBefore time.Time // Microsoft asked to wait until then
}

// FeedChoice chooses feeds; what is empty chooses all.
type FeedChoice struct {
	Flow, Tenant string
	Mailbox      string // by name or by id
}

// NextAt is when the feed is read next; the zero time when it is being read.
func (s FeedState) NextAt(now time.Time) time.Time {
	if s.Held && s.DueAt.After(now) {
		return time.Time{}
	}
	return s.DueAt
}

// Word says in a word or two what goes on with the feed.
func (s FeedState) Word(now time.Time) string {
	switch {
	case s.Held && s.DueAt.After(now):
		return "reading"
	case s.NotBefore.After(now):
		return "asked to wait"
	case s.Feed.ReadAt.IsZero():
		return "not read yet"
	case s.Feed.Dirty:
		return "news waits"
	}
	return "in step"
}

// FeedAge says when a feed was last read.
type FeedAge struct {
	Flow, Tenant string
	Mailbox      string    // its name
	ReadAt       time.Time // zero before the first time
	NotBefore    time.Time // Microsoft asked to wait until then
}

// Coverage says how many mailboxes of a flow a living subscription wakes.
type Coverage struct {
	Flow, Tenant       string
	Mailboxes, Covered int
}
