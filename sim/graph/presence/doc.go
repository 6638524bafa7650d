// Package presence serves what Teams tells of people (Microsoft Graph, presence):
// reading it, the sessions that apps keep, and what people prefer to show. Where
// the documentation is silent it refuses.
package presence
