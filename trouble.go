package graphwarden

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// Trouble is a feed that cannot be read at present, and why.
type Trouble struct {
	Feed    int64
	Flow    string
	Tenant  string
	Mailbox Mailbox
	Title   string
	Code    string // of the refusal, or CodeBusy, or "" for what nobody foresaw
	Say     string
	Since   time.Time // since when no round has ended well
	LastAt  time.Time
	Count   int // attempts in a row that failed
}

// CodeBusy stands for Microsoft's "not now".
const CodeBusy = "microsoft.busy"

// Explain gives the code of an error and what it says to a person.
func Explain(err error) (code, say string) {
	var refusal *Refusal
	var later *Later
	switch {
	case errors.As(err, &refusal):
		return refusal.Code, refusal.Say
	case errors.As(err, &later):
		return CodeBusy, "Microsoft 365 asked to wait, or its limits are used up."
	}
	return "", err.Error()
}

// Tells says whether an error is an answer about what was asked for, which stays so
// until somebody changes something. A place that does not answer, a sign-in that
// is refused and "not now" tell nothing about it.
func Tells(err error) bool {
	var refusal *Refusal
	var later *Later
	var broken net.Error
	switch {
	case err == nil, errors.As(err, &later):
		return false
	case errors.As(err, &refusal):
		return refusal.Kind != Unreachable && refusal.Kind != Credential && refusal.Kind != Storage
	}
	return !errors.As(err, &broken) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
