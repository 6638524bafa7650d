package assemble_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/flow"
)

// TestTheDescriptionsAreOfAllThatIsServed puts a gateway up with a flow of every kind and
// holds what it serves at both addresses against the descriptions: none may have a
// route that the other lacks.
func TestTheDescriptionsAreOfAllThatIsServed(t *testing.T) {
	indoors(t, 4, func(j *journey, _ *copied) {
		j.writes("")
		writes := j.changed
		j.board("")
		board := j.changed
		j.changed = func() { writes(); board() }
		j.mails(flow.ExactlyOnce, "")
		letPeopleIn(j, "Calendars.Read")
		j.withFaces()
		j.run("5m")
		token, err := os.ReadFile(filepath.Join(j.folder, "operator.token"))
		if err != nil {
			t.Fatal(err)
		}
		for forApps, at := range map[bool]struct {
			net.Listener
			key string
		}{true: {j.apps, j.key("portal")}, false: {j.operate, strings.TrimSpace(string(token))}} {
			var described []string
			for path, methods := range allowed(t, forApps) {
				for _, m := range methods {
					described = append(described, m+" "+path)
				}
				answer := j.do(http.MethodOptions, "http://"+at.Addr().String()+regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(path, "x"), at.key, "", "")
				answer.Body.Close()
				served := strings.Split(answer.Header.Get("Allow"), ", ")
				missing := slices.ContainsFunc(methods, func(m string) bool { return !slices.Contains(served, m) })
				if answer.StatusCode != http.StatusMethodNotAllowed || missing {
					t.Errorf("%s: served are %v (%d), described %v", path, served, answer.StatusCode, methods)
				}
			}
			served := j.gateway.Routes(forApps)
			slices.Sort(served)
			slices.Sort(described)
			if !slices.Equal(served, described) {
				t.Errorf("for apps %v: served are\n%s\nand described\n%s", forApps, strings.Join(served, "\n"), strings.Join(described, "\n"))
			}
		}
	})
}

// allowed gives the methods of each path that a description has, sorted.
func allowed(t *testing.T, forApps bool) map[string][]string {
	t.Helper()
	var d struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(api.Describe(forApps), &d); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for path, operations := range d.Paths {
		for method := range operations {
			out[path] = append(out[path], strings.ToUpper(method))
		}
		slices.Sort(out[path])
	}
	return out
}
