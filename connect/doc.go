// Package connect keeps connections working: it has the custody of tokens, knows
// which credential belongs to which registration, and pins mailbox names to
// object ids. It promises that a token is sealed and on disk before anybody may
// use it, that however many ask at once it is obtained once, and that a mailbox
// once pinned stays the same mailbox. It never hands out a credential.
package connect
