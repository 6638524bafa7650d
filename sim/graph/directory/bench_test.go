package directory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/graph/directory"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// bench is a small company behind the kernel: Ada is the Global Administrator,
// Cleo administers users, Bob and Dan are ordinary.
type bench struct {
	*kernel.Bench
	t    *testing.T
	from time.Time
}

func start(t *testing.T) *bench {
	t.Helper()
	from := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	b := &bench{Bench: kernel.New(t, from), t: t, from: from}
	b.Serve(b.found, nil, directory.Routes())
	return b
}

// found makes the company.
func (b *bench) found(tx *state.Tx) error {
	w := b.World
	w.Found(tx)
	add := func(name, typ string, d world.Doc) world.Object { return b.Object(tx, name, typ, d) }
	for i, name := range []string{"ada", "bob", "cleo", "dan"} {
		upn := name + "@contoso.example"
		add(name, "user", world.Doc{"displayName": strings.ToUpper(name[:1]) + name[1:], "userPrincipalName": upn, "mail": upn,
			"mailNickname": name, "accountEnabled": i < 3, "jobTitle": "Clerk", "businessPhones": []any{}, "department": "Sales"})
		w.SetPassword(tx, b.IDs[name], "Old-Secret-1", false)
	}
	group := func(name string, d world.Doc, owners, members []string) {
		o := add(name, "group", d)
		for _, to := range owners {
			w.Link(tx, o, world.Owners, b.IDs[to])
		}
		for _, to := range members {
			w.Link(tx, o, world.Members, b.IDs[to])
		}
	}
	group("sub", world.Doc{"displayName": "Sub", "mailNickname": "sub", "groupTypes": []any{}, "mailEnabled": false, "securityEnabled": true}, nil, []string{"dan"})
	group("office", world.Doc{"displayName": "Office", "mailNickname": "office", "groupTypes": []any{}, "mailEnabled": false, "securityEnabled": true}, []string{"bob"}, []string{"bob", "sub"})
	group("team", world.Doc{"displayName": "Team", "mailNickname": "team", "groupTypes": []any{"Unified"}, "mailEnabled": true, "securityEnabled": false,
		"mail": "team@contoso.example"}, []string{"bob"}, []string{"ada", "bob"})
	group("list", world.Doc{"displayName": "List", "mailNickname": "list", "groupTypes": []any{}, "mailEnabled": true, "securityEnabled": false}, nil, nil)
	for _, from := range []string{"bob", "cleo", "dan"} {
		o, _ := w.Object(tx, b.IDs[from])
		to := map[string]string{"bob": "cleo", "cleo": "ada", "dan": "bob"}[from]
		w.Link(tx, o, world.Manager, b.IDs[to])
	}
	w.MakeAdministrator(tx, b.IDs["ada"])
	t, _ := world.RoleTemplateOf(world.UserAdministrator)
	role := w.ActivateRole(tx, t)
	w.Link(tx, role, world.Members, b.IDs["cleo"])
	graph, _ := w.ServicePrincipal(tx, world.GraphAppID)
	app, principal := w.NewRegistration(tx, world.Registration{Name: "Portal", Application: []string{"User.Read.All"}})
	w.Link(tx, app, world.Owners, b.IDs["bob"])
	b.IDs["graph"], b.IDs["app"], b.IDs["sp"], b.IDs["appId"] = graph.ID, app.ID, principal.ID, world.Text(app.Doc, "appId")
	b.AppID, b.Principal = b.IDs["appId"], b.IDs["sp"]
	b.Roles["ada"], b.Roles["cleo"] = world.GlobalAdministrator, world.UserAdministrator
	b.IDs["userRead"] = world.RoleID(graph, "User.Read.All")
	return nil
}

// names lists the displayNames in a collection.
func names(r kernel.Reply) []string {
	var out []string
	for _, name := range r.List("displayName") {
		out = append(out, fmt.Sprint(name))
	}
	return out
}

// try tries situations, each on a company of its own.
func try(t *testing.T, list []kernel.Situation) {
	t.Helper()
	for _, s := range list {
		t.Run(s.Name, func(t *testing.T) { start(t).Try(s) })
	}
}
