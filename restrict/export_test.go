package restrict

// What tests of the tables ask.
var (
	Replaces = replaces
	Reads    = reads
	Short    = short
)
