package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/redact"
	"github.com/graphwarden/graphwarden/store"
)

// The bounds of what goes into a support bundle.
const (
	bundledActivity = "1000"
	bundledMetrics  = 4 << 20
	bundleWait      = 30 * time.Second // for each question to the server
)

// bundling is a support bundle on its way.
type bundling struct {
	*call
	*Bundle
	loaded *assemble.Config
	hide   *redact.Redactor
	server *client
}

// gatherBundle gets everything that can be got. What cannot stands in the manifest.
func (c *call) gatherBundle() (*Bundle, error) {
	g := &bundling{call: c, Bundle: &Bundle{Made: time.Now().UTC().Truncate(time.Second), Version: version(), Parts: []Part{}, LeftOut: []LeftOut{}}, hide: redact.New()}
	g.hide.Open(api.Documents)
	var err error
	if g.loaded, err = c.load(c.config); err != nil {
		g.lacks("configuration.yaml", g.hide.Text(places(err)))
	} else {
		if err := g.learn(); err != nil {
			return nil, err // what the secrets are is not known: nothing leaves
		}
		text, err := g.loaded.Outline(g.hide.Text)
		g.take("configuration.yaml", "the configuration in force, without texts", text, err)
	}
	g.json("system.json", "the program and the machine", g.system(), nil)
	if g.loaded != nil {
		g.json("doctor.json", "what graphwarden doctor finds", c.examine(c.ctx, c.config, false), nil)
		g.database()
		g.running()
	}
	g.Hidden = g.hide.Counted()
	return g.Bundle, c.ctx.Err()
}

// learn reads every secret that the configuration names, so that none shows
// wherever it has got to.
func (g *bundling) learn() error {
	files := []string{g.loaded.KeyFile(), g.loaded.Operate().Token}
	for _, file := range g.loaded.SecretFiles() {
		files = append(files, file)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		switch {
		case errors.Is(err, os.ErrNotExist):
			continue // it is nowhere to be learnt, and the doctor says so
		case err != nil:
			return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "cli.bundle", Cause: err,
				Say: fmt.Sprintf("The file %s cannot be read, so nobody can see to it that its secret is not in the archive.", file), Do: "Run this as the user that the server runs as."}
		}
		g.hide.Secret(raw)
		clear(raw)
	}
	if _, password, found := strings.Cut(g.loaded.Database, "://"); found {
		if u, err := url.Parse("x://" + password); err == nil && u.User != nil {
			plain, _ := u.User.Password()
			g.hide.Secret([]byte(plain))
		}
	}
	return nil
}

// take takes a part that is text and redacted, or notes why it is not there.
func (g *bundling) take(name, what string, text []byte, err error) {
	if err != nil {
		g.lacks(name, g.hide.Text(saying(err)))
		return
	}
	g.add(name, what, text)
}

// json takes a part that is a value.
func (g *bundling) json(name, what string, value any, err error) {
	var text []byte
	if err == nil {
		text, err = g.hide.JSON(value)
	}
	g.take(name, what, text, err)
}

// saying is what an error says to people.
func saying(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return r.Say
	}
	return err.Error()
}

// places says where a configuration is wrong, and not what stands there: that may be
// a secret in a wrong place, which nobody knows then.
func places(err error) string {
	var found *assemble.Mistakes
	if !errors.As(err, &found) {
		return "it cannot be read"
	}
	var all []string
	for _, m := range found.List {
		all = append(all, fmt.Sprintf("%d:%d %s", m.Line, m.Column, m.Code))
	}
	return "it is wrong at " + strings.Join(all, ", ")
}

