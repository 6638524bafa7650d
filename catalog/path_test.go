package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/catalog"
)

func TestPathsOfOneOperation(t *testing.T) {
	for _, tc := range []struct{ situation, path, want string }{
		{"a deeper folder counts as one level", "/me/mailFolders/a/childFolders/b/childFolders/c/childFolders/d/messages/e/attachments/f", "GET /me/mailfolders/{id}/childfolders/{id}/messages/{id}/attachments/{id}"},
		{"one level stays", "/users/u/mailFolders/a/childFolders/b/messages/c/attachments/d", "GET /users/{id}/mailfolders/{id}/childfolders/{id}/messages/{id}/attachments/{id}"},
		{"a drive path is one segment", "/me/drive/root:/Reports/2026/plan.xlsx:/workbook/worksheets", "GET /me/drive/root:/{id}:/workbook/worksheets"},
		{"a drive path to the end", "/me/drive/root:/Reports/2026", "GET /me/drive/root:/{id}"},
		{"an alternate key", "/applications(appId='00000003-0000-0000-c000-000000000000')/owners", "GET /applications/{id}/owners"},
		{"arguments by name, whatever the order", "/me/reminderView(endDateTime='b',startDateTime='a/b')", "GET /users/{id}/reminderview(enddatetime={enddatetime},startdatetime={startdatetime})"},
		{"empty brackets", "/users/delta()", "GET /users/delta"},
		{"a slash at the end", "/users/", "GET /users"},
		{"no slash at the beginning", "users/u/calendars", "GET /users/{id}/calendars"},
	} {
		t.Run(tc.situation, func(t *testing.T) {
			if got := operation(t, "GET "+tc.path).String(); got != tc.want {
				t.Errorf("%s is taken for %s, want %s", tc.path, got, tc.want)
			}
		})
	}
}

// TestHostilePathsAreCheap sends what a stranger may send: very long paths, and
// paths to which many rules apply.
func TestHostilePathsAreCheap(t *testing.T) {
	c := catalog.Load()
	begin := time.Now()
	for _, path := range []string{
		"/me/mailFolders/a" + strings.Repeat("/childFolders/b", 100_000),
		strings.Repeat("/", 1_000_000),
		strings.Repeat("(", 1_000_000),
		"/me/drive/root:" + strings.Repeat("/a", 500_000),
		"/users/f(" + strings.Repeat("a=1,", 200_000) + ")",
		"/me/calendarGroups/a/calendars/b/events/c/instances/d/calendar/extensions/microsoft.graph.x(a=1)/$value/$ref/$count",
		"/users/a" + strings.Repeat("/microsoft.graph.user", 100_000),
	} {
		c.Operation("GET", path)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("judging them took %s", took)
	}
}

// TestPathsInTheirOrderAreReadAsAlone compares: what a path shares with the one before is
// not read again.
func TestPathsInTheirOrderAreReadAsAlone(t *testing.T) {
	paths := []string{
		"/a/b", "/a/b/c", "/a/bc", "/a/{id}", "/a/{id}/b", "/a/{id", "/a/{key}/b", "/a/b()", "/a/b()/c", "/a/f(x={x},y={y})", "/A/B/c", "/a/b/d/", "a/b",
		"/m/childfolders/{id}/childfolders/{id}/x", "/m/childfolders/{id}/childfolders", "/m/childfolders/{id}/x", "/m/childFolders/{id}/.../x", "/d/root:/{path}:/children", "/d/root:/{path}", "/a//b", "/", "/a/b/c",
	}
	for line := range strings.Lines(catalog.Facts()) {
		if fields := strings.Split(line, "\t"); fields[0] == "O" {
			paths = append(paths, fields[1])
		}
	}
	read, alone := catalog.Nodes(paths)
	for i, path := range paths {
		if !slices.Equal(read[i], alone[i]) {
			t.Errorf("%s is read as %q, alone it is %q", path, read[i], alone[i])
		}
	}
	if len(paths) < 7000 {
		t.Errorf("%d paths", len(paths))
	}
}
