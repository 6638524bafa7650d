package kill

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// provocations bring a gateway to steps that it seldom or never comes to by
// itself. They are repeated until the step has come.
var provocations = map[string]func(r *trial, moment string){
	"roster:ask": (*trial).newMailbox, "roster:pin": (*trial).newMailbox,

	"token:lease": (*trial).refuseToken, "token:obtain": (*trial).refuseToken, "token:store": (*trial).refuseToken,

	"keeper:subscribe": (*trial).removeSubscriptions, "keeper:store": (*trial).removeSubscriptions,
	"keeper:mark": (*trial).removeSubscriptions, "notify:forget": (*trial).removeSubscriptions,
	"keeper:renew": (*trial).reauthorize, "notify:renew": (*trial).reauthorize,
	"keeper:forget": (*trial).moveAddress, "keeper:unsubscribe": (*trial).moveAddress,

	"mirror:ask": (*trial).restart, "mirror:find": (*trial).restart, "mirror:hurry": (*trial).restart, "deliver:sink": (*trial).restart,
	"deliver:retire": (*trial).restart, "duty:hold": (*trial).restart, "duty:letgo": (*trial).leave, "life:free": (*trial).leave,
	"mirror:drop": (*trial).dropCalendar,
	"mirror:reset": func(r *trial, _ string) {
		r.sky(doc{"match": "GET /users/*/calendars/*/calendarView/delta*?**token=*", "status": 410, "times": 1})
	},
	"mirror:defer": func(r *trial, _ string) {
		r.sky(doc{"match": "GET /users/*/calendars/*/calendarView/delta*", "status": 503, "times": 1})
	},

	"mirror:later": func(r *trial, _ string) {
		r.sky(doc{"match": "GET /users/*/events/*", "status": 503, "times": 5})
	},

	"act:draft":    func(r *trial, _ string) { r.scribe.try(r.ctx, r.scribe.wishFor(graphwarden.SendMailOnce)) },
	"attach:begin": (*trial).parcel, "attach:piece": (*trial).parcel, "attach:whole": (*trial).parcel, "attach:look": (*trial).parcel,
	"attach:add": (*trial).parcel, "attach:session": (*trial).parcel, "attach:put": (*trial).parcel,
	"attach:stands": func(r *trial, moment string) {
		r.sky(doc{"match": "PUT /api/v2.0/**", "cut": "after", "times": 1})
		r.parcel(moment)
	},
	"act:lease": (*trial).writeInBadWeather, "act:later": (*trial).writeInBadWeather, "act:amend": (*trial).writeInBadWeather,

	"people:begin": signIn, "people:claim": signIn, "people:redeem": signIn, "people:end": signIn, "people:take": signIn, "people:put": signIn,
	"people:drop": func(r *trial, moment string) { signIn(r, moment); r.persons.leave() },
	"people:tell": func(r *trial, moment string) { signIn(r, moment); r.persons.lose() },

	"presence:ask": (*trial).restart, // else it asks every 15 seconds

	"deliver:postpone": (*trial).declineSome, "deliver:acknowledge": (*trial).declineSome,
	"deliver:hurry": (*trial).longDown,
	"deliver:note":  (*trial).declineSome, "deliver:bury": (*trial).buryOne,
	"deliver:replay": (*trial).replay, "deliver:told": (*trial).replay, "deliver:replayed": (*trial).replay,
	"deliver:enable":  func(r *trial, _ string) { r.operator("/v1/sinks/enable", doc{"sink": "office"}) },
	"deliver:disable": func(r *trial, moment string) { r.leaver++; r.restart(moment) },
}

// signIn has somebody sign in, in good weather: there are many pages on the way.
func signIn(r *trial, _ string) {
	if err := r.tenant.weather(r.ctx, r.seed, "off"); err != nil {
		r.Fatal(err)
	}
	r.persons.signIn()
	r.sky()
}

