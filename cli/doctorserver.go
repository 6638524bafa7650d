package cli

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/watch"
)

// ports examines where the server listens, or could.
func (e *examination) ports(ctx context.Context) {
	if e.absent == nil { // it answers operators, and has opened both before
		e.add(check("doctor.listen", "The server listens for notifications.", nil), check("doctor.operate", "The server listens for operators.", nil))
		return
	}
	listen, operate := e.loaded.Ports(ctx)
	e.add(check("doctor.listen", "The address for notifications is free.", listen), check("doctor.operate", "The address for operators is free.", operate))
}

// process examines the process that runs.
func (e *examination) process() {
	e.add(check("doctor.server", "The server answers.", e.mute()))
	if e.mute() != nil {
		only, start := e.unasked()
		e.add(unknown("doctor.version", only, start), unknown("doctor.core_dumps", only, start))
		return
	}
	same := check("doctor.version", "The server is of this program's version.", nil)
	if own := version(); e.running.Version != own {
		same = warn("doctor.version", fmt.Sprintf("The server is of version %s, this program of %s.", e.running.Version, own), "Start the server again after an upgrade.")
	}
	e.add(same)
	switch e.running.Memory.CoreDumps {
	case "no":
		e.add(check("doctor.core_dumps", "A crash of the server writes no memory to disk.", nil))
	case "yes":
		e.add(warn("doctor.core_dumps", "A crash of the server writes its memory, and the secrets in it, to disk.", "Turn core dumps off where it is started: ulimit -c 0"))
	default:
		e.add(unknown("doctor.core_dumps", "Whether a crash writes memory to disk cannot be asked on this system.", "Turn core dumps off where the server is started."))
	}
}

// current is what a notice says, in today's figures where the doctor has looked
// itself: it is told in those of its last telling.
func (e *examination) current(n graphwarden.Notice) string {
	for _, x := range e.found {
		if n.Code == "notice.disk_low" && x.Code == "doctor.disk" && (x.Result == "warn" || x.Result == "fail") {
			return x.What
		}
	}
	return n.Say
}

// notices makes one check of each kind of notice, which only a running server
// knows. One that is open and not seen any more is of what was.
func (e *examination) notices(ctx context.Context) {
	open := map[string][]graphwarden.Notice{}
	err := e.mute()
	if err == nil {
		err = everything(ctx, e.server, "/v1/notices", nil, func(n graphwarden.Notice) error {
			if n.GoneSince.IsZero() {
				open[n.Code] = append(open[n.Code], n)
			}
			return nil
		})
	}
	why, fix := e.unasked()
	why = " (" + why + ")"
	if e.mute() == nil && err != nil { // it runs
		why, fix = " (The server cannot say.)", check("", "", err).Fix
	}
	for _, k := range watch.Kinds() {
		switch {
		case err != nil:
			e.add(Examined{Code: k.Code, Result: "unknown", What: k.Fine + why, Fix: fix,
				DocURL: api.Documents + "operations.md#" + watch.Anchor(k.Code)})
		case len(open[k.Code]) == 0:
			e.add(Examined{Code: k.Code, Result: "pass", What: k.Fine, DocURL: api.Documents + "operations.md#" + watch.Anchor(k.Code)})
		}
		for _, n := range open[k.Code] {
			result := "warn"
			switch {
			case k.Good:
				result = "pass"
			case n.Severity == graphwarden.Critical:
				result = "fail"
			}
			e.add(Examined{Code: n.Code, Result: result, What: e.current(n), Fix: n.Do, DocURL: api.Documents + "operations.md#" + watch.Anchor(n.Code)})
		}
	}
}
