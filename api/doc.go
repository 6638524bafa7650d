// Package api is the two faces that Graphwarden is asked at: operators and the
// command line at one address, apps at another, JSON under /v1/. It promises that
// nobody without the operator's token or an app's key gets an answer; that an app
// sees what its flows name, and of everything else not even whether it is there;
// that every "no" is a problem document (RFC 9457) with a stable code; that a list
// is read to its end by cursors without skips; and that what it answers is what
// its description (OpenAPI 3.1) says. It refuses to leave this machine without
// TLS, and whatever in a request it does not know.
package api