// writeInBadWeather has Microsoft not take the scribe's writes for a while, so that they
// are tried later; meanwhile somebody changes what the scribe is about to change.
func (r *trial) writeInBadWeather(string) {
	r.sky(doc{"match": "PATCH /users/*/events/*", "status": 503, "times": 8}, doc{"match": "POST /users/*/events", "status": 503, "times": 2})
	w := r.scribe.wishFor(graphwarden.UpdateEvent)
	if w == nil || w.item == "" {
		r.pause(time.Second)
		return
	}
	r.scribe.try(r.ctx, w)
	for range 10 {
		_, err := r.tenant.outlook(r.ctx, http.MethodPatch, r.tenant.Users[w.box].ID, "/events/"+url.PathEscape(w.item), doc{"importance": "high"})
		if err == nil {
			break
		}
	}
	r.pause(2 * time.Second)
}

// restart kills every member and starts it again, to die at the moment, and gives them
// time to come to it: who is restarted over and over comes to nothing.
func (r *trial) restart(moment string) {
	before := r.died(moment)
	for _, m := range r.members {
		r.strike(m)
		r.start(m, moment)
	}
	r.until(12*time.Second, func() bool { return r.died(moment) > before })
}

// leave has every member end in an orderly way, once it has had time to take up
// duties.
func (r *trial) leave(string) {
	r.pause(3 * time.Second)
	for _, m := range r.members {
		if m.alive() {
			m.asked = true
			_ = m.stdin.Close()
		}
	}
}

// newMailbox has one more mailbox fed.
func (r *trial) newMailbox(moment string) {
	if r.mailboxes < len(r.tenant.Users) {
		r.mailboxes++
	}
	r.restart(moment)
}

// moveAddress has the tenant reach the gateway by another name.
func (r *trial) moveAddress(moment string) {
	r.host = map[string]string{"127.0.0.1": "localhost", "localhost": "127.0.0.1"}[r.host]
	r.restart(moment)
}

// refuseToken has Microsoft refuse a token that is not at its end.
func (r *trial) refuseToken(string) {
	r.sky(doc{"match": "GET /users/*/calendars/*/calendarView/delta*", "status": 401, "times": 1})
}

func (r *trial) removeSubscriptions(string) {
	r.Helper()
	if err := r.tenant.lifecycle(r.ctx, "subscriptionRemoved"); err != nil {
		r.Fatal(err)
	}
}

func (r *trial) reauthorize(string) {
	r.Helper()
	if err := r.tenant.lifecycle(r.ctx, "reauthorizationRequired"); err != nil {
		r.Fatal(err)
	}
}

// dropCalendar takes a calendar away that is fed; where there is none, it makes
// one for the next time.
func (r *trial) dropCalendar(moment string) {
	user := r.fed()[0]
	if id := r.crowd.pick(r.crowd.extra, user, true); id != "" {
		_, _ = r.tenant.outlook(r.ctx, http.MethodDelete, user, "/calendars/"+url.PathEscape(id), nil) // it meets the weather too
	} else {
		_ = r.crowd.calendar(r.ctx, user)
	}
	r.restart(moment)
}

// declineSome has the app decline what comes, one by one, until some has come.
func (r *trial) declineSome(string) {
	r.app.be(func(a *receiver) { a.sour = true })
	r.until(20*time.Second, func() bool { return r.app.vain() > 0 })
	r.app.be(func(a *receiver) { a.sour = false })
	r.pause(2 * time.Second) // what was declined is tried again after five
}

// longDown has the app be down for longer than a moment, and come back. Rests of
// 1, 2, 4 and 8 seconds lie between the five times that count as long.
func (r *trial) longDown(string) {
	r.app.be(func(a *receiver) { a.down = true })
	r.until(30*time.Second, func() bool { return r.app.vain() > 0 })
	r.pause(17 * time.Second)
	r.app.be(func(a *receiver) { a.down = false })
	r.until(50*time.Second, func() bool { return slices.ContainsFunc(r.members, func(m *member) bool { return !m.alive() }) })
}

// until waits for something that may not come.
func (r *trial) until(most time.Duration, holds func() bool) {
	for late := time.Now().Add(most); !holds() && time.Now().Before(late); {
		r.pause(20 * time.Millisecond)
	}
}
