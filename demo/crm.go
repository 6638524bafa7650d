package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// CRM is the name of the story that its blueprint has: a CRM whose users connect
// their own calendars.
const CRM = "crm"

// The users of the CRM, by their place in the company, whose first is the
// administrator.
const oneUser, otherUser = 1, 2

// tellCRM plays the story of a CRM, with the blueprint's own configuration.
func (s *stage) tellCRM(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{
		s.registering, s.usersConnect, s.usersInStep, s.fromOutlook, s.intoOutlook, s.bothChange, s.nobodyElses, s.signedOut, s.disconnects, s.crmCompared,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.chapter("What to try next")
	s.say("docs/blueprints/crm.md                  from nothing to this, on this machine or with your own tenant")
	s.say("docs/writing.md                         what can be written, and what becomes of it")
	s.say("docs/seeds.md                           what such systems ask for, and where it is proven")
	if s.options.Once {
		return nil
	}
	return s.goOnFor(ctx, []int{oneUser}, func(ctx context.Context) error { return s.crmHeld(ctx, "compared again: ") })
}

// registering makes the registration and starts the gateway.
func (s *stage) registering(ctx context.Context) error {
	s.chapter("A CRM, connected by the blueprint crm.yaml")
	began := time.Now()
	if err := s.connectCRM(ctx); err != nil {
		return err
	}
	if err := s.newCRM(ctx); err != nil {
		return err
	}
	s.did("one registration, made as the guide says: Calendars.ReadWrite, delegated, and nothing else (%s)", round(time.Since(began)))
	s.did("the CRM has a key; until somebody signs in, it can reach nobody's calendar")
	return nil
}

// usersConnect has the users connect, the first against a tenant in which an
// administrator must consent.
func (s *stage) usersConnect(ctx context.Context) error {
	s.chapter("Users connect from the CRM's page, each with their own sign-in")
	_, upn := s.person(oneUser)
	id, back, err := s.signIn(ctx, oneUser, "")
	if err != nil {
		return err
	}
	if back.Get("error") != "entra.consent_admin" {
		return fmt.Errorf("%s came back with %v", upn, back)
	}
	s.trouble("%s may not consent to calendars in this tenant; the CRM is told so, with a link for an administrator", first(upn))
	said, err := s.consent(ctx, id)
	if err != nil {
		return err
	}
	s.say("the administrator opens it, and sees: %q", strings.SplitN(said, "\n", 2)[0])
	for _, n := range []int{oneUser, otherUser} {
		id, back, err := s.signIn(ctx, n, "")
		if err != nil {
			return err
		}
		if err := s.take(ctx, id, back); err != nil {
			return err
		}
		_, upn := s.person(n)
		s.did("%s signed in at Microsoft's page (PKCE), and the CRM took the code that came back with the browser", first(upn))
	}
	return nil
}

// usersInStep waits until the CRM has the users' calendars.
func (s *stage) usersInStep(ctx context.Context) error {
	s.chapter("Their calendars come into the CRM")
	for _, n := range []int{oneUser, otherUser} {
		_, upn := s.person(n)
		s.plan.flows = append(s.plan.flows, plannedFlow{app: CRM, registration: "people", mailboxes: []string{upn}})
	}
	if err := s.settle(ctx, true); err != nil {
		return err
	}
	s.did("%d events of %d users, each signed and checked; of private ones only the time", s.receiver.tally().items, len(s.plan.flows))
	return nil
}

// fromOutlook has a user change the calendar.
func (s *stage) fromOutlook(ctx context.Context) error {
	_, upn := s.person(oneUser)
	s.chapter(first(upn) + " changes the calendar in Outlook, the CRM hears of it")
	id, _ := s.person(oneUser)
	meeting, err := s.meet(ctx, id, "Visit to Northwind", monday(9))
	if err != nil {
		return err
	}
	return s.change(ctx, http.MethodPatch, id, meeting, doc{"start": moment(monday(11)), "end": moment(monday(12))}, "updated")
}

// intoOutlook has the CRM write an appointment.
func (s *stage) intoOutlook(ctx context.Context) error {
	id, upn := s.person(oneUser)
	s.chapter("The CRM makes a meeting, and it stands in " + first(upn) + "'s Outlook")
	since := time.Now()
	made, err := s.crm.must(ctx, http.StatusCreated, http.MethodPost, eventsOf(upn), doc{"reference": "deal-17", "event": doc{
		"subject": "Offer to Northwind", "start": moment(monday(14)), "end": moment(monday(15)), "isOnlineMeeting": true}})
	if err != nil {
		return err
	}
	took := time.Since(since)
	s.meeting, s.etag = text(made, "event"), text(made, "etag")
	seen, err := s.outlook.do(ctx, http.MethodGet, s.outlook.at(id, "/events/"+url.PathEscape(s.meeting)), nil)
	if err != nil {
		return err
	}
	online, _ := seen["onlineMeeting"].(doc)
	if text(seen, "subject") != "Offer to Northwind" || text(online, "joinUrl") == "" {
		return fmt.Errorf("the event in Outlook is %v", seen)
	}
	s.did("written in %s; Outlook shows it, with its Teams link", round(took))
	if err := s.await(ctx, since, of(s.meeting, "created")); err != nil {
		return err
	}
	if got := s.receiver.referenceOf(s.meeting); got != "deal-17" {
		return fmt.Errorf("the meeting came back with the reference %q", got)
	}
	s.did("it came back once, with the CRM's own reference deal-17: no echo, nothing to guess")
	return nil
}

// bothChange has user and CRM change the same meeting.
func (s *stage) bothChange(ctx context.Context) error {
	id, upn := s.person(oneUser)
	s.chapter("Both change the same meeting: the flow's policy decides")
	if err := s.change(ctx, http.MethodPatch, id, s.meeting, doc{"subject": "Offer to Northwind, second draft"}, "updated"); err != nil {
		return err
	}
	change := doc{"change": doc{"subject": "Offer to Northwind (signed)"}}
	no, err := s.crm.must(ctx, http.StatusConflict, http.MethodPatch, eventsOf(upn)+"/"+url.PathEscape(s.meeting), change, "If-Match", s.etag)
	if err != nil {
		return err
	}
	s.trouble("the CRM's change was made on an old version: %s, and %s's stands", text(no, "code"), first(upn))
	made, err := s.crm.must(ctx, http.StatusOK, http.MethodPatch, eventsOf(upn)+"/"+url.PathEscape(s.meeting), change)
	if err != nil {
		return err
	}
	s.did("asked again on the version that is there, it is written (%s); conflicts: refuse, microsoft-wins or app-wins", text(made, "state"))
	return nil
}

// nobodyElses shows that the CRM reaches nobody who did not sign in, by Microsoft's
// own records.
func (s *stage) nobodyElses(ctx context.Context) error {
	s.chapter("Only the calendars of who signed in")
	_, upn := s.person(otherUser + 1)
	no, err := s.crm.must(ctx, http.StatusNotFound, http.MethodGet, eventsOf(upn), nil)
	if err != nil {
		return err
	}
	s.trouble("the CRM asks for the calendar of %s, who did not: %s", first(upn), text(no, "code"))
	calls, others, err := s.witnessed(ctx)
	if err != nil {
		return err
	}
	if others > 0 || calls == 0 {
		return fmt.Errorf("of %d requests %d were on a mailbox of somebody else", calls, others)
	}
	s.did("Microsoft saw %d requests by their tokens: each on the mailbox of the person whose token it was, 0 on any other", calls)
	return nil
}

// witnessed counts in the simulator's truth ledger what the users' tokens did, and
// what of it was on somebody else's mailbox.
func (s *stage) witnessed(ctx context.Context) (calls, others int, err error) {
	mine := map[string]bool{}
	for _, n := range []int{oneUser, otherUser} {
		id, _ := s.person(n)
		mine[id] = true
	}
	raw, err := s.outlook.get(ctx, s.simulator.Graph+"/sim/truth?after=0")
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(raw) {
		var row struct{ Principal, Mailbox, Path string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			return 0, 0, fmt.Errorf("reading the truth ledger: %w", err)
		}
		if !mine[row.Principal] {
			continue
		}
		calls++
		if row.Mailbox != row.Principal && !strings.HasPrefix(row.Path, "/subscriptions") {
			others++
		}
	}
	return calls, others, nil
}

// signedOut has an administrator end the sign-in of a user, who comes back.
func (s *stage) signedOut(ctx context.Context) error {
	id, upn := s.person(otherUser)
	s.chapter("Microsoft ends a sign-in: the CRM is told, and invites its user again")
	since := time.Now()
	if _, err := s.outlook.do(ctx, http.MethodPost, s.outlook.at(id, "/revokeSignInSessions"), doc{}); err != nil {
		return err
	}
	if err := s.outlook.steer(ctx, "/sim/challenge", doc{"user": id, "all": true}); err != nil {
		return err
	}
	no, err := s.refusedSchedule(ctx, upn)
	if err != nil {
		return err
	}
	if err := s.awaitConnection(ctx, since, id, "lost"); err != nil {
		return err
	}
	s.trouble("%s was signed out by an administrator: the next request is refused (%s), connection.lost at the CRM after %s", first(upn), no, round(time.Since(since)))
	if err := s.outlook.steer(ctx, "/sim/challenge", doc{"clear": true}); err != nil {
		return err
	}
	missed, err := s.create(ctx, id, "While nobody was signed in", monday(16))
	if err != nil {
		return err
	}
	since = time.Now()
	sign, back, err := s.signIn(ctx, otherUser, id)
	if err != nil {
		return err
	}
	if err := s.take(ctx, sign, back); err != nil {
		return err
	}
	if err := s.awaitConnection(ctx, since, id, "restored"); err != nil {
		return err
	}
	s.did("%s signed in again: connection.restored, and what happened meanwhile arrives:", first(upn))
	return s.await(ctx, since, of(missed, "created"))
}

// refusedSchedule has the CRM ask when somebody is free whom Microsoft has signed out.
func (s *stage) refusedSchedule(ctx context.Context, upn string) (code string, err error) {
	status, no, err := s.crm.ask(ctx, http.MethodPost, "/v1/tenants/contoso/schedule", doc{"people": []string{upn}, "start": moment(monday(8)), "end": moment(monday(18))})
	if err == nil && status < 400 {
		err = fmt.Errorf("the CRM is told when %s is free, who was signed out", upn)
	}
	return text(no, "code"), err
}

// awaitConnection waits until the CRM is told of a user's connection.
func (s *stage) awaitConnection(ctx context.Context, since time.Time, account, kind string) error {
	for late := time.After(awaitWithin); ; {
		select {
		case a := <-s.receiver.connections:
			if a.item == account && a.kind == kind && !a.at.Before(since) {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("the CRM was not told within %s that a connection is %s", awaitWithin, kind)
		}
	}
}

// disconnects has a user leave, and looks that nothing stays.
func (s *stage) disconnects(ctx context.Context) error {
	id, upn := s.person(otherUser)
	s.chapter("A user disconnects: nothing stays")
	if _, err := s.crm.must(ctx, http.StatusNoContent, http.MethodDelete, "/v1/tenants/contoso/people/people/"+id, nil); err != nil {
		return err
	}
	s.plan.flows = slices.DeleteFunc(s.plan.flows, func(f plannedFlow) bool { return f.mailboxes[0] == upn })
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for late := time.After(awaitWithin); len(s.receiver.events(upn)) > 0; {
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("%s has left, and the CRM has %d events still", upn, len(s.receiver.events(upn)))
		}
	}
	s.did("%s's tokens are deleted, the subscription is ended at Microsoft, and the CRM was told to delete what it had", first(upn))
	return nil
}

// crmCompared holds the CRM's copy against Microsoft's calendar.
func (s *stage) crmCompared(ctx context.Context) error {
	s.chapter("Is the CRM's copy right? The calendar read again from Microsoft, past Graphwarden")
	if err := errors.Join(s.settle(ctx, false), s.crmHeld(ctx, "")); err != nil {
		return err
	}
	said, err := s.gateway.verified(ctx)
	if err != nil {
		return err
	}
	s.did("the ledger, re-read and re-hashed: %s; every call to Microsoft with its decision", said)
	return nil
}

// crmHeld compares, and tells what came out; a difference is an error.
func (s *stage) crmHeld(ctx context.Context, when string) error {
	_, upn := s.person(oneUser)
	got, now, missing, extra := s.receiver.events(upn), time.Now(), 0, 0
	day := 24 * time.Hour // the window moved while the story was told
	inside, err := s.outlook.holds(ctx, upn, now.Add(-29*day), now.Add(364*day))
	if err != nil {
		return err
	}
	around, err := s.outlook.holds(ctx, upn, now.Add(-31*day), now.Add(366*day))
	if err != nil {
		return err
	}
	for id := range inside {
		if !got[id] {
			missing++
		}
	}
	for id := range got {
		if !around[id] {
			extra++
		}
	}
	t := s.receiver.tally()
	if missing+extra+t.twice+t.forged > 0 || len(inside) == 0 {
		return fmt.Errorf("the CRM's copy differs from Microsoft's %d events: %d missing, %d too many, %d twice, %d not signed", len(inside), missing, extra, t.twice, t.forged)
	}
	s.did("%s%d events of %s: none missing, none too many, none twice; 0 not signed as they should be", when, len(got), first(upn))
	return nil
}
