package kill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// trial is all that takes part in a run of kills.
type trial struct {
	*testing.T
	ctx     context.Context
	seed    uint64
	dice    *rand.Rand
	tenant  *tenant
	crowd   *crowd
	app     *receiver
	scribe  *scribe // an app that writes
	board   *board  // an app that shows who is available
	persons persons // who sign in for another
	door    *door
	members []*member
	key     string // the file with the key, shared by the members
	server  string // the URL of the database that they share; "" for a file of the only member's

	mailboxes int    // how many are fed
	host      string // how the tenant is told to reach the door
	leaver    int    // how many apps have come that want nothing
	skies     uint64 // how often the weather was set
	quiet     func() // stops the crowd and waits for it

	owed       map[string]bool // sinks of which a snapshot was asked for and not confirmed
	retold     map[int64]bool  // replays that were compared
	actors     []actor
	rows       []row    // the effects of the scribe's writes, by the tenant's truth
	lastRow    uint64   // of the truth that was read
	calendars  []string // the default calendars of the scribe's mailboxes, and their zones
	zones      []*time.Location
	boardWrong []string      // what the switchboard showed wrongly at last
	following  func()        // ends the switchboard
	told       time.Duration // how long a rest had taken when it was last said what it waits for

	report report
	kills  int
	hit    map[string]int // moments at which a step killed its gateway
	result tally
	begun  time.Time
}

// tally is what the comparisons found.
type tally struct {
	compared, changes, undelivered, entries, leaked, dead, replays, snapshots, anew int
	presences, followed, people                                                     int
	slowest                                                                         time.Duration
	writes                                                                          writesTally
}

// writesTally is what became of the scribe's writes.
type writesTally struct {
	asked, never, effects, twice, missing, quicker, heard, echoes, referred int
	states                                                                  map[graphwarden.IntentState]int
}

// member is one gateway, over all the processes that it has been.
type member struct {
	*process
	folder, port string
	operate      string // where operators reach it
	apps         string // where apps do
	asked        bool   // to end in an orderly way
}

// begin puts up a tenant, an app, and some gateways over one database.
func begin(t *testing.T, seed uint64, gateways int, server string) *trial {
	t.Helper()
	dice := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) }
	r := &trial{T: t, ctx: t.Context(), seed: seed, dice: dice(1), hit: map[string]int{}, begun: time.Now(), server: server, mailboxes: 3, host: "127.0.0.1", quiet: func() {},
		owed: map[string]bool{}, retold: map[int64]bool{}, actors: actors()}
	t.Cleanup(r.sayAgain)
	_, ready := openTenant(t, seed)
	r.tenant = reach(t, ready)
	r.app = openReceiver(t, dice(2), r.tenant.outside)
	r.scribe = &scribe{r: r, dice: dice(5), inbox: openInbox(t, dice(6))}
	r.board = &board{r: r, people: map[string]doc{}}
	r.acquaint()
	r.door = openDoor(t, dice(3))
	r.crowd = &crowd{tenant: r.tenant, dice: dice(4), events: map[string][]string{}, masters: map[string][]string{}, extra: map[string][]string{}}
	shared := t.TempDir()
	r.key = filepath.Join(shared, "graphwarden.key")
	for range gateways {
		m := &member{folder: t.TempDir(), port: freePort(t), operate: freePort(t), apps: freePort(t)}
		r.members = append(r.members, m)
		r.door.ports = append(r.door.ports, m.port)
	}
	r.register()
	t.Cleanup(r.end)
	return r
}

// end stops what still runs.
func (r *trial) end() {
	r.quiet()
	if r.following != nil {
		r.following()
	}
	for _, m := range r.members {
		if m.process != nil && m.alive() {
			m.kill()
		}
	}
}

// fed are the ids of the people whose calendars are fed.
func (r *trial) fed() []string {
	var ids []string
	for _, u := range r.tenant.Users[:r.mailboxes] {
		ids = append(ids, u.ID)
	}
	return ids
}

