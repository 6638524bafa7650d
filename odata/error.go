package odata

import "github.com/graphwarden/graphwarden/odata/expr"

// SyntaxError says where a path or a query option stopped making sense.
type SyntaxError = expr.SyntaxError
