// Package outbound makes the HTTP clients that Graphwarden calls out with. It
// promises that no connection goes to an address inside a network unless its
// exact host and port were admitted, decided at the moment of dialling on the
// very address that is dialled, and that TLS is 1.2 or newer and verified. It
// follows no redirect, reads no proxy from the environment and retries nothing.
package outbound
