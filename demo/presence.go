package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/docs/blueprints"
)

// Presence is the name of the story that its blueprint has: a switchboard that
// knows who is available.
const Presence = "presence"

// cast is how many people the story is about; their day is cleared for it.
const cast = 4

// tellPresence plays the story of a switchboard, with the blueprint's own
// configuration.
func (s *stage) tellPresence(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{
		s.wired, s.atFirst, s.meetings, s.byThemselves, s.privately, s.cutOff, s.moreThanCalendars,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.chapter("What to try next")
	s.say("docs/blueprints/presence.md             from nothing to this, with your own tenant")
	s.say("docs/presence.md                        what each state and field means")
	if s.options.Once {
		return nil
	}
	return s.goOnCalling(ctx)
}

// wired connects a switchboard by the blueprint.
func (s *stage) wired(ctx context.Context) error {
	s.chapter("A switchboard, connected by the blueprint presence.yaml")
	for n := range cast {
		if err := s.clearDay(ctx, n); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := s.connectSwitchboard(ctx); err != nil {
		return err
	}
	s.did("one registration may read calendars, one sends mail, one finds mailboxes by name; none can do more (%s)", round(time.Since(began)))
	key, err := s.gateway.newKey(ctx, "switchboard", "read")
	if err != nil {
		return err
	}
	s.did("the switchboard has a key: it sees the presence of %d people, and nothing else", len(s.simulator.Users))
	s.switchboard = startSwitchboard(ctx, "http://"+s.gateway.apps, key)
	s.closing = append(s.closing, s.switchboard.stop)
	return nil
}

// clearDay takes everything off somebody's default calendar that is near.
func (s *stage) clearDay(ctx context.Context, n int) error {
	id, _ := s.person(n)
	now := time.Now().UTC()
	q := url.Values{"startDateTime": {now.AddDate(0, 0, -1).Format(time.RFC3339)}, "endDateTime": {now.AddDate(0, 0, 2).Format(time.RFC3339)}, "$top": {"200"}}
	var events []string
	err := s.outlook.each(ctx, s.outlook.at(id, "/calendarView?"+q.Encode()), func(d doc) { events = append(events, text(d, "id")) })
	for _, e := range events {
		if err == nil {
			_, err = s.outlook.do(ctx, http.MethodDelete, s.outlook.at(id, "/events/"+url.PathEscape(e)), nil)
		}
	}
	return err
}

// connectSwitchboard writes the blueprint with this tenant's names in it, and starts
// a gateway by it.
func (s *stage) connectSwitchboard(ctx context.Context) error {
	var addresses []string
	for range 3 {
		a, err := freeAddress()
		if err != nil {
			return err
		}
		addresses = append(addresses, a)
	}
	path, err := s.writeBlueprint(addresses[0], addresses[1], addresses[2], "")
	if err != nil {
		return err
	}
	if s.gateway, err = startGateway(ctx, s.screen, s.options.Executable, s.folder, path, addresses[0], addresses[1]); err != nil {
		return err
	}
	s.gateway.apps = addresses[2]
	s.closing = append(s.closing, func() error { return s.gateway.stop() })
	return nil
}

// writeBlueprint puts this tenant's names into the blueprint. Besides them the file
// says what only a simulator on this machine needs.
func (s *stage) writeBlueprint(listen, operate, apps, wants string) (string, error) {
	text, err := blueprints.Read(Presence)
	if err != nil {
		return "", err
	}
	reader, readerSecret, _ := s.simulator.app("reader")
	presence, presenceSecret, _ := s.simulator.app("presence")
	mail, mailSecret, _ := s.simulator.app("mail")
	var hosts []string
	for _, address := range []string{s.simulator.Graph, s.simulator.Authority} {
		if u, err := url.Parse(address); err == nil {
			hosts = append(hosts, fmt.Sprintf("%q", u.Host))
		}
	}
	slices.Sort(hosts)
	upns := s.upns(0, len(s.simulator.Users))
	_, domain, _ := strings.Cut(upns[0], "@")
	text = strings.NewReplacer(
		"listen: 127.0.0.1:8080", fmt.Sprintf("listen: %s\npublic_url: http://%s\noperate: %s\napps: %s\nsweep: {woken: 5s, alone: 2s}\nadmit: [%s]\n#", listen, listen, operate, apps, strings.Join(slices.Compact(hosts), ", ")),
		"    id: 11111111-2222-3333-4444-555555555555", fmt.Sprintf("    cloud: {login: %q, graph: %q}\n    ca: %q\n    id: %s", s.simulator.Authority, s.simulator.Graph, s.simulator.CA, s.simulator.Tenant.ID),
		"66666666-7777-8888-9999-000000000000", reader, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", presence, "bbbbbbbb-cccc-dddd-eeee-ffffffffffff", mail,
		"      - anna@contoso.com\n      - ben@contoso.com\n      - reception@contoso.com", "      - "+strings.Join(upns, "\n      - "),
		"[reception@contoso.com]", "["+upns[0]+"]", "recipients: [contoso.com]", "recipients: ["+domain+"]",
	).Replace(text)
	for _, want := range strings.Fields(wants) {
		text = strings.Replace(text, want+": false", want+": true", 1)
	}
	files := map[string]string{Presence + ".yaml": text, "reader.secret": readerSecret, Presence + ".secret": presenceSecret, "mail.secret": mailSecret}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("writing the demo's configuration: %w", err)
		}
	}
	return filepath.Join(s.folder, Presence+".yaml"), nil
}

