package gate

import "context"

// queue gives places to those who wait, in turn for each app: however much one
// app asks for, another that asks too gets every second place. It is guarded by
// the budget's mutex.
type queue struct {
	free    int
	waiting map[string][]chan struct{} // by app, the first first
	turns   []string                   // the apps that wait, the next first
}

// join takes a place, or gives what to wait for.
func (q *queue) join(app string) chan struct{} {
	if q.free > 0 {
		q.free--
		return nil
	}
	if q.waiting == nil {
		q.waiting = map[string][]chan struct{}{}
	}
	if len(q.waiting[app]) == 0 {
		q.turns = append(q.turns, app)
	}
	turn := make(chan struct{}, 1)
	q.waiting[app] = append(q.waiting[app], turn)
	return turn
}

// leave hands a place on.
func (q *queue) leave() {
	if len(q.turns) == 0 {
		q.free++
		return
	}
	app := q.turns[0]
	q.turns = q.turns[1:]
	line := q.waiting[app]
	line[0] <- struct{}{}
	if line = line[1:]; len(line) == 0 {
		delete(q.waiting, app)
		return
	}
	q.waiting[app] = line
	q.turns = append(q.turns, app)
}

// giveUp takes somebody out of the line. One whose turn came meanwhile has a
// place, which is handed on.
func (q *queue) giveUp(app string, turn chan struct{}) {
	line := q.waiting[app]
	for i := range line {
		if line[i] != turn {
			continue
		}
		line = append(line[:i:i], line[i+1:]...)
		q.waiting[app] = line
		if len(line) == 0 {
			delete(q.waiting, app)
			for k, other := range q.turns {
				if other == app {
					q.turns = append(q.turns[:k:k], q.turns[k+1:]...)
					break
				}
			}
		}
		return
	}
	q.leave()
}

// enter waits for a place, and charges the call. It answers Later without
// waiting when the owner is paused or has spent its window.
func (b *budget) enter(ctx context.Context, o owner, app string) error {
	if turn := b.join(o, app); turn != nil {
		select {
		case <-turn:
		case <-ctx.Done():
			b.mu.Lock()
			defer b.mu.Unlock()
			b.bucket(o).places.giveUp(app, turn)
			return ctx.Err()
		}
	}
	if err := b.charge(o); err != nil {
		b.leave(o)
		return err
	}
	return nil
}

func (b *budget) join(o owner, app string) chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if places := b.bucket(o).places; places != nil {
		return places.join(app)
	}
	return nil
}

// leave frees the place of a call that is over.
func (b *budget) leave(o owner) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if places := b.bucket(o).places; places != nil {
		places.leave()
	}
}
