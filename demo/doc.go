// Package demo tells the story of Graphwarden to somebody who has neither a
// tenant nor a network: a simulated Microsoft 365 and a real gateway, each in a
// process of its own that may be killed, a small app that receives, and people
// who change their calendars. It promises that what it says it has measured, that
// it ends with the app's copy compared with Microsoft's calendars, and that it
// leaves nothing behind.
package demo
