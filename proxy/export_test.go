package proxy

import "time"

// Bound changes how long a batch may begin items, and how many bytes its answers may
// have.
func (p *Proxy) Bound(longest time.Duration, largestAnswers int64) {
	p.longest, p.largestAnswers = longest, largestAnswers
}
