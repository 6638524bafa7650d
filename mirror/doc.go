// Package mirror keeps the local copy in step: it finds the calendars of every
// mailbox in a flow, and reads each as a feed, by delta, whenever a notification
// or the clock says so. It promises that a page's changes and the cursor that
// follows them are stored in one transaction, so that a crash repeats a page and
// never skips one, and that trouble with one feed holds up no other.
package mirror
