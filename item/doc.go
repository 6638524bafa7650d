// Package item looks at single items as Graph sends them. It promises that a
// private item shows its time and nothing that a person wrote: what is kept is
// listed, so a property that is new to us is hidden; and that what cannot be read
// is taken for private. It refuses to change any value that it keeps.
package item
