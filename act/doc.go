// Package act writes into Microsoft 365 for apps: events are made, changed, deleted,
// cancelled, answered. It promises that what an app asks for is on disk before
// anything is sent, that after a crash or a lost answer the effect is looked for
// before it is made again (Ways says how, for each kind), and that what is not valid
// never leaves. It refuses to guess: what nobody can know is uncertain, shown, and
// not repeated.
package act
