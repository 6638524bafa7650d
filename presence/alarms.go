package presence

import (
	"container/heap"
	"time"
)

// alarms say who is due when, one time for each person: when their state changes
// by itself. Setting one and taking the first cost a logarithm of how many there
// are.
type alarms struct {
	list []*member
}

// set has a person be due at a time, or at none.
func (a *alarms) set(m *member, at time.Time) {
	m.dueAt = at
	switch {
	case at.IsZero() && m.place > 0:
		heap.Remove(a, m.place-1)
	case at.IsZero():
	case m.place > 0:
		heap.Fix(a, m.place-1)
	default:
		heap.Push(a, m)
	}
}

// due takes the first person who is due by now.
func (a *alarms) due(now time.Time) (*member, bool) {
	if len(a.list) == 0 || a.list[0].dueAt.After(now) {
		return nil, false
	}
	return heap.Pop(a).(*member), true
}

// first is when the next person is due; zero when nobody is.
func (a *alarms) first() time.Time {
	if len(a.list) == 0 {
		return time.Time{}
	}
	return a.list[0].dueAt
}

// Len, Less, Swap, Push and Pop are for package heap.
func (a *alarms) Len() int           { return len(a.list) }
func (a *alarms) Less(i, j int) bool { return a.list[i].dueAt.Before(a.list[j].dueAt) }

// Swap is for package heap.
func (a *alarms) Swap(i, j int) {
	a.list[i], a.list[j] = a.list[j], a.list[i]
	a.list[i].place, a.list[j].place = i+1, j+1
}

// Push is for package heap.
func (a *alarms) Push(x any) {
	m := x.(*member)
	a.list = append(a.list, m)
	m.place = len(a.list)
}

// Pop is for package heap.
func (a *alarms) Pop() any {
	m := a.list[len(a.list)-1]
	a.list[len(a.list)-1] = nil
	a.list = a.list[:len(a.list)-1]
	m.place = 0
	return m
}
