// Package kill kills the gateway, in tests only. Gateways and the simulated
// tenant are processes of their own, on real files and sockets; people change
// their calendars, the weather is bad, the app that receives misbehaves, and
// gateways are killed at random moments and at every named step, before and after
// its effect. Every so often all is left to come to rest, and what Microsoft 365
// has, what the gateway stored and what the apps received must be the same, and each
// write must have had one effect.
package kill