// system is the machine as far as it matters.
func (g *bundling) system() any {
	overridden := []string{}
	for _, v := range assemble.Variables() {
		if g.Env(v.Name) != "" {
			overridden = append(overridden, v.Name)
		}
	}
	zone, _ := time.Now().Zone()
	return map[string]any{"program": Built{version(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH}, "cpus": runtime.NumCPU(),
		"time": time.Now().UTC(), "zone": zone, "settings_of_the_environment": overridden}
}

// database looks at the database, quickly where a server works on it.
func (g *bundling) database() {
	ctx, stop := context.WithTimeout(g.ctx, readThrough)
	defer stop()
	options, err := g.loaded.StoreOptions(assemble.Outside{})
	var found struct {
		Engine  string     `json:"engine"`
		Schema  int        `json:"schema"`
		Newest  int        `json:"newest_schema"`
		Sound   bool       `json:"sound"` // as far as a quick look sees
		Wrong   []string   `json:"wrong"`
		Backup  *time.Time `json:"last_backup"`
		Applied string     `json:"configuration_in_force,omitempty"`
	}
	if found.Engine = "sqlite"; store.IsURL(g.loaded.Database) {
		found.Engine = "postgresql"
	}
	if err == nil {
		var look store.Glance
		if look, err = store.Look(ctx, options, true); err == nil {
			found.Schema, found.Newest, found.Wrong = look.Version, look.Newest, append([]string{}, look.Wrong...)
			found.Sound = len(look.Wrong) == 0
			if !look.Upkeep.Backup.IsZero() {
				found.Backup = &look.Upkeep.Backup
			}
			if look.Applied != nil {
				found.Applied = look.Applied.Fingerprint
			}
		}
	}
	g.json("database.json", "the database's schema, and whether it is sound", found, err)
}

// running asks the server what it knows.
func (g *bundling) running() {
	var err error
	if g.server, err = dialLoaded(g.loaded); err == nil {
		var status api.Status
		if err = g.ask("/v1/status", nil, &status); err == nil {
			status.Routes = nil
			g.json("server/status.json", "the server", status, nil)
		}
	}
	if err != nil {
		g.lacks("server/", g.hide.Text(saying(err)))
		return
	}
	for _, x := range []struct{ name, what, path string }{
		{"server/notices.json", "what operators were told, the last 1,000", "/v1/notices?state=all&limit=1000"},
		{"server/connections.json", "the registrations and whether each works", "/v1/connections"},
		{"server/sinks.json", "the sinks and how each does", "/v1/sinks"},
		{"server/skipped.json", "mailboxes that are not read, and why", "/v1/skipped?limit=1000"},
		{"server/feeds.json", "the feeds and how fresh each is, the first 1,000", "/v1/feeds?limit=1000"},
	} {
		path, query, _ := strings.Cut(x.path, "?")
		values, _ := url.ParseQuery(query) // of this table
		var answer any
		err := g.ask(path, values, &answer)
		untitled(answer)
		g.json(x.name, x.what, answer, err)
	}
	text, err := g.metrics()
	g.take("server/metrics.txt", "what is measured, as Prometheus reads it", text, err)
	text, err = g.activity()
	g.take("server/activity.ndjson", "the last "+bundledActivity+" things that it did and lines of its log", text, err)
}

// ask asks the server for a document, and waits a while.
func (g *bundling) ask(path string, query url.Values, answer any) error {
	ctx, stop := context.WithTimeout(g.ctx, bundleWait)
	defer stop()
	return g.server.get(ctx, path, query, answer)
}

// untitled takes out of a list what people call their calendars, and Exchange's ids.
func untitled(answer any) {
	page, _ := answer.(map[string]any)
	items, _ := page["items"].([]any)
	for _, one := range items {
		if fields, is := one.(map[string]any); is {
			delete(fields, "calendar")
			delete(fields, "resource")
		}
	}
}

// metrics asks what is measured.
func (g *bundling) metrics() ([]byte, error) {
	ctx, stop := context.WithTimeout(g.ctx, bundleWait)
	defer stop()
	answer, err := g.server.send(ctx, "GET", "/metrics", nil, nil)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, bundledMetrics))
	return []byte(g.hide.Text(string(raw))), err
}

// activity asks what the server did last, and what its log said.
func (g *bundling) activity() ([]byte, error) {
	ctx, stop := context.WithTimeout(g.ctx, bundleWait)
	defer stop()
	var out bytes.Buffer
	err := g.server.lines(ctx, "/v1/activity", url.Values{"last": {bundledActivity}}, func(line []byte) error {
		var one map[string]any
		from := json.NewDecoder(bytes.NewReader(line))
		from.UseNumber()
		if err := from.Decode(&one); err != nil {
			return fmt.Errorf("reading a line: %w", err)
		}
		delete(one, "cursor")
		text, err := json.Marshal(g.hide.Tree(one))
		out.Write(append(text, '\n'))
		return err
	})
	return out.Bytes(), err
}
