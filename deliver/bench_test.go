package deliver_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// BenchmarkDrain delivers what has gathered while nothing ran, in batches of 100
// to a receiver that answers at once (R42).
func BenchmarkDrain(b *testing.B) {
	s := put(b, nil)
	arrived := make(chan struct{}, b.N)
	s.shop.set(func(http.ResponseWriter, graphwarden.Envelope) bool {
		arrived <- struct{}{}
		return true
	})
	for begun := 0; begun < b.N; begun += 200 {
		var story []string
		for n := range min(200, b.N-begun) {
			story = append(story, fmt.Sprintf("%c%d", 'a'+n%20, begun+n))
		}
		s.happen(b, strings.Join(story, " "))
	}
	b.ResetTimer()
	stop := s.run(b)
	for range b.N {
		<-arrived
	}
	b.StopTimer()
	stop()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}
