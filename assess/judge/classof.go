package judge

import "github.com/graphwarden/graphwarden/assess/plan"

// ClassOf gives how dangerous one permission is in a scheme, by which rule, and why,
// for those who meet it elsewhere than in a plan.
func ClassOf(name string, scheme plan.Scheme) (class Class, rule, why string) {
	return classify(name, scheme)
}
