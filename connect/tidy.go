package connect

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Unused is a secret in Entra that a rotation made and no file holds: it was cut off
// between the two, or another Graphwarden uses the same app. Or it is the credential
// that a rotation replaced and left to other processes.
type Unused struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Replaced says that it is the one that stands in FILE.old.
	Replaced bool `json:"replaced,omitempty"`
}

// Unuseds are the unused secrets of an app, if somebody could read them.
type Unuseds struct {
	Known   bool     `json:"known"`
	Unused  []Unused `json:"unused"`
	Removed int      `json:"removed"`
}

// Tidying is what somebody wants removed.
type Tidying struct {
	By            string   `json:"by"`
	Administrator string   `json:"administrator"` // who signed in to change the app
	Remove        []string `json:"remove"`        // ids among those that are unused
}

// Unused lists secrets that rotations left behind, as an administrator who signed in
// or the tenant's reader sees them.
func (d *Desk) Unused(ctx context.Context, tenant, registration, administrator string) (Unuseds, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return Unuseds{}, err
	}
	out := Unuseds{Unused: []Unused{}}
	reads, as, err := d.anyAdministrator(tenant, administrator)
	if err != nil {
		var has bool
		if as, has = d.Readers[tenant]; !has {
			return out, nil
		}
		reads = d.Graph
	}
	app, err := reads.Application(ctx, as, c.Registration.ClientID)
	if err != nil {
		return out, nil // not readable, or registered in another tenant: then nobody knows
	}
	out.Known, out.Unused = true, d.unused(app, c)
	return out, nil
}

// Tidy removes unused secrets that somebody names, and the credential that a rotation
// replaced and left to other processes. What is in use, or may be, stays whatever is named.
func (d *Desk) Tidy(ctx context.Context, tenant, registration string, w Tidying) (Unuseds, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return Unuseds{}, err
	}
	admin, as, err := d.administrator(tenant, w.Administrator)
	if err != nil {
		return Unuseds{}, err
	}
	app, err := admin.Application(ctx, as, c.Registration.ClientID)
	if err != nil {
		return Unuseds{}, refusedAdministrator(err)
	}
	out := Unuseds{Known: true, Unused: []Unused{}}
	if removed, err := d.tidyReplaced(ctx, admin, as, app, c, w, &out); err != nil {
		return out, err
	} else if removed {
		out.Removed++
	}
	for _, u := range d.unused(app, c) {
		if !slices.Contains(w.Remove, u.ID) {
			out.Unused = append(out.Unused, u)
			continue
		}
		if err := admin.RemoveSecret(ctx, as, app, u.ID); err != nil {
			return out, refusedAdministrator(err)
		}
		out.Removed++
	}
	if out.Removed == 0 {
		return out, nil
	}
	return out, d.Custody.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Custody.note(ctx, tx, c, "connection.tidy", w.By)
	})
}

// tidyReplaced lists the credential in FILE.old, where a rotation is through that left it
// to other processes, and ends and forgets it if it is named. Cut off between the two, the
// next rotation forgets it.
func (d *Desk) tidyReplaced(ctx context.Context, admin *graph.Graph, as flow.Flow, app graph.Application, c Connection, w Tidying, out *Unuseds) (removed bool, err error) {
	r := &rotation{desk: d, of: c, file: d.Files[c.Registration.Name]}
	if r.file == "" || there(r.file+".new") || !there(r.file+".old") {
		return false, nil
	}
	old, err := r.load(r.file + ".old")
	if err != nil {
		return false, err
	}
	current, err := r.load(r.file)
	if err != nil {
		return false, err
	}
	one, found := entryOf(app, old, current)
	switch {
	case found != 1:
		return false, nil
	case !slices.Contains(w.Remove, one.ID):
		out.Unused = append(out.Unused, Unused{ID: one.ID, Name: one.Name, Start: one.Start, End: one.End, Replaced: true})
		return false, nil
	}
	if err := r.step("end", func() error { return endEntry(ctx, admin, as, app, one) }); err != nil {
		return false, err
	}
	return true, r.step("forget", r.forget)
}

// byRotation is how a rotation names a secret in Entra.
func byRotation() *regexp.Regexp { return regexp.MustCompile(`^graphwarden \d{4}-\d{2}-\d{2}$`) }

// unused picks the secrets that a rotation made and that begin unlike every secret
// that stands in a file for the same app. One that shows no beginning is left out.
func (d *Desk) unused(app graph.Application, c Connection) []Unused {
	held := d.held(c.Registration.ClientID)
	out := []Unused{}
	for _, one := range app.Credentials {
		used := slices.ContainsFunc(held, func(h entra.Credential) bool { return lists(one, h) })
		if !one.Certificate && one.Hint != "" && byRotation().MatchString(one.Name) && !used {
			out = append(out, Unused{ID: one.ID, Name: one.Name, Start: one.Start, End: one.End})
		}
	}
	return out
}

// held are the secrets that the files of an app's registrations hold, those of a
// rotation under way too.
func (d *Desk) held(client string) (held []entra.Credential) {
	for _, c := range d.Custody.Connections {
		if c.Registration.ClientID != client {
			continue
		}
		held = append(held, d.Custody.kept[c.Registration.Name].current().Credential)
		file := d.Files[c.Registration.Name]
		for _, path := range []string{file, file + ".new", file + ".old"} {
			if credential, err := (&rotation{desk: d}).load(path); err == nil {
				held = append(held, credential)
			}
		}
	}
	return slices.DeleteFunc(held, func(h entra.Credential) bool { return h.Secret.Empty() })
}
