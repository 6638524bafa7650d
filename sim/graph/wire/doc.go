// Package wire is the HTTP kernel of the simulated Microsoft Graph: what is the
// same for every resource. It checks the token, reads path, query and body by
// Graph's grammar, asks for permission and mailbox access, runs the handler in
// one transaction, and writes the answer with its annotations or the error in
// Graph's envelope. What no family of routes knows it refuses as Graph does and
// says so on the log; it never invents success.
package wire
