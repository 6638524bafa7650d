// Package presence says who of a flow's people is available, until when and what
// comes next, from the calendars that the mirror keeps and whatever else the flow
// declares. It promises that each state names its source and the permission that
// gave it, that of a private item nothing but its time is told, and that what no
// source knows is unknown. It guesses nothing: a calendar does not say who sits at
// a desk.
package presence
