package graphwarden

import "time"

// Budget is what Microsoft lets one owner spend: an app registration in one
// mailbox (graph-facts §5). Several processes may share it.
type Budget struct {
	Owner  string        // names it, the same in every process
	Places int           // calls under way at once; 0 is any number
	Calls  int           // calls within Span
	Span   time.Duration // of the window, which moves on
}
