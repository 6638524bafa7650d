package notify_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/notify"
)

func TestAStrangerFillsNeitherTheLogNorTheDisk(t *testing.T) {
	d := open(t, nil)
	var log bytes.Buffer
	receiver := notify.NewReceiver(d.Store, d.Store, slog.New(slog.NewTextHandler(&log, nil)), func() {}, func() {})
	for _, s := range []struct {
		name        string
		items, want int
		linesAtMost int
	}{
		{"many that are not ours", 4000, http.StatusAccepted, 1},
		{"more than Microsoft sends", 6000, http.StatusBadRequest, 0},
	} {
		log.Reset()
		body := `{"value":[` + strings.TrimSuffix(strings.Repeat(`{},`, s.items), ",") + `]}`
		w := httptest.NewRecorder()
		receiver.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, notify.Path, strings.NewReader(body)))
		if lines := strings.Count(log.String(), "\n"); w.Code != s.want || lines > s.linesAtMost || log.Len() > 500 {
			t.Errorf("%s: %d, %d lines, %d bytes of log", s.name, w.Code, lines, log.Len())
		}
	}
}
