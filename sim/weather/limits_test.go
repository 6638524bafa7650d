package weather_test

import (
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/weather"
)

func TestFourAtOnceInOneMailbox(t *testing.T) {
	l, now := weather.NewLimits(), time.Unix(1e9, 0)
	var out []func()
	for i := range weather.AtOnce {
		leave, _, over := l.Enter("app", "ann", now)
		if over != "" {
			t.Fatalf("request %d was turned away", i+1)
		}
		out = append(out, leave)
	}
	if _, wait, over := l.Enter("app", "ann", now); over != weather.OverPlaces || wait <= 0 {
		t.Errorf("a fifth request came in, or was not told to wait: %v", wait)
	}
	for _, other := range [][2]string{{"app", "bob"}, {"other", "ann"}} {
		if _, _, over := l.Enter(other[0], other[1], now); over != "" {
			t.Errorf("%v was turned away for another's requests", other)
		}
	}
	out[0]()
	out[0]() // leaving twice makes no second place
	if _, _, over := l.Enter("app", "ann", now); over != "" {
		t.Error("no place after one had left")
	}
	if _, _, over := l.Enter("app", "ann", now); over == "" {
		t.Error("two places after one had left")
	}
}

func TestTenThousandInTenMinutes(t *testing.T) {
	l, now := weather.NewLimits(), time.Unix(1e9, 0)
	enter := func(at time.Time) (time.Duration, bool) {
		leave, wait, over := l.Enter("app", "ann", at)
		if over == "" {
			leave()
		} else if over != weather.OverWindow {
			t.Errorf("it is over %s", over)
		}
		return wait, over == ""
	}
	for i := range weather.PerWindow {
		at := now.Add(time.Duration(i) * 59 * time.Millisecond) // spread over 9 min 50 s
		if _, ok := enter(at); !ok {
			t.Fatalf("request %d was turned away", i+1)
		}
	}
	end := now.Add(9*time.Minute + 50*time.Second)
	wait, ok := enter(end)
	if ok || wait <= 0 || wait > weather.Window {
		t.Fatalf("one too many came in, or was told to wait %v", wait)
	}
	if _, ok := enter(end.Add(wait)); !ok {
		t.Error("turned away after having waited as told")
	}
	if _, ok := enter(now.Add(-time.Hour)); !ok {
		t.Error("turned away after the clock was set back")
	}
}
