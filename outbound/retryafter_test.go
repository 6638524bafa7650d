package outbound_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/outbound"
)

func TestRetryAfterIsReadInEveryForm(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		value string
		wait  time.Duration
		said  bool
	}{
		{"", 0, false},
		{"soon", 0, false},
		{"-1", 0, false},
		{"NaN", 0, false},
		{"0", 0, true},
		{"17", 17 * time.Second, true},
		{"2.5", 2500 * time.Millisecond, true},
		{"999999999", time.Hour, true},
		{"+Inf", time.Hour, true},
		{"Sat, 21 Nov 2026 12:00:30 GMT", 30 * time.Second, true},
		{"Sat, 21 Nov 2026 11:00:00 GMT", 0, true},
		{"Sat, 21 Nov 2099 12:00:00 GMT", time.Hour, true},
	} {
		wait, said := outbound.RetryAfter(http.Header{"Retry-After": {test.value}}, now)
		if wait != test.wait || said != test.said {
			t.Errorf("%q: %s, %t, want %s, %t", test.value, wait, said, test.wait, test.said)
		}
	}
}
