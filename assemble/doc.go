// Package assemble makes a running Graphwarden out of a configuration file: it
// reads and checks the file, opens the store, introduces the rooms to each other
// in one function, and runs them until it is told to stop. Commands, the demo
// and the end-to-end tests all come through here.
package assemble
