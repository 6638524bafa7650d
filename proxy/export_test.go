package proxy

import (
	"io"
	"time"

	"github.com/graphwarden/graphwarden/edm"
)

// Bound changes how long a batch may begin items, and how many bytes its answers may
// have.
func (p *Proxy) Bound(longest time.Duration, largestAnswers int64) {
	p.longest, p.largestAnswers = longest, largestAnswers
}

// Mask passes an answer on as who is not shown private events may see it.
func Mask(to io.Writer, from io.Reader, is edm.Ref) error { return mask(to, from, is, true) }