// atFirst shows what the switchboard is told when it comes.
func (s *stage) atFirst(ctx context.Context) error {
	s.chapter("At first the switchboard is told everybody's state")
	late := time.After(awaitWithin)
	for {
		n := s.switchboard.known()
		s.progress(n, len(s.simulator.Users), fmt.Sprintf("%d of %d calendars read", n, len(s.simulator.Users)))
		if n == len(s.simulator.Users) {
			break
		}
		select {
		case <-s.switchboard.heard:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("only %d of %d people's states were told within %s", n, len(s.simulator.Users), awaitWithin)
		}
	}
	for n := range min(8, len(s.simulator.Users)) {
		_, upn := s.person(n)
		s.say("%s", shown(s.switchboard.of(upn)))
	}
	s.did("%d people; each state with its source and permission: %s", s.switchboard.known(), s.switchboard.of(s.simulator.Users[0].UPN).Permission)
	s.say("what a calendar cannot know (at the desk, in a call) is \"unknown\", not guessed")
	return nil
}

// meetings has people change their calendars.
func (s *stage) meetings(ctx context.Context) error {
	s.chapter("People change their calendars in Outlook, the switchboard hears of it")
	id, upn := s.person(0)
	event, err := s.does(ctx, upn, "busy", func() (string, error) { return s.put(ctx, id, "Customer call", 0, time.Hour, nil) })
	if err != nil {
		return err
	}
	s.say("%s makes it two hours, then ends it early:", first(upn))
	end := doc{"end": moment(time.Now().Add(2 * time.Hour))}
	if _, err := s.does(ctx, upn, "busy", func() (string, error) { return s.patch(ctx, id, event, end) }); err != nil {
		return err
	}
	if _, err := s.does(ctx, upn, "available", func() (string, error) { return s.remove(ctx, id, event) }); err != nil {
		return err
	}
	id, upn = s.person(1)
	s.say("%s is away all day, where the mailbox is, whatever the clock is here:", first(upn))
	day := time.Now().Format(time.DateOnly)
	_, err = s.does(ctx, upn, "outOfOffice", func() (string, error) {
		return s.put(ctx, id, "Holiday", 0, 0, doc{"showAs": "oof", "isAllDay": true,
			"start": doc{"dateTime": time.Now().AddDate(0, 0, -1).Format(time.DateOnly) + "T00:00:00", "timeZone": "UTC"},
			"end":   doc{"dateTime": nextDay(day) + "T00:00:00", "timeZone": "UTC"}})
	})
	return err
}

// nextDay is the day after the next: no zone is so far behind that it is over.
func nextDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, 2).Format(time.DateOnly)
}

