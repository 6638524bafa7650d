package notify

// Tally counts the notifications that came since the process began.
type Tally struct {
	Genuine  int64 // taken in
	Strange  int64 // not with the client state of a subscription of ours
	Unstored int64 // not taken in because the disk did not take their marks
}

// Tally gives the counts.
func (r *Receiver) Tally() Tally {
	return Tally{r.genuine.Load(), r.strange.Load(), r.unstored.Load()}
}
