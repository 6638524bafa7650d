package assemble

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/watch"
)

// Ledger is where signed checkpoints of the ledger go.
type Ledger struct {
	// Checkpoint is the file with the newest; default graphwarden.checkpoint beside the
	// database. The key that others check it with lies beside it, with .vkey after its
	// name.
	Checkpoint string `yaml:"checkpoint" when:"start"`
	// Webhook is where each is sent; empty: nowhere.
	Webhook string `yaml:"webhook" form:"web"`
	// Witnesses cosign each (c2sp.org/tlog-witness), by a name of yours.
	Witnesses map[string]*Witness `yaml:"witnesses"`
}

// Witness is a server of somebody else's that cosigns checkpoints.
type Witness struct {
	URL string `yaml:"url" form:"web" need:"yes"` // what add-checkpoint is appended to
	Key string `yaml:"key_file" need:"yes"`       // a file with its verifier key, name+hash+base64
}

func (l Ledger) check(found *faults, at string) {
	found.address(at+".webhook", l.Webhook)
	for name, w := range l.Witnesses {
		if w != nil {
			found.address(at+".witnesses."+name+".url", w.URL)
		}
	}
}

const (
	// signEvery is how often the ledger is signed while there is news: checkpoints are
	// at most a minute apart, and signing takes time, too.
	signEvery = 50 * time.Second
	// lastSign is how long signing may take when the process ends.
	lastSign = 2 * time.Second
	// sendWithin is how long a webhook may take to take a checkpoint.
	sendWithin = 10 * time.Second
)

// CheckpointFile is the file with the newest checkpoint of the ledger.
func (c *Config) CheckpointFile() string {
	if c.Ledger.Checkpoint == "" {
		return c.besideDatabase("graphwarden.checkpoint")
	}
	return c.path(c.Ledger.Checkpoint)
}

// signing signs checkpoints of the ledger.
type signing struct {
	signer *ledger.Signer
	hook   string
	client *http.Client
	now    func() time.Time
	told   string // the note that the webhook took last
	// witnesses cosign what the signer signed, in the order of their names.
	witnesses []*ledger.Witness

	mu     sync.Mutex
	failed error // why the last attempt in this process did not succeed
	// unseen says of witnesses that did not cosign the last checkpoint since when, and why.
	unseen map[string]watch.Unseen
}

// newSigning makes what signs the ledger.
func (g *Graphwarden) newSigning(o Outside) (*signing, error) {
	client, err := outbound.New(outbound.Options{Admit: g.declared.admit, Now: o.Now, Dial: o.Dial})
	if err != nil {
		return nil, err
	}
	s := &signing{hook: g.config.Ledger.Webhook, client: client, now: o.Now, unseen: map[string]watch.Unseen{}}
	for _, name := range slices.Sorted(maps.Keys(g.config.Ledger.Witnesses)) {
		w := g.config.Ledger.Witnesses[name]
		key, err := readText(g.config.path(w.Key), "the key of the witness "+name)
		if err != nil {
			return nil, err
		}
		one, err := ledger.NewWitness(w.URL, key, client)
		if err != nil {
			return nil, err
		}
		s.witnesses = append(s.witnesses, one)
	}
	s.signer = &ledger.Signer{Rows: g.Store, Keys: g.Store, Sealer: g.sealer,
		Outside: ledger.File(g.config.CheckpointFile()), Origin: ledger.Origin(g.Store.Origin()), Random: rand.Reader}
	return s, nil
}

// sign signs the ledger again and again, until ctx ends, and then what came last.
func (g *Graphwarden) sign(ctx context.Context) error {
	timer := time.NewTicker(signEvery)
	defer timer.Stop()
	for {
		g.signOnce(ctx)
		select {
		case <-timer.C:
		case <-ctx.Done():
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastSign)
			defer stop()
			g.signOnce(last)
			return nil
		}
	}
}

// signOnce signs the ledger, unless that is done, and sends the checkpoint.
func (g *Graphwarden) signOnce(ctx context.Context) {
	s := g.signing
	c, err := s.signer.Sign(ctx)
	s.mu.Lock()
	s.failed = err
	s.mu.Unlock()
	if err == nil && c.Note != "" {
		c = g.cosign(ctx, c)
	}
	if err == nil && s.hook != "" && c.Note != "" && c.Note != s.told {
		if err = s.send(ctx, c.Note); err == nil {
			s.told = c.Note
		}
	}
	if err != nil && ctx.Err() == nil {
		g.log.Error("signing the ledger", "reason", err)
	}
}

// cosign has the witnesses cosign a checkpoint; one that does not keeps nobody else from it.
func (g *Graphwarden) cosign(ctx context.Context, c graphwarden.Checkpoint) graphwarden.Checkpoint {
	s := g.signing
	for _, w := range s.witnesses {
		within, stop := context.WithTimeout(ctx, sendWithin)
		with, err := s.signer.Cosigned(within, w, c)
		stop()
		if err != nil && ctx.Err() != nil {
			return c // it is asked again by whoever signs next
		}
		s.mu.Lock()
		before, known := s.unseen[w.Name()]
		delete(s.unseen, w.Name())
		if err != nil {
			if !known {
				before.Since = s.now()
			}
			s.unseen[w.Name()] = watch.Unseen{Since: before.Since, Why: err}
		}
		s.mu.Unlock()
		if err != nil {
			g.log.Error("having the ledger's checkpoint cosigned", "witness", w.Name(), "reason", err)
		}
		c = with
	}
	return c
}

// send posts a checkpoint as it is: it carries its own signature.
func (s *signing) send(ctx context.Context, note string) error {
	ctx, stop := context.WithTimeout(ctx, sendWithin)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.hook, strings.NewReader(note))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "text/plain; charset=utf-8")
	answer, err := s.client.Do(r)
	if err != nil {
		return outbound.Explain(err, r.URL.Host)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return errors.New("the webhook of ledger.webhook answered " + answer.Status)
	}
	return nil
}

// signed says for the watch what there is of checkpoints.
func (g *Graphwarden) signed(ctx context.Context) (watch.Signed, error) {
	state, err := g.signing.signer.State(ctx)
	var wrong *graphwarden.Refusal
	if errors.As(err, &wrong) && strings.HasPrefix(wrong.Code, "ledger.") {
		return watch.Signed{Wrong: wrong}, nil
	}
	if err != nil {
		return watch.Signed{}, err
	}
	g.signing.mu.Lock()
	defer g.signing.mu.Unlock()
	if errors.As(g.signing.failed, &wrong) && strings.HasPrefix(wrong.Code, "ledger.") {
		return watch.Signed{Wrong: wrong}, nil
	}
	for _, u := range g.signing.unseen {
		if errors.As(u.Why, &wrong) && (wrong.Code == "ledger.witness_ahead" || wrong.Code == "ledger.witness_forked") {
			return watch.Signed{Wrong: wrong}, nil
		}
	}
	return watch.Signed{Waiting: state.Waiting, Since: state.Since, Problem: g.signing.failed, Unseen: maps.Clone(g.signing.unseen)}, nil
}
