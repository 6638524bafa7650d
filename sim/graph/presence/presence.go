package presence

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Shown is what Teams shows of somebody.
type Shown struct {
	Availability string    `json:"availability"`
	Activity     string    `json:"activity"`
	Until        time.Time `json:"until"` // when it ends; zero: never
}

func (s Shown) ended(now time.Time) bool { return !s.Until.IsZero() && !now.Before(s.Until) }

// person is what is known of one person.
type person struct {
	Sessions  map[string]Shown `json:"sessions"` // by app, and "" for Teams itself
	Preferred *Shown           `json:"preferred,omitempty"`
	Changes   int              `json:"changes"`
}

// Presences are those of a tenant.
type Presences struct {
	world  *world.World
	people *state.Table[person]
}

// New makes the presences of a world that is not open yet.
func New(w *world.World) *Presences {
	return &Presences{w, state.NewTable[person](w.Store, "presences")}
}

// At is what is shown of somebody at a time. Who is signed in nowhere is offline;
// what a person prefers outdoes every session, and of these the one that says no
// most firmly is shown (documentation "Manage presence state", precedence).
func (p *Presences) At(tx *state.Tx, user string, now time.Time) Shown {
	who, _ := p.people.Get(tx, user)
	var best Shown
	for _, s := range who.Sessions {
		if !s.ended(now) && (best.Availability == "" || rank(s) > rank(best)) {
			best = s
		}
	}
	switch {
	case best.Availability == "":
		return Shown{Availability: "Offline", Activity: "Offline"}
	case who.Preferred != nil && !who.Preferred.ended(now):
		return *who.Preferred
	}
	return best
}

// rank orders sessions: DoNotDisturb > Busy > Available > Away.
func rank(s Shown) int {
	return slices.Index([]string{"Offline", "Away", "BeRightBack", "AvailableIdle", "Available", "BusyIdle", "Busy", "DoNotDisturb"}, s.Availability)
}

// Show has Teams itself show something of somebody, until it shows something else;
// the zero Shown signs the person out everywhere.
func (p *Presences) Show(tx *state.Tx, user string, s Shown) {
	who, _ := p.people.Get(tx, user)
	if s.Availability == "" {
		who.Sessions, who.Preferred = nil, nil
	} else {
		who.Sessions = with(who.Sessions, "", s)
	}
	who.Changes++
	p.people.Put(tx, user, who)
}

// with gives the sessions with one more; what is stored is not changed in place.
func with(sessions map[string]Shown, app string, s Shown) map[string]Shown {
	out := map[string]Shown{app: s}
	for k, v := range sessions {
		if k != app {
			out[k] = v
		}
	}
	return out
}

// doc writes a presence.
func (p *Presences) doc(c *wire.Call, user string) wire.Doc {
	c.Touch("", user, world.Read)
	who, _ := p.people.Get(c.Tx, user)
	s := p.At(c.Tx, user, c.Now)
	return wire.Doc{"id": user, "availability": s.Availability, "activity": s.Activity,
		"outOfOfficeSettings": wire.Doc{"message": "", "isOutOfOffice": s.Activity == "OutOfOffice"},
		"sequenceNumber":      "A" + strconv.Itoa(who.Changes)}
}

// Routes gives the family's routes. Graph's schema hangs presences in two places.
func (p *Presences) Routes() []wire.Route {
	var out []wire.Route
	for _, at := range []string{"/users/{user}/presence", "/communications/presences/{user}"} {
		out = append(out, wire.Route{Method: "GET", Path: at, Type: "presence", Handle: p.get})
	}
	action := func(name string, act func(*wire.Call, string) error) {
		out = append(out, wire.Route{Method: "POST", Path: "/users/{user}/presence/" + name, Body: wire.Action,
			Handle: func(c *wire.Call) (wire.Answer, error) {
				user, err := p.find(c)
				if err == nil {
					err = act(c, user)
				}
				return wire.Empty(http.StatusOK), err
			}})
	}
	action("setPresence", p.setSession)
	action("clearPresence", p.clearSession)
	action("setUserPreferredPresence", p.prefer)
	action("clearUserPreferredPresence", p.preferNothing)
	return append(out, wire.Route{Method: "POST", Path: "/communications/getPresencesByUserId", Body: wire.Action, Handle: p.list})
}

// find gives the id of whom the path names.
func (p *Presences) find(c *wire.Call) (string, error) {
	user, ok := p.world.User(c.Tx, c.Arg("user"))
	if !ok {
		return "", wire.Refuse(http.StatusNotFound, "NotFound", "Presence of user '%s' was not found.", c.Arg("user"))
	}
	return user.ID, nil
}

func (p *Presences) get(c *wire.Call) (wire.Answer, error) {
	user, err := p.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(p.doc(c, user)), nil
}

// mostIDs is how many people one call may ask about (documentation of
// getPresencesByUserId; graph-facts §7).
const mostIDs = 650

