// Package mail is the part of simulated Graph that serves mail: messages, drafts,
// sending, the folders that every mailbox has. It promises what package
// sim/world/mail does; what it does not know of mail (delta, search, MIME, rules,
// replies) it refuses.
package mail
