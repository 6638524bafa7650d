package demo

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// tell plays the story on a generated company.
func (s *stage) tell(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{
		s.connected, s.firstSync, s.life, s.appDown, s.lostNotification, s.compared,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.next()
	if s.options.Once {
		return nil
	}
	return s.goOn(ctx)
}

// connected connects two apps by two registrations.
func (s *stage) connected(ctx context.Context) error {
	s.chapter("Two apps, two registrations, each with no more than its flow needs")
	half := len(s.simulator.Users) / 2
	around := "{past: 30d, future: 180d}"
	s.plan = plan{flows: []plannedFlow{
		{app: "portal", registration: "calendar", mailboxes: s.upns(0, half), window: around},
		{app: "switchboard", registration: "calendar-certificate", mailboxes: s.upns(half, len(s.simulator.Users)), window: around},
	}}
	began := time.Now()
	if err := s.connect(ctx); err != nil {
		return err
	}
	s.did("portal       signs in by client secret, reads %d mailboxes and nothing else", half)
	s.did("switchboard  signs in by certificate, reads %d mailboxes and nothing else", len(s.simulator.Users)-half)
	s.did("mailbox names pinned to object ids by a third registration that can do nothing more (%s)", round(time.Since(began)))
	return nil
}

func (s *stage) upns(from, to int) []string {
	var out []string
	for _, u := range s.simulator.Users[from:to] {
		out = append(out, u.UPN)
	}
	return out
}

// firstSync reads every calendar and delivers what it finds.
func (s *stage) firstSync(ctx context.Context) error {
	s.chapter("First synchronisation: every calendar read by delta, every event delivered")
	began := time.Now()
	s.gateway.start(ctx)
	if err := s.settle(ctx, true); err != nil {
		return err
	}
	feeds, err := s.gateway.Store.Feeds(ctx, "")
	if err != nil {
		return err
	}
	t := s.receiver.tally()
	spent := time.Since(began)
	s.did("%d events out of %d calendars delivered in %s, %d a second, each signed and checked",
		t.taken, len(feeds), round(spent), int(float64(t.taken)/spent.Seconds()))
	return nil
}

// settle waits until every feed has been read and everything is delivered.
func (s *stage) settle(ctx context.Context, show bool) error {
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	deadline := time.After(10 * time.Minute)
	before, still := -1, 0
	for {
		read, of, err := s.feedsRead(ctx)
		if err != nil {
			return err
		}
		taken := s.receiver.tally().taken
		if show {
			s.progress(read, of, fmt.Sprintf("%d of %d calendars, %d events at the apps", read, of, taken))
		}
		if still++; taken != before || of == 0 || read < of {
			before, still = taken, 0
		}
		if still >= 5 && !s.behind(ctx) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.gateway.running:
			s.gateway.running <- err
			return fmt.Errorf("the gateway ended early: %w", err)
		case <-deadline:
			return fmt.Errorf("after ten minutes only %d of %d calendars are read and %d events delivered", read, of, taken)
		case <-look.C:
		}
	}
}

// feedsRead counts the feeds whose first round is stored. Every mailbox has a
// calendar, so until there are as many feeds the rest are still being found.
func (s *stage) feedsRead(ctx context.Context) (read, of int, err error) {
	feeds, err := s.gateway.Store.Feeds(ctx, "")
	if err != nil {
		return 0, 0, err
	}
	found := map[string]bool{}
	for _, f := range feeds {
		found[f.Flow+f.Mailbox.ID] = true
		if !f.ReadAt.IsZero() {
			read++
		}
	}
	wanted := 0
	for _, f := range s.plan.flows {
		wanted += len(f.mailboxes)
	}
	return read, len(feeds) + wanted - len(found), nil
}

// behind says whether changes are stored that the apps have not got.
func (s *stage) behind(ctx context.Context) bool {
	stored := 0
	for _, f := range s.plan.flows {
		for seq := int64(0); ; {
			changes, err := s.gateway.Store.ChangesAfter(ctx, f.name(), seq, 10000)
			if err != nil || len(changes) == 0 {
				break
			}
			stored += len(changes)
			seq = changes[len(changes)-1].Seq
		}
	}
	return stored > s.receiver.tally().taken
}

// compared holds the app's copy against Microsoft's calendars.
func (s *stage) compared(ctx context.Context) error {
	s.chapter("Is the app's copy right? Every calendar read again from Microsoft, past Graphwarden")
	if err := s.settle(ctx, false); err != nil {
		return err
	}
	events, mailboxes, missing, extra, err := s.compare(ctx)
	if err != nil {
		return err
	}
	if missing+extra > 0 {
		return fmt.Errorf("the app's copy differs from Microsoft's calendars: %d events missing, %d too many", missing, extra)
	}
	t := s.receiver.tally()
	s.did("%d events in %d mailboxes: none missing, none too many; %d delivered twice, %d not signed as they should be",
		events, mailboxes, t.doubles, t.forged)
	report, err := s.gateway.Ledger.Verify(ctx)
	if err != nil || !report.Sound() {
		return fmt.Errorf("the ledger does not verify: entry %d: %s: %w", report.Bad, report.Why, err)
	}
	s.did("%d entries in the ledger, re-read and re-hashed: every call to Microsoft with its decision", report.Entries)
	return nil
}

// compare counts how the apps' copies differ from the calendars, over the
// windows that the feeds read.
func (s *stage) compare(ctx context.Context) (events, mailboxes, missing, extra int, err error) {
	feeds, err := s.gateway.Store.Feeds(ctx, "")
	if err != nil {
		return 0, 0, 0, 0, err
	}
	want := map[string]map[string]bool{}
	for _, f := range feeds {
		ids, err := s.outlook.view(ctx, f.Mailbox.ID, f.Resource, f.Window.Start, f.Window.End)
		if err != nil {
			return 0, 0, 0, 0, err
		}
		mailbox := strings.ToLower(f.Mailbox.UPN)
		if want[mailbox] == nil {
			want[mailbox] = map[string]bool{}
		}
		for _, id := range ids {
			want[mailbox][id] = true
		}
	}
	for mailbox, ids := range want {
		got := s.receiver.events(mailbox)
		events += len(ids)
		for id := range ids {
			if !got[id] {
				missing++
			}
		}
		for id := range got {
			if !ids[id] {
				extra++
			}
		}
	}
	return events, len(want), missing, extra, nil
}

// next says what to try.
func (s *stage) next() {
	s.chapter("What to try next")
	s.say("graphwarden demo --ics DIR              the same with your own calendar files")
	s.say("graphwarden sim --ready ready.json      the tenant alone, for any Microsoft Graph SDK")
	s.say("graphwarden serve --config FILE         against your own tenant; docs/configuration.md")
}
