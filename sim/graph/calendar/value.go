package calendar

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
)

// param gives a parameter of an action, whose name clients write in either case
// (schema and documentation differ).
func param[T any](c *wire.Call, name string) T {
	for given, v := range c.Body {
		if strings.EqualFold(given, name) {
			t, _ := v.(T)
			return t
		}
	}
	var none T
	return none
}

// argument gives an argument of a function, whose name clients write in either
// case.
func argument(c *wire.Call, name string) string {
	for given, v := range c.Args {
		if strings.EqualFold(given, name) {
			return v
		}
	}
	return ""
}
