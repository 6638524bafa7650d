package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
)

// mode is one way to run the examples.
type mode struct {
	name string
	run  func(*witness, context.Context) (int, int, error)
}

func modes() []mode {
	return []mode{
		{"admin", func(w *witness, ctx context.Context) (int, int, error) {
			return w.replay(ctx, "", w.tenant.Tokens.Admin)
		}},
		{"app", func(w *witness, ctx context.Context) (int, int, error) {
			return w.replay(ctx, application, w.tenant.Tokens.Everything)
		}},
		{"least-user", func(w *witness, ctx context.Context) (int, int, error) { return w.replayLeast(ctx, delegated) }},
		{"least-app", func(w *witness, ctx context.Context) (int, int, error) { return w.replayLeast(ctx, application) }},
		{"nobody", (*witness).refusals},
		{"unsafe", (*witness).unsafe},
	}
}

// witness is one run against one fresh tenant.
type witness struct {
	tenant   *tenant
	table    *table
	examples []example
	checker  string   // the program
	args     []string // its flags
	results  string   // where it writes its results
}

func main() {
	name := flag.String("mode", "admin", "admin, app, least-user, least-app, nobody or unsafe")
	ready := flag.String("ready", "", "the simulator's ready file")
	facts := flag.String("facts", "", "the folder with Microsoft's published facts")
	checker := flag.String("checker", "", "graphcheck, built")
	ids := flag.String("ids", "interop/examples/ids.txt", "the examples, an id a line")
	least := flag.Int("min", 0, "fail below this many")
	flag.Parse()
	if err := run(*name, *ready, *facts, *checker, *ids, *least); err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		os.Exit(1)
	}
}

func run(name, ready, facts, checker, ids string, least int) error {
	ctx := context.Background()
	work, err := os.MkdirTemp("", "examples")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	w := &witness{checker: checker, results: filepath.Join(work, "results.json")}
	list := filepath.Join(facts, "examples.jsonl.gz")
	w.args = []string{"-csdl", filepath.Join(facts, "v1.0.csdl.gz"), "-ids", ids, "-probes=false", "-json", w.results, list}
	if w.tenant, err = openTenant(ready); err != nil {
		return err
	}
	if w.table, err = readTable(filepath.Join(facts, "permissions.json.gz")); err != nil {
		return err
	}
	if w.examples, err = readExamples(list, ids); err != nil {
		return err
	}
	for _, m := range modes() {
		if m.name != name {
			continue
		}
		good, of, err := m.run(w, ctx)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d of %d as documented\n", name, good, of)
		if good < least {
			return fmt.Errorf("%s: %d, and %d is what it was", name, good, least)
		}
		return nil
	}
	return fmt.Errorf("no mode is called %q", name)
}

// result is what the checker says about one example.
type result struct {
	ID, Method, URL, Outcome string
	Want, Got                int
	Reasons                  []string
}

// check runs the checker against base and gives its results.
func (w *witness) check(ctx context.Context, base, token string) ([]result, error) {
	c := exec.CommandContext(ctx, w.checker, w.args...)
	c.Env = append(os.Environ(), "GRAPH_BASE="+base+"/v1.0", "GRAPH_TOKEN="+token, "SSL_CERT_FILE="+w.tenant.CA)
	if out, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the checker: %w: %s", err, out)
	}
	raw, err := os.ReadFile(w.results)
	if err != nil {
		return nil, err
	}
	var out []result
	return out, json.Unmarshal(raw, &out)
}

// replay runs the checker with one token. An example that no permission of the
// scheme opens must be refused; with an empty scheme every one must conform.
func (w *witness) replay(ctx context.Context, scheme, token string) (good, of int, err error) {
	results, err := w.check(ctx, w.tenant.Graph, token)
	if err != nil {
		return 0, 0, err
	}
	good, of = w.judge(results, scheme)
	return good, of, nil
}

// replayLeast runs the checker against a lender of least tokens.
func (w *witness) replayLeast(ctx context.Context, scheme string) (good, of int, err error) {
	l := &lender{tenant: w.tenant, table: w.table, scheme: scheme}
	s := httptest.NewServer(http.HandlerFunc(l.serve))
	defer s.Close()
	results, err := w.check(ctx, s.URL, "lent")
	if err = errors.Join(err, l.failed()); err != nil {
		return 0, 0, err
	}
	good, of = w.judge(results, scheme)
	return good, of, nil
}
