// Package calendar is the part of simulated Microsoft Graph that serves
// calendars: their events, views and deltas, invitations and answers, sharing,
// free and busy times, mailbox settings and ids. It promises what the tenant's
// calendars (sim/world/calendar) promise, in Graph's paths and words. What of
// these Graph v1.0 does not serve it refuses as Graph does.
package calendar
