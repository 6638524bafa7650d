// Package policy decides what may be done, from the declared flows alone. It
// promises that only a flow permits: an app, operation or mailbox that no flow
// names is refused, and so is everything before a policy is in force. It makes
// no calls and keeps no log; package gate obeys and records.
package policy
