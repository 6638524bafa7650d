package gate

// Tally says how the limits that Microsoft sets are used at present, and how often
// calls were told to wait since the process began.
type Tally struct {
	Used    float64 // of its window, by the mailbox that used most: 0 to 1
	Paused  int     // owners that Microsoft asked to wait
	Queued  int     // calls that wait for one of a mailbox's places
	Putoff  int64   // calls that were told to come again later
	Refused int64   // answers by which Microsoft asked to wait
}

// Tally counts.
func (g *Gate) Tally() Tally {
	b := g.shared.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	t, now := Tally{Putoff: b.putOff, Refused: b.refused}, b.now()
	for o, k := range b.buckets {
		if k.until.After(now) {
			t.Paused++
		}
		if o.mailbox == "" {
			continue
		}
		for _, line := range k.places.waiting {
			t.Queued += len(line)
		}
		total := 0
		for i, n := range k.spent {
			if age := (now.UnixNano()/int64(windowStep) - k.part); age < windowParts && outlives(k.part, age, i) {
				total += n
			}
		}
		t.Used = max(t.Used, float64(total)/windowSize)
	}
	return t
}

// outlives says whether part i of a window that was last charged in a part still
// counts when age parts have gone by since.
func outlives(part, age int64, i int) bool {
	behind := ((part-int64(i))%windowParts + windowParts) % windowParts
	return behind+age < windowParts
}
