package expr

import "fmt"

// SyntaxError says where a path or a query option stopped making sense.
type SyntaxError struct {
	// Param is what was being read: "path", or the query parameter as the
	// caller spelt it, such as "$filter".
	Param string
	// Pos is the offset in bytes into the decoded text (into the raw text for
	// "path" and for a query that could not be decoded).
	Pos int
	// Message is a whole sentence in the words of Microsoft's OData library
	// where it has some, fit to be shown to the caller.
	Message string
}

// Error names the parameter and gives the message.
func (e *SyntaxError) Error() string { return e.Param + ": " + e.Message }

// Errorf makes a SyntaxError.
func Errorf(param string, pos int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Param: param, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// SyntaxAt is the commonest complaint, worded as Microsoft's OData library does.
func SyntaxAt(param string, pos int, text string) *SyntaxError {
	return Errorf(param, pos, "Syntax error at position %d in '%s'.", pos, text)
}

// UnterminatedAt complains of a quote that nothing in text closes.
func UnterminatedAt(param, text string) *SyntaxError {
	return Errorf(param, len(text), "There is an unterminated string literal at position %d in '%s'.", len(text), text)
}

// TypeError says that a filter compares or computes what cannot be, which shows
// only when it meets a document. Its text is that of Microsoft's OData library.
type TypeError struct {
	Message string
}

// Error gives the message.
func (e *TypeError) Error() string { return e.Message }
