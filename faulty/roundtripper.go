package faulty

import "net/http"

// RoundTripper sends requests through Next as steps of a plan, each named by its
// method and path, such as "POST /v1.0/subscriptions".
type RoundTripper struct {
	Plan *Plan
	Next http.RoundTripper
}

// RoundTrip sends r, unless it is cut before; cut after, the other side has
// answered and the caller never learns what.
func (rt RoundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	var answer *http.Response
	err := rt.Plan.Step(r.Method+" "+r.URL.Path, func() (err error) {
		answer, err = rt.Next.RoundTrip(r)
		return err
	})
	if err == nil {
		return answer, nil
	}
	if answer != nil {
		_ = answer.Body.Close()
	}
	return nil, err
}
