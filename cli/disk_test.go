package cli

import (
	"errors"
	"testing"

	"github.com/graphwarden/graphwarden/watch"
)

func TestTheDoctorJudgesADisk(t *testing.T) {
	const gib = 1 << 30
	for _, s := range []struct {
		room watch.Room
		err  error
		want string
	}{
		{watch.Room{Free: 50 * gib, Total: 100 * gib}, nil, "pass"},
		{watch.Room{Free: 3 * gib, Total: 100 * gib}, nil, "warn"},
		{watch.Room{Free: gib / 10, Total: 100 * gib}, nil, "fail"},
		{watch.Room{}, nil, "unknown"},
		{watch.Room{}, errors.New("no"), "unknown"},
	} {
		x := disk("/data", func(string) (watch.Room, error) { return s.room, s.err })
		if x.Code != "doctor.disk" || x.Result != s.want || s.want != "pass" && s.want != "unknown" && x.Fix == "" {
			t.Errorf("%+v: %+v", s.room, x)
		}
	}
}
