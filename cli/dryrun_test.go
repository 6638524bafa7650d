package cli_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/cli"
)

// world is all that a command could change: the files of a folder, what the database
// holds, what the simulator says really happened.
type world map[string]string

// passing are tables whose rows come and go while a server runs: leases, waits, who
// lives, when what is due, how often what was tried.
func passing() []string {
	return []string{"holds", "leases", "losers", "members", "places", "waiting", "rests", "spent", "troubles", "feeds", "cursors", "upkeep", "identity", "counters", "presence", "tokens", "sign_ins",
		"sinks", "attempts", "deliveries", "notices", "tellings", "skipped", "groups_read", "entries", "checkpoints", "tree_hashes", "house_secrets", "schema_migrations"}
}

// see looks at everything.
func (tn *tenant) see(t *testing.T, folder, database string) world {
	t.Helper()
	w := world{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(filepath.Base(path), filepath.Base(database)) || strings.Contains(filepath.Base(path), ".checkpoint") {
			return err
		}
		raw, err := os.ReadFile(path)
		w["file "+strings.TrimPrefix(path, folder)] = fmt.Sprintf("%x", sha256.Sum256(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w["truth"] = tn.truth(t)
	if _, err := os.Stat(database); err != nil {
		w["database"] = "there is none"
		return w
	}
	db, err := sql.Open("sqlite3", "file:"+database+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range rowsOf(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		if !slices.Contains(passing(), table) {
			w["table "+table] = strings.Join(rowsOf(t, db, "SELECT * FROM "+table), "\n")
		}
	}
	// Of the passing ones what stays.
	w["sealed with"] = strings.Join(rowsOf(t, db, `SELECT tenant, registration, hex(substr(sealed, 1, 5)) FROM tokens WHERE tenant <> '' ORDER BY 1, 2`), "\n")
	w["disabled sinks"] = strings.Join(rowsOf(t, db, `SELECT name, disabled FROM sinks ORDER BY 1`), "\n")
	// That an operator asked is in the ledger even when it is only a rehearsal.
	w["acts"] = strings.Join(rowsOf(t, db, `SELECT path, note FROM entries WHERE kind = 'act' AND path NOT LIKE 'POST %' AND method = '' ORDER BY seq`), "\n")
	return w
}

func rowsOf(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSuffix(fmt.Sprintln(cells...), "\n"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// truth is what the simulator really did.
func (tn *tenant) truth(t *testing.T) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tn.Graph+"/sim/truth?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tn.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var done []string
	for lines := json.NewDecoder(answer.Body); ; {
		var row struct{ Method, Path, Effect, Object string }
		if err := lines.Decode(&row); errors.Is(err, io.EOF) {
			return strings.Join(done, "\n")
		} else if err != nil {
			t.Fatal(err)
		}
		if row.Effect != "read" && row.Effect != "none" {
			done = append(done, fmt.Sprintf("%+v", row))
		}
	}
}

// differs names what is not the same.
func (w world) differs(from world) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(w)) {
		if w[name] != from[name] {
			list = append(list, name)
		}
	}
	for name := range from {
		if _, there := w[name]; !there {
			list = append(list, name)
		}
	}
	return list
}

// rehearsal is one run of a command.
type rehearsal struct {
	args  string // {F} is a folder, {C} the app that administrators sign in to, {K} an app's key
	signs int    // so many times an administrator signs in on the way
	alike string // why the command itself leaves everything as it was, here
	ends  int    // its exit code; -1: any
	notes string // what it says that it changes, and its documentation too
}

// rehearsals are the runs of every command of the table; a command that is not here
// fails the test.
func rehearsals() map[string][]rehearsal {
	return map[string][]rehearsal{
		"backup":         {{args: "--to {F}/copy.db"}},
		"restore":        {{args: "--from {F}/made.db --to {F}/restored.db"}},
		"support-bundle": {{args: "--out {F}/support.zip"}},
		"blueprint new":  {{args: "crm {F}/crm"}}, "service install": {{args: "--root {F}/root"}}, "service uninstall": {{args: "--root {F}/root"}},
		"apps key create": {{args: "portal"}}, "apps key rotate": {{args: "{K}"}}, "apps key revoke": {{args: "{K}"}},
		"operators create": {{args: "anna --role auditor"}}, "operators revoke": {{args: "{T}"}},
		"trigger": {{args: "office"}}, "deliveries enable": {{args: "office"}}, "deliveries replay": {{args: "office"}},
		"deliveries stop":       {{args: "77", alike: "there is no such replay", ends: cli.ExitUsage}},
		"connect people link":   {{args: "contoso calendar --app portal", alike: "the registration is not for people", ends: cli.ExitUsage}},
		"connect people revoke": {{args: "contoso calendar 00000000-0000-0000-0000-000000000001", alike: "nobody has signed in", ends: cli.ExitUsage}},
		"connect":               {{args: "contoso calendar --no-input", alike: "it is connected"}},
		"connect tidy":          {{args: "contoso calendar --administrator-client {C}", signs: 1, alike: "no secret was left behind"}},
		"connect rotate":        {{args: "contoso calendar --new {F}/new.secret"}},
		"catalog show":          {{args: "Calendars.Read"}},
		"catalog update":        {{args: "{F}/nothing.json", alike: "there is no such file", ends: cli.ExitUsage}},
		"catalog undo":          {{alike: "nothing was taken over"}},
		"grants":                {{args: "contoso/calendar --apply --administrator-client {C}", signs: 1, notes: "table counted, table used"}},
		"restrict":              {{args: "contoso calendar --out {F}/restrict.ps1"}, {args: "contoso calendar --administrator --administrator-client {C}", signs: 2}},
		"key create":            {{alike: "there is one", ends: cli.ExitConflict}},
		"key rotate":            {{}},
		"connect revoke":        {{args: "contoso signed"}},
		"apply":                 {{}},

		"ledger search": {{args: "--config {Y}"}}, "ledger tail": {{args: "--end --config {Y}"}}, "ledger verify": {{args: "--config {Y}"}}, "ledger export": {{args: "--config {Y} --to {F}/tiles"}}, "ledger prove": {{args: "1 --config {Y}"}}, "connect people list": {{args: "contoso calendar", ends: -1}}, "feeds": {{}}, "doctor": {{ends: -1}, {args: "--online", ends: -1, notes: "table connections"}}, "deliveries": {{}},
		"deliveries replays": {{}}, "writes": {{}}, "listen": {{args: "--flow office --since 0 --end"}}, "logs tail": {{args: "--end"}}, "flows": {{}}, "tenants": {{}}, "tenants apps": {{args: "contoso --administrator --administrator-client {C}", signs: 1}}, "check": {{}},
		"config validate": {{args: "{Y}"}}, "config schema": {{}}, "plan": {{ends: -1}}, "explain": {{args: "portal GET /users", ends: cli.ExitUnhealthy}}, "policy test": {{args: "cases.yaml", ends: cli.ExitUsage}}, "policy impact": {{ends: -1}}, "blueprint list": {{}}, "blueprint show": {{args: "crm"}}, "service unit": {{}}, "version": {{}},
		"man":  {{args: "--to {F}/man1"}},
		"apps": {{}}, "operators": {{}}, "apps key list": {{args: "portal"}}, "openapi": {{}},
		"assess": {{args: "../docs/examples/plan.md"}}, "assess diff": {{args: "../docs/examples/plan-before.md ../docs/examples/plan.md"}},
	}
}

// serving are the commands that are no question: they run until they are ended, and
// have tests of their own.
func serving() map[string]string {
	return map[string]string{"demo": "it runs a gateway and a simulator of its own, and leaves nothing", "serve": "it is the server", "sim": "it is the simulator"}
}

// play runs a rehearsal.
func (tn *tenant) play(t *testing.T, name string, x rehearsal, fill *strings.Replacer, more ...string) {
	t.Helper()
	args := append(strings.Fields(name+" "+fill.Replace(x.args)), more...)
	command := start(t, args...)
	tn.signsIn(t, command, x.signs)
	code := <-command.code
	if x.ends >= 0 && code != x.ends {
		t.Errorf("%v: exit code %d, want %d:\n%s%s", args, code, x.ends, command.out, command.err)
	}
}

// TestARehearsalChangesNothing goes through the table of all commands beside a server:
// what changes something leaves everything as it was with --dry-run, and does change
// something without it, so that the comparison sees it; what says that it changes
// nothing does not.
func TestARehearsalChangesNothing(t *testing.T) {
	t.Parallel()
	tn, shop := open(t), newCounter(t, http.StatusNoContent)
	config := tn.configure(t, func(s *settings) {
		s.operate = freePort(t)
		s.sink = strings.TrimPrefix(shop.URL, "http://")
	})
	folder := filepath.Dir(config)
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	shop.await(t, "the first changes", func(ids map[string]int) bool { return len(ids) > 0 })
	tn.awaitFeeds(t, config, "office", true)
	awaitSink(t, config, "office", func(s api.Sink) bool { return s.Pending == 0 && s.Taken > 0 })
	key := regexp.MustCompile(`"id": "([^"]+)"`).FindStringSubmatch(says(t, cli.ExitOK, "gwk_", "apps", "key", "create", "portal", "--json", "--config", config))
	badge := regexp.MustCompile(`"id": "([^"]+)"`).FindStringSubmatch(says(t, cli.ExitOK, "gwp_", "operators", "create", "bert", "--role", "auditor", "--json", "--config", config))
	var fresh struct{ SecretText string }
	var apps struct{ Value []struct{ ID string } }
	tn.graph(t, "GET", "/applications?$filter=appId%20eq%20'"+tn.app(t, "calendar").ClientID+"'", nil, &apps)
	tn.graph(t, "POST", "/applications/"+apps.Value[0].ID+"/addPassword", map[string]any{}, &fresh)
	if err := os.WriteFile(filepath.Join(folder, "new.secret"), []byte(fresh.SecretText), 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, cli.ExitOK, "read back", "backup", "--config", config, "--to", filepath.Join(folder, "made.db"))
	fill := strings.NewReplacer("{F}", folder, "{C}", tn.app(t, "public").ClientID, "{K}", key[1], "{T}", badge[1], "{Y}", config)
	look := func() world {
		w := tn.see(t, folder, filepath.Join(folder, "graphwarden.db"))
		shop.mu.Lock()
		defer shop.mu.Unlock()
		w["receiver"] = fmt.Sprint(shop.ids)
		return w
	}
	all := rehearsals()
	flags := func(c cli.Told) (list []string) {
		if c.Config && !c.Optional {
			list = append(list, "--config", config)
		}
		return list
	}
	rehearsed := 0
	table := cli.Table(nobodys())
	for _, c := range table {
		switch {
		case c.Group || serving()[c.Name] != "":
			continue
		case len(all[c.Name]) == 0:
			t.Errorf("%s is in no rehearsal: a new command says there how it is run", c.Name)
			continue
		case c.Name == "apply":
			rewrite(t, config, "sweep: {woken: 1s, alone: 1s}", "sweep: {woken: 1s, alone: 1s}\nkeep: 20d")
		}
		for _, x := range all[c.Name] {
			before, with := look(), flags(c)
			if c.Changes {
				with = append(with, "--dry-run")
			}
			tn.play(t, c.Name, x, fill, with...)
			rehearsed++
			if changed := strings.Join(look().differs(before), ", "); changed != x.notes {
				t.Errorf("%s %s %v changed %s", c.Name, x.args, with, changed)
			}
		}
	}
	for _, name := range []string{"backup", "restore", "support-bundle", "blueprint new", "service install", "service uninstall", "apps key create", "apps key rotate", "apps key revoke", "operators create", "operators revoke", "trigger", "deliveries enable",
		"deliveries replay", "deliveries stop", "connect people link", "connect people revoke", "connect", "connect tidy", "connect rotate", "restrict", "grants", "key rotate", "connect revoke", "apply", "man"} {
		at := slices.IndexFunc(table, func(c cli.Told) bool { return c.Name == name })
		for _, x := range all[name] {
			before, with := look(), flags(table[at])
			if table[at].Takes {
				with = append(with, "--yes")
			}
			tn.play(t, name, x, fill, with...)
			if x.alike != "" {
				continue
			}
			changed := look().differs(before)
			for late := time.Now().Add(2 * time.Minute); len(changed) == 0 && time.Now().Before(late); changed = look().differs(before) {
				<-time.After(20 * time.Millisecond) // a replay is told in a moment
			}
			if len(changed) == 0 {
				t.Errorf("%s %s changed nothing, so that its rehearsal proves nothing", name, x.args)
			}
		}
	}
	server.stop()
	server.ends(t, cli.ExitOK)
	t.Logf("%d rehearsals of %d commands", rehearsed, len(all))
}

// TestARehearsalWithoutAServerMakesNothing: no database, no key, no token.
func TestARehearsalWithoutAServerMakesNothing(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, nil)
	folder := filepath.Dir(config)
	fill := strings.NewReplacer("{F}", folder, "{C}", tn.app(t, "public").ClientID, "{K}", "gwk_0", "{T}", "tok_0", "{Y}", config)
	for _, c := range cli.Table(nobodys()) {
		if !c.Changes || c.Group {
			continue
		}
		for _, x := range rehearsals()[c.Name] {
			before, args := tn.see(t, folder, filepath.Join(folder, "graphwarden.db")), []string{"--dry-run"}
			if c.Config && !c.Optional {
				args = append(args, "--config", config)
			}
			if x.signs > 1 {
				continue // without a server no mailbox is known, and it ends before anybody signs in
			}
			x.ends = -1 // without a server there may be nothing to rehearse
			tn.play(t, c.Name, x, fill, args...)
			if changed := tn.see(t, folder, filepath.Join(folder, "graphwarden.db")).differs(before); len(changed) > 0 {
				t.Errorf("%s %s: %v", c.Name, x.args, changed)
			}
		}
	}
}

// refused are commands that refuse what they are told, with the code of that; {F} is a
// folder, {Y} a configuration on which a server runs, {N} one on which none does.
func refused() map[string][][2]string {
	return map[string][][2]string{
		"backup": {{"--config {Y} --to {F}/there", "storage.exists"}, {"--config {Y} --to {F}/missing/backup.db", "storage.folder"},
			{"--config {N} --to {F}/new.db", "storage.absent"}, {"--config {D} --to {F}/new.db", "storage.damaged"}},
		"restore": {{"--from {F}/good.db --to {F}/there", "storage.exists"}, {"--from {F}/rotten.db --to {F}/new.db", "storage.damaged"},
			{"--from {F}/there --to {F}/new.db", "storage.not_a_database"},
			{"--from {F}/none.db --to {F}/new.db", "storage.absent"}, {"--from {F}/good.db --config {Y}", "storage.exists"}, {"--from {F}/good.db --to {F}/missing/new.db", "storage.folder"}},
		"support-bundle":        {{"--config {Y} --out {F}/there", "cli.bundle"}},
		"blueprint new":         {{"crm {F}/taken", "cli.blueprint"}, {"cmr {F}/new", ""}},
		"apps key create":       {{"nobody --config {Y}", "appkey.app"}},
		"apps key rotate":       {{"gwk_none --config {Y}", "appkey.unknown"}},
		"apps key revoke":       {{"gwk_none --config {Y}", "appkey.unknown"}},
		"operators create":      {{"anna --role king --config {Y}", ""}},
		"operators revoke":      {{"tok_none --config {Y}", "staff.unknown"}},
		"trigger":               {{"nowhere --config {Y}", "deliver.sink"}},
		"deliveries enable":     {{"nowhere --config {Y}", "deliver.sink"}},
		"deliveries replay":     {{"nowhere --config {Y}", "deliver.sink"}},
		"deliveries stop":       {{"77 --config {Y}", "store.replay_unknown"}, {"77 --config {N}", "cli."}},
		"connect":               {{"contoso nobody --config {Y}", "connect.unknown"}},
		"connect revoke":        {{"contoso nobody --config {Y}", "connect.unknown"}},
		"connect rotate":        {{"contoso calendar --new {F}/none --config {Y}", ""}, {"contoso calendar --new {F}/in.use --config {Y}", "connect.in_use"}, {"contoso nobody --config {Y}", "connect.unknown"}},
		"connect tidy":          {{"contoso nobody --config {Y}", "connect.unknown"}},
		"connect people link":   {{"contoso calendar --app portal --config {Y}", ""}},
		"connect people revoke": {{"contoso calendar 00000000-0000-0000-0000-000000000001 --config {Y}", ""}},
		"restrict":              {{"contoso nobody --config {Y}", "connect.unknown"}},
		"grants":                {{"contoso/nobody --apply --config {Y}", "grant.unknown"}},
		"catalog update":        {{"{F}/none.json --config {Y}", "catalog.unreadable"}},
		"ledger export":         {{"--config {Y} --to {F}/there", "ledger.export_there"}, {"--config {N} --to {F}/tiles", "storage.absent"}},
		"apply":                 {{"--config {N}", "cli.no_server"}},
		"key create":            {{"--config {Y}", "cli.key_exists"}},
	}
}

// harmlessOnly are changing commands that refuse nothing that they are told.
func harmlessOnly() map[string]string {
	return map[string]string{"service install": "it writes over what it wrote before", "service uninstall": "what is not there need not go",
		"catalog undo": "with nothing to take back it says so", "key rotate": "it takes nothing but a configuration", "man": "it writes over what it wrote before"}
}

// TestARehearsalRefusesWhatTheCommandWould: with the same code and the same exit code,
// and as far as that is known without doing it. Every changing command of the table is
// tried.
func TestARehearsalRefusesWhatTheCommandWould(t *testing.T) {
	t.Parallel()
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	folder := filepath.Dir(config)
	server := start(t, "serve", "--config", config)
	server.err.await(t, "msg=running")
	says(t, cli.ExitOK, "read back", "backup", "--config", config, "--to", filepath.Join(folder, "good.db"))
	elsewhere := func(database string) string {
		raw, err := os.ReadFile(config)
		if err != nil {
			t.Fatal(err)
		}
		text := regexp.MustCompile(`(?m)^database: .*$`).ReplaceAllString(string(raw), "database: "+database)
		path := filepath.Join(folder, database+".yaml")
		if err := os.WriteFile(path, []byte(regexp.MustCompile(`(?m)^operate: .*$`).ReplaceAllString(text, "operate: "+freePort(t))), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, err := os.ReadFile(filepath.Join(folder, "good.db"))
	err = errors.Join(err, os.WriteFile(filepath.Join(folder, "there"), []byte("x"), 0o600), os.Mkdir(filepath.Join(folder, "taken"), 0o700),
		os.WriteFile(filepath.Join(folder, "taken", "graphwarden.yaml"), []byte("x"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(folder, "good.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	page, err := strconv.Atoi(rowsOf(t, db, `SELECT rootpage FROM sqlite_schema WHERE name = 'mailboxes'`)[0])
	err = errors.Join(err, db.Close())
	copy(good[(page-1)*16384:], bytes.Repeat([]byte{0xA5}, 16384))
	for _, file := range []string{"rotten.db", "damaged.db"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, file), good, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(folder, "calendar.secret"))
	if err := errors.Join(err, os.WriteFile(filepath.Join(folder, "in.use"), append(secret, '\n'), 0o600)); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("{F}", folder, "{Y}", config, "{N}", elsewhere("none.db"), "{D}", elsewhere("damaged.db"))
	all := refused()
	for _, c := range cli.Table(nobodys()) {
		if !c.Changes || c.Group && len(all[c.Name]) == 0 {
			continue
		}
		if len(all[c.Name]) == 0 && harmlessOnly()[c.Name] == "" {
			t.Errorf("%s is in no rehearsal of a refusal: a new command says there what it refuses", c.Name)
		}
		for _, x := range all[c.Name] {
			args := append(strings.Fields(c.Name+" "+fill.Replace(x[0])), "--no-input")
			if c.Takes {
				args = append(args, "--yes")
			}
			dry, out, said := run(t, append(args, "--dry-run")...)
			does, outThen, saidThen := run(t, args...)
			if dry == cli.ExitOK || dry != does || !strings.Contains(said, x[1]) || !strings.Contains(saidThen, x[1]) {
				t.Errorf("%v: the rehearsal ends with %d, the command with %d, want both refused with %q:\n%s%s\n%s%s", args, dry, does, x[1], out, said, outThen, saidThen)
			}
		}
	}
	server.stop()
	server.ends(t, cli.ExitOK)
}
