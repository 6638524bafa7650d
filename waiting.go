package graphwarden

import "time"

// Waiting is an app whose calls wait for one of Microsoft's limits, again and again.
type Waiting struct {
	App          string
	Tenant       string // Tenant.Name
	Registration string // Registration.Name
	Mailbox      Mailbox
	Why          Shortage
	Since        time.Time // the first of these waits
	Last         time.Time // the last of them
	Count        int64     // of these waits
}

// Lasting says whether the waits are more than a hiccup.
func (w Waiting) Lasting() bool { return w.Count >= 5 && w.Last.Sub(w.Since) >= 5*time.Minute }

// WaitingForgets is how long after the last wait nobody waits any more: calls that
// are put off again and again are tried ever more rarely.
const WaitingForgets = 15 * time.Minute

// Shortage is what calls wait for.
type Shortage string

// What there is to wait for (graph-facts §5).
const (
	ShortOfCalls  Shortage = "calls"  // the calls of ten minutes are spent
	ShortOfPlaces Shortage = "places" // as many calls are under way as Microsoft allows
	AskedToWait   Shortage = "asked"  // Microsoft asked for it
)
