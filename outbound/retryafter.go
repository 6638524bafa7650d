package outbound

import (
	"net/http"
	"strconv"
	"time"
)

// longestRetryAfter bounds what a server can ask for: the answer to the next
// attempt says it again.
const longestRetryAfter = time.Hour

// RetryAfter reads how long an answer asks to wait, in seconds (a fraction
// occurs) or until a date (RFC 9110 section 10.2.3), an hour at most; false when
// it does not say.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, longestRetryAfter.Seconds()) * float64(time.Second)), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), longestRetryAfter), true
	}
	return 0, false
}