// configure writes a member's configuration as things are now.
func (r *trial) configure(m *member) {
	r.Helper()
	files := map[string]string{"sink.secret": sinkSecret}
	var registrations strings.Builder
	for _, name := range []string{"reader", "calendar", "presence"} {
		a := r.tenant.app(name)
		files[name+".secret"] = a.ClientSecret
		fmt.Fprintf(&registrations, "      %s: {client_id: %s, secret_file: %s.secret}\n", name, a.ClientID, name)
	}
	var names []string
	for _, u := range r.tenant.Users[:r.mailboxes] {
		names = append(names, u.UserPrincipalName)
	}
	flow := func(name, path string, mailboxes []string, more string) string {
		return fmt.Sprintf("  %s:\n    app: %s\n    kind: calendar\n    tenant: contoso\n    registration: calendar\n    mailboxes: [%s]\n    window: {from: %s, to: %s}\n    sink: {url: %q, secret_file: sink.secret}\n%s",
			name, name, strings.Join(mailboxes, ", "), r.tenant.from.Format(time.DateOnly), r.tenant.to.Format(time.DateOnly), r.app.URL+path, more)
	}
	more, scribing := r.scribing(files)
	registrations.WriteString(more)
	people, receiving := r.receiving(files)
	registrations.WriteString(people)
	flows := scribing + receiving + flow("office", "/app", names, "    sinks: {warehouse: {type: table}}\n")
	flows += fmt.Sprintf("  board: {app: board, kind: presence, tenant: contoso, registration: presence, mailboxes: [%s], presence: {settings: true}}\n", strings.Join(names[:len(policies())], ", "))
	flows += fmt.Sprintf("  calls: {app: calls, kind: presence, tenant: contoso, registration: presence, mailboxes: [%s], presence: {settings: true, teams: true}}\n", names[0])
	if r.leaver > 0 {
		flows += flow(fmt.Sprint("leaver-", r.leaver), "/gone", names[:1], "")
	}
	_, port, _ := strings.Cut(r.door.Addr().String(), ":")
	tenantAt, appAt := host(r.tenant.Graph), host(r.app.URL)
	inboxAt := host(r.scribe.inbox.URL)
	files["graphwarden.yaml"] = fmt.Sprintf(`database: %q
key: %q
listen: %s
operate: %s
apps: %s
operator_token_file: operator.token
public_url: http://%s:%s
sweep: {woken: 3s, alone: 2s}
admit: [%q, %q, %q]
tenants:
  contoso:
    id: %s
    cloud: {login: %q, graph: %q}
    ca: %q
    registrations:
%sflows:
%s`, r.database(), r.key, m.port, m.operate, m.apps, r.host, port, tenantAt, appAt, inboxAt, r.tenant.Tenant.ID, r.tenant.Authority, r.tenant.Graph, r.tenant.CA, registrations.String(), flows)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(m.folder, name), []byte(content), 0o600); err != nil {
			r.Fatal(err)
		}
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// database is how the members' configuration names it.
func (r *trial) database() string {
	if r.server != "" {
		return r.server
	}
	return "graphwarden.db"
}

// options are how the database is opened while no gateway runs.
func (r *trial) options() store.Options {
	if r.server != "" {
		return store.Options{URL: r.server}
	}
	return store.Options{Path: filepath.Join(r.members[0].folder, "graphwarden.db")}
}

// start starts a member that is down, to die at a moment if one is given.
func (r *trial) start(m *member, armed string) {
	r.Helper()
	r.configure(m)
	p, err := start(m.folder, "gateway", roleArmed+"="+armed)
	if err != nil {
		r.Fatal(err)
	}
	m.process, m.asked = p, false
}

// up starts every member that is down.
func (r *trial) up() {
	r.Helper()
	for _, m := range r.members {
		if m.process == nil || !m.alive() {
			r.mourn(m)
			r.start(m, "")
		}
	}
}

// mourn fails the trial if a member did not die by a kill.
func (r *trial) mourn(m *member) {
	r.Helper()
	if m.process != nil && !m.killed() && !m.asked {
		r.Fatalf("the gateway ended by itself (%s):\n%s", m.cmd.ProcessState, m.tail())
	}
}

