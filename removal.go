package graphwarden

import (
	"encoding/json"
	"time"
)

// Removal is an item that a doubted feed says is gone, or that an app made and no feed
// has shown, held until somebody has looked for it.
type Removal struct {
	Feed   Feed
	Item   string          // the item's immutable id
	Body   json.RawMessage // the item as it was last stored; nil when no feed has shown it
	Tries  int             // how often it was looked for and was where nobody reads yet
	HeldAt time.Time
}

// Verdict is what became of an item that a feed said is gone.
type Verdict string

// The verdicts.
const (
	// Gone: it was deleted; the app is told.
	Gone Verdict = "gone"
	// Left: it is still there and lies outside the feed's window now. The app is
	// told its new times once, if they are new; then it is forgotten.
	Left Verdict = "left"
	// Stays: the feed was wrong. Nobody is told.
	Stays Verdict = "stays"
	// Reread: the feed was wrong and the item has changed, so the feed is read
	// from the start.
	Reread Verdict = "reread"
)
