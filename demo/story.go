package demo

import (
	"context"
	"fmt"
	"time"
)

// tell plays the story on a generated company.
func (s *stage) tell(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{
		s.connected, s.firstSync, s.life, s.appDown, s.lostNotification, s.killed, s.granted, s.bySDK, s.compared, s.onRecord,
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
	today := time.Now().UTC().Truncate(24 * time.Hour)
	from, to := today.AddDate(0, 0, -30), today.AddDate(0, 0, 180)
	s.plan = plan{flows: []plannedFlow{
		{app: "portal", registration: "calendar", mailboxes: s.upns(0, half), from: from, to: to},
		{app: "switchboard", registration: "calendar-certificate", mailboxes: s.upns(half, len(s.simulator.Users)), from: from, to: to},
	}, desk: &desk{mailboxes: s.upns(0, 2), forbidden: s.simulator.Users[1].UPN}}
	if err := s.grantReader(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := s.connect(ctx); err != nil {
		return err
	}
	s.did("portal       signs in by client secret, reads %d mailboxes and nothing else", half)
	s.did("switchboard  signs in by certificate, reads %d mailboxes and nothing else", len(s.simulator.Users)-half)
	s.did("mailbox names pinned to object ids by a third registration that only reads the directory (%s)", round(time.Since(began)))
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
	if err := s.settle(ctx, true); err != nil {
		return err
	}
	feeds, err := s.gateway.feeds(ctx)
	if err != nil {
		return err
	}
	t := s.receiver.tally()
	spent := time.Since(s.began)
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
		read, of, items := s.feedsRead(ctx)
		t := s.receiver.tally()
		if show {
			s.progress(read, of, fmt.Sprintf("%d of %d calendars, %d events at the apps", read, of, t.taken))
		}
		if still++; t.taken != before || of == 0 || read < of || items != t.items {
			before, still = t.taken, 0
		}
		if still >= 5 {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.gateway.ended:
			return fmt.Errorf("the gateway ended early: %w", s.gateway.why)
		case <-deadline:
			return fmt.Errorf("after ten minutes only %d of %d calendars are read and %d events delivered", read, of, t.taken)
		case <-look.C:
		}
	}
}

// feedsRead counts the feeds whose first round is stored, and what they hold.
// Every mailbox has a calendar, so until there are as many feeds the rest are
// still being found. A gateway that is just being started again has none.
func (s *stage) feedsRead(ctx context.Context) (read, of, items int) {
	feeds, err := s.gateway.feeds(ctx)
	if err != nil {
		return 0, 0, 0
	}
	found := map[string]bool{}
	for _, f := range feeds {
		found[f.Flow+f.MailboxID] = true
		items += f.Items
		if f.ReadAt != nil {
			read++
		}
	}
	wanted := 0
	for _, f := range s.plan.flows {
		wanted += len(f.mailboxes)
	}
	return read, len(feeds) + wanted - len(found), items
}

// compared holds the app's copy against Microsoft's calendars.
func (s *stage) compared(ctx context.Context) error {
	s.chapter("Is the app's copy right? Every calendar read again from Microsoft, past Graphwarden")
	if err := s.settle(ctx, false); err != nil {
		return err
	}
	if err := s.held(ctx, ""); err != nil {
		return err
	}
	said, err := s.gateway.verified(ctx)
	if err != nil {
		return err
	}
	s.did("the ledger, re-read and re-hashed: %s", said)
	return nil
}

// held compares, and tells what came out; a difference is an error.
func (s *stage) held(ctx context.Context, when string) error {
	events, mailboxes, missing, extra, err := s.compare(ctx)
	if err != nil {
		return err
	}
	t := s.receiver.tally()
	if missing+extra+t.twice > 0 {
		return fmt.Errorf("the app's copy differs from Microsoft's calendars: %d events missing, %d too many, %d twice", missing, extra, t.twice)
	}
	s.did("%s%d events in %d mailboxes: none missing, none too many, none twice; %d not signed as they should be", when, events, mailboxes, t.forged)
	if t.doubles > 0 {
		s.say("%d deliveries came again after a kill, and were known by their id", t.doubles)
	}
	return nil
}

// compare counts how the apps' copies differ from the calendars, over the
// windows of the flows.
func (s *stage) compare(ctx context.Context) (events, mailboxes, missing, extra int, err error) {
	for _, f := range s.plan.flows {
		for _, mailbox := range f.mailboxes {
			want, err := s.outlook.holds(ctx, mailbox, f.from, f.to)
			if err != nil {
				return 0, 0, 0, 0, err
			}
			mailboxes++
			events += len(want)
			got := s.receiver.events(mailbox)
			for id := range want {
				if !got[id] {
					missing++
				}
			}
			for id := range got {
				if !want[id] {
					extra++
				}
			}
		}
	}
	return events, mailboxes, missing, extra, nil
}

// next says what to try.
func (s *stage) next() {
	s.chapter("What to try next")
	s.say("graphwarden demo --ics DIR              the same with your own calendar files")
	s.say("graphwarden sim --ready ready.json      the tenant alone, for any Microsoft Graph SDK")
	s.say("graphwarden serve --config FILE         against your own tenant; docs/configuration.md")
}
