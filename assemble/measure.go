package assemble

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
)

// measure gives what Prometheus is told. The number of series grows with flows,
// tenants and sinks, not with mailboxes.
func (g *Graphwarden) measure(now func() time.Time, since time.Time) api.Measure {
	return func(ctx context.Context) ([]api.Metric, error) {
		ages, err := g.Store.FeedAges(ctx)
		if err != nil {
			return nil, err
		}
		out := freshness(ages, now())
		for _, more := range []func(context.Context, time.Time) ([]api.Metric, error){g.measureCoverage, g.measureSinks, g.measureStore, g.measureConnections, g.measureTraffic, g.measureWaits} {
			list, err := more(ctx, now())
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
		}
		return append(out, process(since)...), nil
	}
}

func gauge(name, help string, value float64, labels ...string) api.Metric {
	m := api.Metric{Name: "graphwarden_" + name, Help: help, Value: value, Labels: map[string]string{}}
	for i := 0; i+1 < len(labels); i += 2 {
		m.Labels[labels[i]] = labels[i+1]
	}
	return m
}

func counter(name, help string, value float64, labels ...string) api.Metric {
	m := gauge(name, help, value, labels...)
	m.Counter = true
	return m
}

// freshness says how long ago the feeds of each tenant were read.
func freshness(ages []graphwarden.FeedAge, now time.Time) []api.Metric {
	read, unread := map[string][]time.Duration{}, map[string]int{}
	for _, f := range ages {
		if f.ReadAt.IsZero() {
			unread[f.Tenant]++
			read[f.Tenant] = append(read[f.Tenant], nil...)
			continue
		}
		read[f.Tenant] = append(read[f.Tenant], now.Sub(f.ReadAt))
	}
	var out []api.Metric
	for tenant, list := range read {
		slices.Sort(list)
		out = append(out, gauge("feeds", "Calendars that are kept in step.", float64(len(list)+unread[tenant]), "tenant", tenant),
			gauge("feeds_unread", "Calendars that were never read to their end.", float64(unread[tenant]), "tenant", tenant))
		for text, q := range map[string]float64{"0.5": 0.5, "0.99": 0.99, "1": 1} {
			if len(list) > 0 {
				at := min(int(q*float64(len(list))), len(list)-1)
				out = append(out, gauge("feed_age_seconds", "How long ago calendars were read, by quantile.", list[at].Seconds(), "tenant", tenant, "quantile", text))
			}
		}
	}
	return out
}

func (g *Graphwarden) measureCoverage(ctx context.Context, now time.Time) ([]api.Metric, error) {
	list, err := g.Store.Coverage(ctx, now)
	var out []api.Metric
	for _, c := range list {
		out = append(out, gauge("mailboxes", "Mailboxes with calendars.", float64(c.Mailboxes), "flow", c.Flow),
			gauge("mailboxes_subscribed", "Mailboxes of whose changes Microsoft notifies.", float64(c.Covered), "flow", c.Flow))
	}
	return out, err
}

func (g *Graphwarden) measureSinks(ctx context.Context, now time.Time) ([]api.Metric, error) {
	list, err := g.Store.SinkStates(ctx)
	var out []api.Metric
	for _, x := range list {
		oldest, disabled := 0.0, 0.0
		if !x.OldestAt.IsZero() {
			oldest = now.Sub(x.OldestAt).Seconds()
		}
		if x.Disabled != "" {
			disabled = 1
		}
		out = append(out, counter("deliveries_taken_total", "Attempts that receivers acknowledged.", float64(x.Taken), "sink", x.Name),
			counter("deliveries_refused_total", "Attempts that failed.", float64(x.Refused), "sink", x.Name),
			gauge("deliveries_pending", "Changes that wait for their sink.", float64(x.Pending), "sink", x.Name),
			gauge("deliveries_failing", "Deliveries that failed and are tried again.", float64(x.Failing), "sink", x.Name),
			gauge("deliveries_dead", "Deliveries that were given up.", float64(x.Dead), "sink", x.Name),
			gauge("delivery_oldest_seconds", "How long the oldest change waits.", oldest, "sink", x.Name),
			gauge("sink_disabled", "Whether nothing is sent to the sink any more.", disabled, "sink", x.Name))
	}
	return out, err
}

func (g *Graphwarden) measureStore(ctx context.Context, now time.Time) ([]api.Metric, error) {
	entries, err := g.Store.LastEntry(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := g.Store.ChangesMade(ctx)
	if err != nil {
		return nil, err
	}
	open, err := g.notices(false).Notices(ctx, false, 0, 100_000)
	if err != nil {
		return nil, err
	}
	last, err := g.lastBackup(ctx)
	out := []api.Metric{counter("ledger_entries_total", "Entries of the ledger.", float64(entries)),
		counter("changes_total", "Changes that were stored since the database was made or restored.", float64(changes))}
	count := map[graphwarden.Severity]int{graphwarden.Info: 0, graphwarden.Warning: 0, graphwarden.Critical: 0}
	for _, n := range open {
		count[n.Severity]++
	}
	for severity, n := range count {
		out = append(out, gauge("notices_open", "Open notices.", float64(n), "severity", string(severity)))
	}
	if !last.IsZero() {
		out = append(out, gauge("backup_age_seconds", "Age of the last verified backup.", now.Sub(last).Seconds()))
	}
	if info, failed := os.Stat(g.config.path(g.config.Database)); failed == nil && !g.config.onServer() {
		out = append(out, gauge("database_bytes", "Size of the database's file.", float64(info.Size())))
	}
	return out, err
}

func (g *Graphwarden) measureConnections(ctx context.Context, now time.Time) ([]api.Metric, error) {
	list, err := g.Store.Standings(ctx)
	if err != nil {
		return nil, err
	}
	var out []api.Metric
	signedOut := map[string]int{} // people, by registration
	for _, c := range list {
		if c.Account.ID != "" {
			name := strings.TrimSuffix(c.Registration, "@"+c.Account.ID)
			signedOut[name] += 0
			if !c.RefusedAt.IsZero() && !c.Revoked() {
				signedOut[name]++
			}
			if name != c.Registration {
				continue // as many series as registrations, not as people
			}
		}
		refused := 0.0
		if !c.RefusedAt.IsZero() {
			refused = 1
		}
		out = append(out, gauge("connection_refused", "Whether Microsoft refuses the sign-in.", refused, "registration", c.Registration))
	}
	for name, n := range signedOut {
		out = append(out, gauge("people_signed_out", "People who must sign in again.", float64(n), "registration", name))
	}
	ends, err := g.expiries(ctx, now)
	for _, e := range ends {
		if !e.ExpiresAt.IsZero() {
			out = append(out, gauge("credential_expires_seconds", "How long the credential lasts.", e.ExpiresAt.Sub(now).Seconds(), "registration", e.Registration))
		}
	}
	if off, known := g.skew.Off(); known {
		out = append(out, gauge("clock_skew_seconds", "How far this clock is ahead of Microsoft's.", off.Seconds()))
	}
	return out, err
}

// process says how the process is.
func process(since time.Time) []api.Metric {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return []api.Metric{gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", float64(since.Unix())),
		gauge("process_goroutines", "Goroutines.", float64(runtime.NumGoroutine())),
		gauge("process_memory_bytes", "Memory that was asked of the system.", float64(m.Sys))}
}
