package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
)

// prove signs in until everything that is needed is granted, and tells meanwhile
// what is missing, what is waited for, and how long already.
func (g *connecting) prove(ctx context.Context, path string) (connect.Report, error) {
	var report connect.Report
	problem := g.server.call(ctx, "POST", path+"/prove", nil, api.Proof{Administrator: g.admin}, &report)
	if problem == nil && report.Complete || problem != nil && !connect.Passing(problem) {
		return report, problem
	}
	if g.noInput || g.wait <= 0 {
		if problem == nil {
			problem = missing(g.view, report)
		}
		link, err := g.consentLink(ctx)
		if err != nil {
			return report, errors.Join(problem, err)
		}
		g.say("An administrator consents here: %s", link)
		return report, problem
	}
	if problem == nil { // it is registered
		g.say("\nThe registration signs in and lacks %s: an administrator has to consent. If Entra does not\nshow it under API permissions yet, graphwarden connect %s %s --guide says how it comes there.",
			strings.Join(report.Missing, ", "), g.view.Tenant, g.view.Registration)
	} else if err := g.explain(ctx); err != nil {
		return report, err
	}
	return g.waiting(ctx, path, report, problem)
}

// missing is what is said of permissions that are not granted.
func missing(v connect.View, r connect.Report) error {
	return connect.NotGranted(v.Tenant, v.Registration, r.Missing)
}

// waiting waits for the administrator's browser, at the server's public address or
// at this machine, and asks Entra again and again, less and less often.
func (g *connecting) waiting(ctx context.Context, path string, report connect.Report, problem error) (connect.Report, error) {
	waiting, stop := context.WithTimeout(ctx, g.wait)
	defer stop()
	wait, err := g.question(waiting, path)
	if err != nil {
		return report, err
	}
	answers, ended := make(chan error, 1), make(chan error, 1)
	go func() { ended <- wait(waiting, answers) }()
	for every := 3 * time.Second; problem != nil || !report.Complete; every = min(every*3/2, 30*time.Second) {
		what := "the administrator's consent to " + strings.Join(report.Missing, ", ")
		if problem != nil {
			what = said(problem)
		}
		var since api.Waiting
		if err := g.server.call(ctx, "POST", path+"/await", nil, api.Waiting{For: what}, &since); err != nil {
			stop()
			return report, errors.Join(err, <-ended)
		}
		g.say("  %s so far: waiting for %s; next look in %s. Ctrl-C leaves, the same command goes on.", span(time.Since(since.Since)), what, span(every))
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case err := <-answers:
			if err != nil {
				stop()
				return report, errors.Join(err, <-ended)
			}
			g.say("  The administrator has consented; Microsoft needs up to some minutes to know it everywhere.")
			every = 2 * time.Second
		case <-waiting.Done():
			timer.Stop()
			if ctx.Err() != nil { // Ctrl-C: what is waited for stays written down
				return report, errors.Join(ctx.Err(), <-ended)
			}
			if problem == nil {
				problem = missing(g.view, report)
			}
			return report, errors.Join(problem, <-ended)
		}
		timer.Stop()
		report = connect.Report{}
		problem = g.server.call(ctx, "POST", path+"/prove", nil, api.Proof{Administrator: g.admin}, &report)
		if problem != nil && !connect.Passing(problem) {
			break
		}
	}
	stop()
	<-ended
	if problem != nil {
		return report, problem
	}
	return report, g.server.call(ctx, "POST", path+"/await", nil, api.Waiting{}, nil)
}

// said is what a refusal says, without what to do.
func said(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return "this to change: " + strings.TrimSuffix(r.Say, ".")
	}
	return err.Error()
}

// show prints what was proved.
func (g *connecting) show(r connect.Report) error {
	if g.asJSON {
		return printJSON(g.p.Stdout, r)
	}
	t := table{head: []string{"PERMISSION", "NEEDED", "GRANTED"}}
	names := append([]string{}, r.Needed...)
	for _, name := range append(append([]string{}, r.Granted...), r.TooMuch...) {
		if !contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		granted := "yes"
		switch {
		case contains(r.Missing, name):
			granted = "missing"
		case contains(r.TooMuch, name):
			granted = "too much"
		case contains(r.InExchange, name):
			granted = "in Exchange, for some mailboxes"
		case !contains(r.Granted, name):
			granted = "by a wider one"
		}
		t.add(name, map[bool]string{true: "yes", false: "no"}[contains(r.Needed, name)], granted)
	}
	if err := t.print(g.p.Stdout); err != nil {
		return err
	}
	as := ""
	if r.Account != "" {
		as = " as " + r.Account
	}
	fmt.Fprintf(g.p.Stdout, "\nConnected%s. What is granted was %s.\n", as, strings.TrimPrefix(r.Source, "was "))
	switch {
	case r.Visit != nil:
		fmt.Fprintf(g.p.Stdout, "%s of the tenant's flows found.\n", counted(r.Visit.Pinned, "mailbox", "mailboxes"))
		for _, m := range r.Visit.Missing {
			fmt.Fprintf(g.p.Stdout, "Not found: %s\n", m)
		}
	case r.Source == "seen in token":
		g.say("To have the directory itself say it, let an administrator sign in once: add --administrator.")
	}
	return nil
}

func contains(list []string, name string) bool {
	for _, one := range list {
		if strings.EqualFold(one, name) {
			return true
		}
	}
	return false
}
