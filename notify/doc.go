// Package notify receives Microsoft's change notifications and keeps the
// subscriptions alive that bring them. It promises that a notification is
// answered only when the mark it leaves is on disk, that one whose client state
// is not ours marks nothing, and that a lost, doubled or late notification does
// no harm: it only wakes, the feed is the truth.
package notify
