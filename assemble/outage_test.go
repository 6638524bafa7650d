package assemble_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// hurt raises a lifecycle event of a mailbox's subscription.
func (o *office) hurt(mailbox, event string) {
	o.Helper()
	for _, s := range o.kept {
		if s.Mailbox.ID == mailbox {
			o.outlook(http.MethodPost, "/sim/lifecycle", map[string]any{"subscription": s.ID, "event": event})
			return
		}
	}
	o.Fatalf("%s has no subscription", mailbox)
}

// TestFourHoursWithoutAReceiver (R36): no notification arrives for four hours.
// Near the end of them Microsoft says that some were missed of the first person,
// that the second one's subscription is removed, and that both must be
// reauthorized; it says so again until somebody takes it. While the gateway runs,
// these events alone tell of the gap: the next sweep is a day away.
func TestFourHoursWithoutAReceiver(t *testing.T) {
	t.Parallel()
	for situation, stands := range map[string]bool{"nothing reaches the gateway": false, "the gateway stands still": true} {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			indoors(t, 4, func(j *journey, c *copied) {
				o := newOffice(j, c)
				stop := o.run("24h")
				o.eventually("both subscriptions", func() bool { return len(o.subscribed()) == 2 })
				time.Sleep(time.Minute)
				o.same(c, "before the outage", 2)
				o.keep()
				o.faults(lost)
				o.blind(true)
				if stands {
					stop()
				}
				for minute := range 4 * 60 {
					for range o.chance.IntN(3) {
						o.act()
					}
					if minute == 235 {
						o.faults()
						o.hurt(o.ready.Users[0].ID, "reauthorizationRequired")
						o.hurt(o.ready.Users[1].ID, "reauthorizationRequired")
						o.hurt(o.ready.Users[0].ID, "missed")
						o.hurt(o.ready.Users[1].ID, "subscriptionRemoved")
						o.faults(lost)
					}
					time.Sleep(time.Minute)
				}
				o.blind(false)
				o.faults()
				if stands {
					stop = o.run("24h")
				}
				time.Sleep(10 * time.Minute)
				events := o.same(c, "ten minutes after the outage", 2)
				if n := len(o.subscribed()); n != 2 {
					j.Errorf("%d subscriptions, want 2", n)
				}
				stop()
				o.judge(fmt.Sprintf("%d deletions; the app has %d events as Microsoft has them", len(o.deleted), events), 10*time.Minute)
			})
		})
	}
}

// blind has no notification come through for a while; how long changes waited is
// counted from its end.
func (o *office) blind(is bool) {
	o.cut.Store(is)
	o.app.mu.Lock()
	defer o.app.mu.Unlock()
	o.away, o.free = is, time.Now()
}

// keep notes the subscriptions that there are.
func (o *office) keep() {
	o.Helper()
	var err error
	if o.kept, err = o.gateway.Store.Subscriptions(o.Context(), ""); err != nil {
		o.Fatal(err)
	}
}

// slow is a connection on which every answer comes a minute late. What is sent is not
// held up: a writer may have locks that others wait for, and time does not pass indoors
// while somebody waits for a lock.
type slow struct {
	net.Conn
	hangs *atomic.Bool
}

func (s slow) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if s.hangs.Load() {
		time.Sleep(time.Minute)
	}
	return n, err
}

// beside puts a second tenant beside the journey's, whose ten people another flow
// watches and whose calls hang for a minute while hangs says so.
func (j *journey) beside(hangs *atomic.Bool) *journey {
	const partner = "partner.example"
	second := put(j.T, j.app, sim.Options{Seed: 2, Users: 10, Hosts: []string{partner}, Domain: "fabrikam.example", Dial: j.net.Dial})
	j.others = map[string]func(context.Context, string, string) (net.Conn, error){
		partner + ":443": func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := second.sim.Dial(ctx, network, address)
			return slow{c, hangs}, err
		},
	}
	var registrations strings.Builder
	files := map[string]string{"partner.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: second.sim.Authority().Raw}))}
	for _, a := range second.ready.Apps {
		if a.Name == "reader" || a.Name == "calendar" {
			files["partner-"+a.Name+".secret"] = a.ClientSecret
			fmt.Fprintf(&registrations, "      %s: {client_id: %s, secret_file: partner-%s.secret}\n", map[string]string{"reader": "reader", "calendar": "partner"}[a.Name], a.ClientID, a.Name)
		}
	}
	var names []string
	for _, u := range second.ready.Users {
		names = append(names, u.UserPrincipalName)
	}
	narrow := j.changed
	j.changed = func() {
		narrow()
		j.replace("flows:\n", fmt.Sprintf("  partner:\n    id: %s\n    cloud: {login: https://%s, graph: https://%s}\n    ca: partner.pem\n    registrations:\n%sflows:\n  abroad:\n    app: other\n    kind: calendar\n    tenant: partner\n    registration: partner\n    mailboxes: [%s]\n    sink: {url: %q, secret_file: sink.secret}\n",
			second.ready.Tenant.ID, partner, partner, registrations.String(), strings.Join(names, ", "), j.app.URL))
		j.replace("admit: [", "admit: [\""+partner+":443\", ")
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(j.folder, name), []byte(content), 0o600); err != nil {
				j.Fatal(err)
			}
		}
	}
	return second
}

// TestATenantThatHangsDelaysNoOther: for half an hour each call of a tenant of ten
// mailboxes hangs for a minute. Beside it each change of the other tenant reaches
// the app within a second.
func TestATenantThatHangsDelaysNoOther(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, c *copied) {
		hangs := &atomic.Bool{}
		second := j.beside(hangs)
		o := newOffice(j, c)
		stop := o.run("1m")
		o.eventually("the feeds of both tenants", func() bool {
			feeds, err := o.gateway.Store.Feeds(j.Context(), "")
			if err != nil {
				j.Fatal(err)
			}
			read := map[string]bool{}
			for _, f := range feeds {
				if !f.ReadAt.IsZero() {
					read[f.Mailbox.ID] = true
				}
			}
			return len(read) == 2+len(second.ready.Users)
		})
		time.Sleep(5 * time.Minute)
		hangs.Store(true)
		late := second.meeting("Waits")
		for i := range 30 * 6 {
			if _, there := c.now(j.app)[late]; there && i < 6 {
				j.Error("the other tenant did not hang")
			}
			o.act()
			if o.chance.IntN(3) == 0 {
				second.meeting("Hangs")
			}
			time.Sleep(10 * time.Second)
		}
		time.Sleep(2 * time.Minute) // what was written last, while the other still hangs
		hangs.Store(false)
		stop()
		time.Sleep(2 * time.Minute) // what hung ends
		o.judge("while another tenant hung", time.Second)
	})
}