// list tells of several people. Of an id that is nobody's it says that the presence
// is not known, as Teams does of people whom it does not know.
func (p *Presences) list(c *wire.Call) (wire.Answer, error) {
	ids := param[[]any](c, "ids")
	if len(ids) == 0 || len(ids) > mostIDs {
		return wire.Answer{}, wire.BadRequest("The number of ids must be between 1 and %d.", mostIDs)
	}
	var values []any
	for _, id := range ids {
		text, _ := id.(string)
		if _, ok := p.world.User(c.Tx, text); !ok {
			values = append(values, wire.Doc{"id": text, "availability": "PresenceUnknown", "activity": "PresenceUnknown"})
			continue
		}
		values = append(values, p.doc(c, text))
	}
	return wire.Values("microsoft.graph.presence", values), nil
}

// setSession sets what an app's session shows (documentation of setPresence: the
// combinations, and a duration of 5 to 240 minutes, 5 without one).
func (p *Presences) setSession(c *wire.Call, user string) error {
	s := Shown{Availability: param[string](c, "availability"), Activity: param[string](c, "activity")}
	if !slices.Contains([]string{"Available/Available", "Busy/InACall", "Busy/InAConferenceCall", "Away/Away", "DoNotDisturb/Presenting"}, s.Availability+"/"+s.Activity) {
		return wire.BadRequest("The combination of availability '%s' and activity '%s' is not supported.", s.Availability, s.Activity)
	}
	app, err := p.session(c)
	if err != nil {
		return err
	}
	s.Until, err = until(c, 5*time.Minute, 5*time.Minute, 4*time.Hour)
	if err != nil {
		return err
	}
	who, _ := p.people.Get(c.Tx, user)
	who.Sessions = with(who.Sessions, app, s)
	return p.put(c, user, who)
}

// session is the id of a session, which is the app's own (documentation of
// setPresence, Important).
func (p *Presences) session(c *wire.Call) (string, error) {
	id := param[string](c, "sessionId")
	if !strings.EqualFold(id, c.Caller.AppID) {
		return "", wire.BadRequest("The sessionId must be the id of the application.")
	}
	return id, nil
}

func (p *Presences) clearSession(c *wire.Call, user string) error {
	app, err := p.session(c)
	if err != nil {
		return err
	}
	who, _ := p.people.Get(c.Tx, user)
	if s, has := who.Sessions[app]; !has || s.ended(c.Now) {
		return wire.Refuse(http.StatusNotFound, "NotFound", "The presence session does not exist.")
	}
	rest := with(who.Sessions, app, Shown{})
	delete(rest, app)
	who.Sessions = rest
	return p.put(c, user, who)
}

// prefer sets what a person prefers to show (documentation of
// setUserPreferredPresence: the combinations; without a duration a day for Busy and
// DoNotDisturb, else a week).
func (p *Presences) prefer(c *wire.Call, user string) error {
	s := Shown{Availability: param[string](c, "availability"), Activity: param[string](c, "activity")}
	if !slices.Contains([]string{"Available/Available", "Busy/Busy", "DoNotDisturb/DoNotDisturb", "BeRightBack/BeRightBack", "Away/Away", "Offline/OffWork"}, s.Availability+"/"+s.Activity) {
		return wire.BadRequest("The combination of availability '%s' and activity '%s' is not supported.", s.Availability, s.Activity)
	}
	usual := 7 * 24 * time.Hour
	if s.Availability == "Busy" || s.Availability == "DoNotDisturb" {
		usual = 24 * time.Hour
	}
	var err error
	if s.Until, err = until(c, usual, 5*time.Minute, 7*24*time.Hour); err != nil {
		return err
	}
	who, _ := p.people.Get(c.Tx, user)
	who.Preferred = &s
	return p.put(c, user, who)
}

func (p *Presences) preferNothing(c *wire.Call, user string) error {
	who, _ := p.people.Get(c.Tx, user)
	who.Preferred = nil
	return p.put(c, user, who)
}

func (p *Presences) put(c *wire.Call, user string, who person) error {
	who.Changes++
	p.people.Put(c.Tx, user, who)
	c.Touch("", user, world.Update)
	return nil
}

// until reads the expirationDuration of a call.
func until(c *wire.Call, usual, least, most time.Duration) (time.Time, error) {
	text := param[string](c, "expirationDuration")
	if text == "" {
		return c.Now.Add(usual), nil
	}
	d, ok := duration(text)
	if !ok || d < least || d > most {
		return time.Time{}, wire.BadRequest("The expirationDuration '%s' is not between %s and %s.", text, least, most)
	}
	return c.Now.Add(d), nil
}

// duration reads an ISO 8601 duration of days, hours, minutes and seconds.
func duration(text string) (d time.Duration, ok bool) {
	m := regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`).FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	for i, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // "" is none
		d += time.Duration(n) * unit
	}
	return d, true
}

// param gives a parameter of an action, whose name clients write in either case.
func param[T any](c *wire.Call, name string) T {
	for given, v := range c.Body {
		if strings.EqualFold(given, name) {
			t, _ := v.(T)
			return t
		}
	}
	var none T
	return none
}
