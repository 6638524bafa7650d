// Package graphwarden is the vocabulary of the house: the types that every
// room speaks, their invariants and their pure methods. It promises to import
// nothing but the standard library, to keep no state and to read no clock. It
// declares no services: a room states the interface it needs where it needs it.
package graphwarden
