// Package flow holds the kinds of flow that Graphwarden offers and the
// operations each may perform, as values that no other package can make. It
// promises that a request to Microsoft built from an operation names exactly
// the objects it was given: an argument that could bend the path is refused.
// It does not decide who may perform an operation; package policy does.
package flow
