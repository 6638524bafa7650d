package gate

import (
	"io"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Call is what a room wants of Microsoft.
type Call struct {
	App       string // in whose name
	Flow      string // by which flow's right
	Operation flow.Operation
	Mailbox   string    // the object id of the mailbox it touches; "" when none
	Args      flow.Args // the other values of the operation's path
	Query     string    // encoded, without the question mark
	Link      string    // a link that Microsoft gave for this operation; takes the place of Query
	Prefer    []string  // values for the Prefer header, besides immutable ids
	// Header is what goes along of the headers of an app that asks itself; such a call
	// has no immutable ids unless it says so.
	Header http.Header
	// Range is which bytes of a file Body is, for an upload session: the value of Content-Range.
	Range string
	// Others are the mailboxes that the body names (flow.Operation.NamesOthers), in
	// its order; each is judged like Mailbox.
	Others []graphwarden.Mailbox
	// Also are what comes with it, by an expansion or as what its body refers to; each is
	// judged like the call itself.
	Also []Part
	// Looks says that it changes nothing, whatever its method.
	Looks   bool
	IfMatch string // the version that must still be there; "" is any
	// Followed says that the caller puts what came of the call on disk as soon as it is
	// answered, and looks into a write of which that is not there: so the end of the
	// call goes to the disk together with it.
	Followed bool
	Body     []byte // JSON for Graph, a form for Entra; sent anew when a token is renewed
	// Stream takes the place of Body where no token goes along, so that nothing is sent anew:
	// Length bytes of a file, passed on as they come.
	Stream io.Reader
	Length int64
}

// Part is an operation within a call, and the mailbox that it touches, "" for none.
type Part struct {
	Operation flow.Operation
	Mailbox   string
}

// Answer is what Microsoft answered. The caller must close Body; that frees the
// call's place in the budget and writes its closing entry.
type Answer struct {
	Status int
	Header http.Header
	Body   io.ReadCloser
	Wait   time.Duration // how long the budget's bucket waits now; 0 when it does not
}
