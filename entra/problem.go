package entra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
)

// situation is what an explanation can speak of.
type situation struct {
	party
	now time.Time
}

// told is what Entra says in an error (graph-facts §1.9).
type told struct {
	Error       string `json:"error"`
	Codes       []int  `json:"error_codes"`
	Sub         string `json:"suberror"`
	Trace       string `json:"trace_id"`
	Correlation string `json:"correlation_id"`
}

// problem turns an answer other than 200 into what the caller can do about it.
func problem(answer *gate.Answer, body []byte, s situation) error {
	var t told
	if err := json.Unmarshal(body, &t); err != nil {
		t.Error = "" // a page of something between us and Entra
	}
	cause := fmt.Errorf("entra answered %d %s %s AADSTS%d, trace %q, correlation %q", answer.Status, t.Error, t.Sub, t.number(), t.Trace, t.Correlation)
	if passing(answer.Status, t.number(), t.Error) {
		return &graphwarden.Later{After: answer.Wait, Cause: cause}
	}
	if t.Error == "" {
		return strange(s.registration, cause)
	}
	return t.explain(answer.Header, s, cause)
}

// described finds the number in a description: the only place where it stands
// when a sign-in page sends the browser back.
var described = regexp.MustCompile(`^AADSTS(\d{4,9})\b`)

// declined explains what a sign-in page sent back in place of a code.
func declined(q url.Values, s situation) error {
	t := told{Error: q.Get("error"), Sub: q.Get("error_subcode")}
	if m := described.FindStringSubmatch(q.Get("error_description")); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			t.Codes = []int{n}
		}
	}
	return t.explain(nil, s, fmt.Errorf("the sign-in page answered %q AADSTS%d", t.Error, t.number()))
}

func (t told) number() int {
	if len(t.Codes) == 0 {
		return 0
	}
	return t.Codes[0]
}

// explain finds the explanation of a number. A number that nobody foresaw still
// says where it is explained, and what to tell Microsoft's support.
func (t told) explain(header http.Header, s situation, cause error) error {
	for _, e := range explanations() {
		if e.explains(t.number(), s) {
			return e.refusal(header, s, cause)
		}
	}
	r := &graphwarden.Refusal{
		Kind: graphwarden.Credential, Code: "entra.refused", Cause: cause,
		Say: fmt.Sprintf("Entra refuses the sign-in of the registration %s with the code AADSTS%d.", s.registration.Name, t.number()),
		Do:  fmt.Sprintf("Look it up at %s/error?code=%d, and the sign-in in Entra's log by the correlation id %s.", s.tenant.Cloud.Login, t.number(), t.Correlation),
	}
	if t.number() == 0 {
		r.Say = fmt.Sprintf("Entra refuses the sign-in of the registration %s with the word %q and no number.", s.registration.Name, t.Error)
		r.Do = fmt.Sprintf("Look up the sign-in in Entra's log by the correlation id %s.", t.Correlation)
	}
	return r
}

// passing says whether the refusal passes by itself (graph-facts §1.9).
func passing(status, number int, name string) bool {
	switch number {
	case 90024, 90033, 90006, 50033, 90012, 90055:
		return true
	}
	return status == http.StatusTooManyRequests || status >= 500 || name == "temporarily_unavailable" || name == "server_error"
}

func strange(r graphwarden.Registration, cause error) *graphwarden.Refusal {
	return &graphwarden.Refusal{
		Kind: graphwarden.Unreachable, Code: "entra.answer_strange",
		Say:   fmt.Sprintf("What answers the sign-in of the registration %s is not Entra.", r.Name),
		Do:    "Check the login address of the tenant's cloud, and whether a proxy answers in its place.",
		Cause: cause,
	}
}