// byThemselves shows meetings that begin and end without anybody doing anything.
func (s *stage) byThemselves(ctx context.Context) error {
	s.chapter("Meetings begin and end by themselves")
	id, upn := s.person(2)
	begins := time.Now().Add(4 * time.Second).Truncate(time.Second)
	ends := begins.Add(3 * time.Second)
	s.say("a meeting of three seconds is put into the calendar of %s, four seconds ahead:", first(upn))
	span := doc{"start": moment(begins), "end": moment(ends)}
	if _, err := s.put(ctx, id, "A very short meeting", 0, time.Hour, span); err != nil {
		return err
	}
	for _, at := range []struct {
		state string
		when  time.Time
	}{{"busy", begins}, {"available", ends}} {
		line, err := s.awaitState(ctx, upn, at.state)
		if err != nil {
			return err
		}
		s.told(line, line.at.Sub(at.when), "the hour")
	}
	return nil
}

// privately shows that of a private meeting nothing but its time is told.
func (s *stage) privately(ctx context.Context) error {
	s.chapter("A private meeting shows its time, and nothing else")
	id, upn := s.person(2)
	const subject = "Second opinion, Dr Sommer"
	_, err := s.does(ctx, upn, "busy", func() (string, error) {
		return s.put(ctx, id, subject, 0, time.Hour, doc{"sensitivity": "private"})
	})
	if err != nil {
		return err
	}
	if s.switchboard.everHeard(subject) {
		return fmt.Errorf("the switchboard was told what a private meeting is about")
	}
	s.did("what it is about never left the gateway: searched for in all that the switchboard was sent")
	return nil
}

// cutOff kills the gateway while people go on.
func (s *stage) cutOff(ctx context.Context) error {
	s.chapter("kill -9: the gateway dies, people go on, the switchboard comes back")
	id, upn := s.person(3)
	if err := s.gateway.kill(); err != nil {
		return err
	}
	told := s.switchboard.count()
	_, err := s.does(ctx, upn, "busy", func() (string, error) { return s.put(ctx, id, "While you were away", 0, time.Hour, nil) })
	if err != nil {
		return err
	}
	s.did("it came back with the last event's id, and heard %d thing(s): no gap, and nothing twice", s.switchboard.count()-told)
	return nil
}

// moreThanCalendars has the flow ask Teams and mailboxes, too.
func (s *stage) moreThanCalendars(ctx context.Context) error {
	s.chapter("What calendars cannot know: teams and settings, where the flow declares them")
	if err := s.gateway.stop(); err != nil {
		return err
	}
	if _, err := s.writeBlueprint(s.gateway.listen, s.gateway.operate, s.gateway.apps, "teams settings"); err != nil {
		return err
	}
	if err := s.gateway.restart(ctx); err != nil {
		return err
	}
	s.say("the flow says teams: true and settings: true; it takes Presence.Read.All and MailboxSettings.Read")
	_, upn := s.person(0)
	since := time.Now()
	err := s.outlook.steer(ctx, "/sim/presence", doc{"user": upn, "availability": "Busy", "activity": "InACall"})
	if err != nil {
		return err
	}
	line, err := s.awaitLine(ctx, upn, func(l callLine) bool { return l.Call.Is == "yes" })
	if err != nil {
		return err
	}
	s.told(line, line.at.Sub(since), "the call")
	s.did("nothing stands in the calendar, and yet: in a call, says Teams (%s)", line.Call.Permission)
	return nil
}

// goOnCalling lets people change their calendars until the viewer has seen enough.
func (s *stage) goOnCalling(ctx context.Context) error {
	s.chapter("Life goes on; Ctrl-C ends it and leaves nothing behind")
	dice := rand.New(rand.NewPCG(s.options.Seed, 2))
	subjects := []string{"Lunch", "Review", "Interview", "Planning", "Customer call", "One on one"}
	pause := time.NewTicker(3 * time.Second)
	defer pause.Stop()
	for {
		id, _ := s.person(dice.IntN(len(s.simulator.Users)))
		if _, err := s.put(ctx, id, subjects[dice.IntN(len(subjects))], 0, time.Duration(1+dice.IntN(30))*time.Second, nil); err != nil {
			return err
		}
		for waiting := true; waiting; {
			select {
			case line := <-s.switchboard.lines:
				s.told(line, 0, "")
			case <-ctx.Done():
				return ctx.Err()
			case <-pause.C:
				waiting = false
			}
		}
	}
}
