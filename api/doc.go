// Package api is the face that operators and the command line talk to: JSON
// under /v1/ on a listener of its own. It promises that nobody without the
// operator's token gets an answer, that every "no" is a problem document
// (RFC 9457) with a stable code, and that a list is read to its end by cursors
// without skips. It refuses to leave this machine without TLS.
package api
