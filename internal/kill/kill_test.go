package kill

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/internal/pg"
)

var (
	kills = flag.Int("kills", 6, "how many kills there are at least")
	steps = flag.Bool("steps", false, "kill at every named step, before and after its effect")
	only  = flag.String("only", "", "with -steps: those whose names match this expression")
	most  = flag.Duration("within", 0, "with -steps: those that have not had their turn by then are left out; 0 is none")
	seed  = flag.Uint64("seed", 0, "what chance follows from; 0 is another one each time")
)

// every is after how many kills everything comes to rest and is compared.
const every = 25

// TestNothingIsLostWhateverIsKilled is the trial on SQLite, with one gateway.
func TestNothingIsLostWhateverIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills for some minutes")
	}
	t.Parallel() // with the others, for it waits more than it works
	run(t, 1, "")
}

// TestNothingIsLostOnPostgreSQL is the trial on a database that three gateways
// share.
func TestNothingIsLostOnPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("it kills for some minutes")
	}
	t.Parallel() // with the others, for it waits more than it works
	run(t, 3, pg.New(t))
}

func run(t *testing.T, gateways int, server string) {
	from := *seed
	if from == 0 {
		from = rand.Uint64()
	}
	t.Logf("seed %d", from)
	r := begin(t, from, gateways, server)
	r.up()
	r.settle() // the first sync, in peace
	r.storm()
	var plan []string
	if *steps {
		for _, name := range chosen() {
			plan = append(plan, "before "+name, "after "+name)
		}
		r.dice.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	}
	last, missed := 0, map[string]bool{}
	for r.kills < *kills || len(plan) > 0 {
		if *most > 0 && time.Since(r.begun) > *most && len(plan) > 0 {
			r.Logf("there is no time for %d steps: %s", len(plan), strings.Join(plan, ", "))
			plan = nil
			continue
		}
		if len(plan) > 0 && (r.dice.IntN(2) == 0 || r.kills >= *kills) {
			moment := plan[0]
			plan = plan[1:]
			if !r.at(moment) { // at another time, in other weather
				if missed[moment] {
					r.Fatalf("twice, for %s, no gateway came to %q", comeWithin, moment)
				}
				missed[moment] = true
				plan = append(plan, moment)
			}
		} else {
			r.random()
		}
		if r.kills-last >= every {
			last = r.kills
			r.settle()
			r.up()
			r.storm()
		}
	}
	r.settle()
	r.conclude()
}

// chosen are the steps to kill at.
func chosen() []string {
	match := regexp.MustCompile(*only)
	return slices.DeleteFunc(assemble.Steps(), func(name string) bool { return !match.MatchString(name) })
}

// conclude prints the figures, and fails if a step was never passed or a passed
// one is not in the list.
func (r *trial) conclude() {
	passed := r.passed()
	for moment := range passed {
		if _, name, _ := strings.Cut(moment, " "); name != "commit" && !slices.Contains(assemble.Steps(), name) {
			r.Errorf("the step %q is not in the list of steps", name)
		}
	}
	if *steps && *most == 0 {
		for _, name := range chosen() {
			if !passed["before "+name] || !passed["after "+name] {
				r.Errorf("no gateway ever passed through the step %q", name)
			}
		}
	}
	c, t := r.crowd, r.result
	r.app.mu.Lock()
	defer r.app.mu.Unlock()
	r.Logf("kills %d, steps cut %d, comparisons %d, changes made by people %d (and %d that met the weather), changes stored %d, taken by the app %d, not taken %d, duplicates dropped %d, dead letters told again %d, replays %d, snapshots %d (items told %d, apps that began anew %d), ledger entries %d, subscriptions left over %d, slowest rest %s, seed %d, %d s",
		r.kills, len(r.hit), t.compared, c.made, c.failed, t.changes, r.app.changes, t.undelivered, r.app.doubles, t.dead, t.replays, t.snapshots, len(r.app.shots), t.anew, t.entries, t.leaked,
		t.slowest.Round(time.Millisecond), r.seed, int(time.Since(r.begun).Seconds()))
	w := t.writes
	r.Logf("writes asked for %d (answered without being kept %d), %v, effects %d, missing %d, twice %d, somebody else was quicker %d; made events told with their reference %d, updates of others told %d, echoes %d; states of people told to the switchboard %d, which came back %d times; people signed in for an app %d, left it %d, not so far because it was not %v, events of connections %d",
		w.asked, w.never, w.states, w.effects, w.missing, w.twice, w.quicker, w.referred, w.heard, w.echoes, t.presences, t.followed, r.persons.signedIn, r.persons.left, r.persons.declined, t.people)
	if t.leaked > r.kills {
		r.Errorf("%d subscriptions are left over, more than there were kills", t.leaked)
	}
}
