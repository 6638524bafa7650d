package main

import (
	"fmt"
	"regexp"
	"strings"
)

// refusedWith finds a refusal in what the checker says of an example, also where
// the victim of it could not be made.
var refusedWith = regexp.MustCompile(`403(, documented \d+:)? (Authorization_RequestDenied|ErrorAccessDenied)`)

// judge counts the examples that went as the documentation says for the scheme,
// and names the others. What the checker skips counts nowhere: mode unsafe has it.
func (w *witness) judge(results []result, scheme string) (good, of int) {
	for _, r := range results {
		if r.Outcome == "skip" {
			continue
		}
		of++
		opened := scheme == "" || w.opened(scheme, r)
		refused := len(r.Reasons) == 1 && refusedWith.MatchString(r.Reasons[0])
		switch {
		case opened && r.Outcome == "ok":
			good++
		case !opened && refused:
			good++
			fmt.Printf("refused as documented: %s\n", r.ID)
		case !opened:
			fmt.Printf("FAIL %s: nothing opens %s %s for the scheme %s, and it was not refused: %s %v\n", r.ID, r.Method, r.URL, scheme, r.Outcome, r.Reasons)
		default:
			fmt.Printf("FAIL %s: %s %s: %s %v\n", r.ID, r.Method, r.URL, r.Outcome, r.Reasons)
		}
	}
	return good, of
}

// opened says whether any permission of the scheme opens the documented request.
// A batch needs none of its own, and an app's own token has no /me: the checker
// replays it as the same of a user.
func (w *witness) opened(scheme string, r result) bool {
	path := r.URL
	for _, e := range w.examples {
		if e.ID == r.ID {
			path = e.Request.URL
		}
	}
	if below, me := strings.CutPrefix(path, "/me"); me && scheme == application {
		path = "/users/{user-id}" + below
	}
	return path == "/$batch" || w.table.opens(scheme, r.Method, path)
}