// strike kills a member at whatever it is doing.
func (r *trial) strike(m *member) {
	if m.process == nil || !m.alive() {
		return
	}
	m.kill()
	r.kills++
}

// any gives one of the members.
func (r *trial) any() *member { return r.members[r.dice.IntN(len(r.members))] }

// for a while, or until a member dies.
func (r *trial) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.ctx.Done():
	}
}

// storm has the actors act and the weather be bad.
func (r *trial) storm() {
	r.crowd.mu.Lock()
	r.crowd.users = r.fed()
	r.crowd.mu.Unlock()
	ctx, stop := context.WithCancel(r.ctx)
	var all sync.WaitGroup
	for _, a := range r.actors {
		if a.live != nil {
			all.Go(func() { a.live(r, ctx) })
		}
	}
	r.quiet = sync.OnceFunc(func() { stop(); all.Wait() })
	r.app.be(func(a *receiver) { a.good, a.down, a.sour = false, false, false })
	r.scribe.inbox.be(false)
	r.sky()
}

// sky makes the weather bad, with some rules that come first.
func (r *trial) sky(rules ...doc) {
	r.Helper()
	r.skies++
	if err := r.tenant.weather(r.ctx, r.seed+r.skies, "hard", rules...); err != nil {
		r.Fatal(err)
	}
}

// random kills a member at a random moment, also while it starts, and while it
// does what actors have asked for.
func (r *trial) random() {
	r.Helper()
	r.up()
	r.ask()
	for _, a := range r.actors {
		if a.turn != nil && r.dice.IntN(a.once) == 0 {
			a.turn(r)
		}
	}
	r.pause(time.Duration(20+r.dice.IntN(1400)) * time.Millisecond)
	r.strike(r.any())
}

// passed gives every moment that any member has passed, and those that are not
// in the list of steps.
func (r *trial) passed() map[string]bool {
	out := map[string]bool{}
	for _, m := range r.members {
		for _, line := range noted(m.folder) {
			if moment, ok := strings.CutPrefix(line, "passed "); ok {
				out[moment] = true
			}
		}
	}
	return out
}

// died says whether any member has died at a moment since it was armed, by how
// often that was noted.
func (r *trial) died(moment string) int {
	n := 0
	for _, m := range r.members {
		for _, line := range noted(m.folder) {
			if line == "killed "+moment {
				n++
			}
		}
	}
	return n
}

// comeWithin is how long a step is provoked before something else has its turn.
const comeWithin = 2 * time.Minute

// at has a member die at a moment of a step, which is provoked until it comes;
// false means that it did not come for a while.
func (r *trial) at(moment string) bool {
	r.Helper()
	before, began := r.died(moment), time.Now()
	_, name, _ := strings.Cut(moment, " ")
	r.up()
	for _, m := range r.members {
		m.arm(moment)
	}
	deadline, came := time.Now().Add(comeWithin), true
	for {
		if provoke := provocations[name]; provoke != nil {
			provoke(r, moment)
		}
		for again := time.Now().Add(4 * time.Second); time.Now().Before(again) && r.died(moment) == before; {
			r.pause(20 * time.Millisecond)
		}
		if r.died(moment) > before {
			break
		}
		if time.Now().After(deadline) {
			came = false
			break
		}
		for _, m := range r.members {
			if !m.alive() {
				r.mourn(m)
				r.start(m, moment)
			}
		}
	}
	for _, m := range r.members {
		m.arm("")
	}
	for _, m := range r.members {
		if slices.Contains(noted(m.folder), "killed "+moment) {
			select {
			case <-m.ended:
				r.kills++
			case <-time.After(50 * time.Millisecond): // another process of it died there
			}
		}
	}
	if came {
		r.hit[moment]++
	}
	if spent := time.Since(began); spent > 8*time.Second {
		r.Logf("%s took %s to come to", moment, spent.Round(time.Second))
	}
	r.app.be(func(a *receiver) { a.down, a.sour = false, false })
	return came
}
