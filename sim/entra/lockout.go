package entra

import (
	"sync"
	"time"
)

// Smart lockout: after ten wrong passwords an account is locked for a minute
// (Microsoft Entra, "Protect user accounts from attacks with smart lockout"). The
// count does not outlive the process, since a refused sign-in changes no state.
const (
	lockedAfter = 10
	lockedFor   = time.Minute
)

// lockouts counts wrong passwords by user.
type lockouts struct {
	mu    sync.Mutex
	users map[string]failures
}

type failures struct {
	count int
	last  time.Time
}

// locked says whether an account is locked at that time.
func (l *lockouts) locked(user string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.users[user]
	return f.count >= lockedAfter && now.Sub(f.last) < lockedFor
}

// note takes down how a sign-in went.
func (l *lockouts) note(user string, now time.Time, good bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.users[user]
	if good || now.Sub(f.last) >= lockedFor && f.count >= lockedAfter {
		f = failures{}
	}
	if !good {
		f = failures{f.count + 1, now}
	}
	if l.users == nil {
		l.users = map[string]failures{}
	}
	l.users[user] = f
}
