package connect

// Place is where a connection's token lies.
func Place(c Connection) string { return c.place() }
