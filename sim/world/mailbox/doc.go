// Package mailbox is the mailboxes of the simulated tenant: whose they are, their
// settings, the calendars in them and with whom these are shared. It promises
// that who has no mailbox is refused as Exchange refuses, and that every mailbox
// has its default calendar, stored or not. It knows no events and no messages.
package mailbox
