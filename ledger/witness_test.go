package ledger_test

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/witness"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// observed is a witness that runs, and a notary's way to it.
type observed struct {
	*witness.Witness
	url string
}

func observe(t *testing.T, name string) *observed {
	t.Helper()
	w := witness.New(name, func() time.Time { return began() })
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return &observed{w, server.URL + "/"}
}

// asked gives what a process that has just started asks it with.
func (o *observed) asked(t *testing.T) *ledger.Witness {
	t.Helper()
	w, err := ledger.NewWitness(o.url, o.Key()+"\n", http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// cosigned signs, and has a witness cosign.
func (x *notary) cosigned(w *ledger.Witness) (graphwarden.Checkpoint, error) {
	x.Helper()
	return x.signer.Cosigned(x.Context(), w, x.sign())
}

func (x *notary) known(o *observed) {
	x.Helper()
	if err := o.Know(x.read(x.file() + ".vkey")); err != nil {
		x.Fatal(err)
	}
}

// TestAWitnessCosignsWhatGoesOn at sizes around those of tiles, with one process that
// knows what it cosigned last and one that has just started.
func TestAWitnessCosignsWhatGoesOn(t *testing.T) {
	t.Parallel()
	o := observe(t, "witness.example/w1")
	for _, name := range []string{"one process", "each time another"} {
		x := founded(t, 1, nil)
		x.sign()
		x.known(o)
		w, size := o.asked(t), int64(1)
		for _, more := range []int{0, 1, 254, 1, 0, 300, 1} {
			x.append(more)
			size += int64(more)
			c, err := x.cosigned(w)
			if err != nil || c.Size != size {
				t.Fatalf("%s: at %d: %+v, %v", name, size, c, err)
			}
			stored, err := x.store.Checkpoint(t.Context())
			if err != nil || stored.Note != c.Note || x.read(x.file()) != c.Note {
				t.Errorf("%s: at %d the cosignature is not kept: %v\n%s", name, size, err, x.read(x.file()))
			}
			seen, err := audit.ReadCosignature(c.Note, o.Key())
			if err != nil || seen.Witness != "witness.example/w1" || !seen.At.Equal(began()) {
				t.Errorf("%s: at %d: %+v, %v", name, size, seen, err)
			}
			if again := x.sign(); again.Note != c.Note {
				t.Errorf("%s: at %d it was signed again, without the witness", name, size)
			}
			if r := x.verify(); !r.Sound() || r.Signed != size {
				t.Errorf("%s: at %d: %+v", name, size, r)
			}
			if name != "one process" {
				w = o.asked(t)
			}
		}
		proof, err := ledger.Prove(t.Context(), x.store, x.sign(), 300)
		if err != nil {
			t.Fatal(err)
		}
		_, signed, _ := strings.Cut(proof, "\n\n")
		if _, err := audit.ReadCosignature(signed, o.Key()); err != nil {
			t.Errorf("%s: a proof is not cosigned: %v", name, err)
		}
		if _, _, err := audit.Proof(proof, x.read(x.file()+".vkey")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAWitnessKnowsALedgerThatWasPutBack, which nothing on its machine tells: database
// and checkpoint are both the older ones, and valid.
func TestAWitnessKnowsALedgerThatWasPutBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"to fewer entries", "and has as many again", "and has more again"} {
		t.Run(name, func(t *testing.T) {
			o := observe(t, "witness.example/w1")
			x := founded(t, 300, nil)
			x.sign()
			x.known(o)
			if _, err := x.cosigned(o.asked(t)); err != nil {
				t.Fatal(err)
			}
			checkpoint := x.read(x.file())
			putBack := x.keep()
			x.append(50)
			if _, err := x.cosigned(o.asked(t)); err != nil {
				t.Fatal(err)
			}
			putBack()
			x.write(x.file(), checkpoint)
			// Other entries than those that were lost: these have another time.
			x.append(map[string]int{"to fewer entries": 0, "and has as many again": 50, "and has more again": 77}[name])
			before := x.sign()
			if r := x.verify(); !r.Sound() {
				t.Errorf("what is on the machine tells it: %+v", r)
			}
			w := o.asked(t)
			want := "ledger.witness_forked"
			if name == "to fewer entries" {
				want = "ledger.witness_ahead" // though the checkpoint was cosigned, too, as it was then
			}
			for range 2 {
				c, err := x.signer.Cosigned(t.Context(), w, before)
				var r *graphwarden.Refusal
				if !errors.As(err, &r) || r.Code != want || c.Note != before.Note || o.Size(x.signer.Origin) != 350 {
					t.Errorf("the witness lets it pass: %v, %d entries, want %s", err, o.Size(x.signer.Origin), want)
				}
			}
		})
	}
}

// keep keeps the database as it is, and gives what puts it back.
func (x *notary) keep() (putBack func()) {
	x.Helper()
	name := filepath.Join(x.folder, "graphwarden.db")
	if err := x.store.Close(); err != nil {
		x.Fatal(err)
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		x.Fatal(err)
	}
	x.open("graphwarden.db", nil)
	return func() {
		x.Helper()
		if err := x.store.Close(); err != nil {
			x.Fatal(err)
		}
		for _, suffix := range []string{"-wal", "-shm"} {
			_ = os.Remove(name + suffix) // they are gone already
		}
		x.write(name, string(kept))
		x.open("graphwarden.db", nil)
	}
}

// TestTwoWitnessesSeeThatTwoLedgersAreShown: each has cosigned one of them, and neither
// cosigns the other.
func TestTwoWitnessesSeeThatTwoLedgersAreShown(t *testing.T) {
	t.Parallel()
	one, other := observe(t, "witness.example/w1"), observe(t, "witness.example/w2")
	x := founded(t, 10, nil)
	x.sign()
	x.known(one)
	x.known(other)
	checkpoint := x.read(x.file())
	putBack := x.keep()
	x.append(5)
	if _, err := x.cosigned(one.asked(t)); err != nil {
		t.Fatal(err)
	}
	putBack()
	x.write(x.file(), checkpoint)
	x.append(5)
	c, err := x.cosigned(other.asked(t))
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.signer.Cosigned(t.Context(), one.asked(t), c)
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Code != "ledger.witness_forked" {
		t.Errorf("the witness of one cosigns the other, too: %v", err)
	}
}

// TestOneOfTwoWitnessesIsEnough: what the other says keeps the cosignature.
func TestOneOfTwoWitnessesIsEnough(t *testing.T) {
	t.Parallel()
	one, other := observe(t, "witness.example/w1"), observe(t, "witness.example/w2")
	x := founded(t, 10, nil)
	x.sign()
	x.known(other)
	if _, err := x.cosigned(one.asked(t)); err == nil {
		t.Error("it cosigns a ledger that it does not know")
	}
	c, err := x.cosigned(other.asked(t))
	if err != nil {
		t.Fatal(err)
	}
	x.known(one)
	if c, err = x.signer.Cosigned(t.Context(), one.asked(t), c); err != nil {
		t.Fatal(err)
	}
	for _, o := range []*observed{one, other} {
		if _, err := audit.ReadCosignature(x.read(x.file()), o.Key()); err != nil {
			t.Error(err)
		}
	}
	if c.Note != x.sign().Note {
		t.Error("it is signed again")
	}
}

// TestAnAnswerThatIsNoCosignatureIsNone, whatever a witness answers.
func TestAnAnswerThatIsNoCosignatureIsNone(t *testing.T) {
	t.Parallel()
	o := observe(t, "witness.example/w1")
	x := founded(t, 10, nil)
	x.sign()
	x.known(o)
	for name, s := range map[string]struct {
		answer func(w http.ResponseWriter, valid string)
		want   string
	}{
		"nothing":            {func(http.ResponseWriter, string) {}, "ledger.witness_answer"},
		"words":              {func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "thank you\n") }, "ledger.witness_answer"},
		"a line without end": {func(w http.ResponseWriter, valid string) { _, _ = io.WriteString(w, strings.TrimSuffix(valid, "\n")) }, "ledger.witness_answer"},
		"another's": {func(w http.ResponseWriter, valid string) {
			_, _ = io.WriteString(w, strings.Replace(valid, "/w1", "/w2", 1))
		}, "ledger.witness_answer"},
		"a later time":             {func(w http.ResponseWriter, valid string) { _, _ = io.WriteString(w, raised(t, valid, 11)) }, "ledger.witness_answer"},
		"the id of another key":    {func(w http.ResponseWriter, valid string) { _, _ = io.WriteString(w, raised(t, valid, 3)) }, "ledger.witness_answer"},
		"no size":                  {func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusConflict) }, "ledger.witness_answer"},
		"a size that is none":      {func(w http.ResponseWriter, _ string) { said(w, "-3\n") }, "ledger.witness_answer"},
		"another size each time":   {func(w http.ResponseWriter, _ string) { said(w, "3\n") }, "ledger.witness_answer"},
		"more than there are":      {func(w http.ResponseWriter, _ string) { said(w, "11\n") }, "ledger.witness_ahead"},
		"it does not know it":      {func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusNotFound) }, "ledger.witness_refused"},
		"it does not know its key": {func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusForbidden) }, "ledger.witness_refused"},
		"it is ill":                {func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusInternalServerError) }, "ledger.witness_answer"},
		"it hangs up":              {func(http.ResponseWriter, string) { panic(http.ErrAbortHandler) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				recorded := httptest.NewRecorder()
				again := r.Clone(context.WithoutCancel(r.Context()))
				again.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), "old 3\n", "old 0\n", 1)))
				fresh := witness.New("witness.example/w1", func() time.Time { return began() })
				if err := fresh.Know(x.read(x.file() + ".vkey")); err != nil {
					t.Error(err)
				}
				fresh.ServeHTTP(recorded, again)
				s.answer(w, recorded.Body.String())
			}))
			defer server.Close()
			w, err := ledger.NewWitness(server.URL, o.Key(), http.DefaultClient)
			if err != nil {
				t.Fatal(err)
			}
			before := x.sign()
			c, err := x.signer.Cosigned(t.Context(), w, before)
			var r *graphwarden.Refusal
			if err == nil || s.want != "" && (!errors.As(err, &r) || r.Code != s.want) || c.Note != before.Note || x.read(x.file()) != before.Note {
				t.Errorf("it gave %v, want %s; the checkpoint is\n%s", err, s.want, c.Note)
			}
		})
	}
	c, err := x.cosigned(o.asked(t))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(c.Note, "\n— ") != 2 {
		t.Errorf("at the end it is\n%s", c.Note)
	}
}

func said(w http.ResponseWriter, size string) {
	w.Header().Set("Content-Type", "text/x.tlog.size")
	w.WriteHeader(http.StatusConflict)
	_, _ = io.WriteString(w, size)
}

// raised raises a byte of a cosignature: of the key's id up to 3, of the time up to 11.
func raised(t *testing.T, line string, byte int) string {
	t.Helper()
	at := strings.LastIndex(line, " ") + 1
	raw := decoded(t, strings.TrimSpace(line[at:]))
	raw[byte]++
	return line[:at] + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// TestEveryByteOfACosignatureCounts, as the verifier reads it.
func TestEveryByteOfACosignatureCounts(t *testing.T) {
	t.Parallel()
	o, stranger := observe(t, "witness.example/w1"), observe(t, "witness.example/w2")
	x := founded(t, 10, nil)
	x.sign()
	x.known(o)
	c, err := x.cosigned(o.asked(t))
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Index(c.Note, "\n\n— ") // where the ledger's own signature begins, which is not looked at
	for i := range c.Note {
		if i > own+1 && i < strings.Index(c.Note, "\n— witness") {
			continue
		}
		for bit := range 8 {
			raw := []byte(c.Note)
			raw[i] ^= 1 << bit
			if seen, err := audit.ReadCosignature(string(raw), o.Key()); err == nil {
				t.Errorf("bit %d of byte %d: it reads as %+v", bit, i, seen)
			}
		}
	}
	for name, key := range map[string]string{"another's": stranger.Key(), "the ledger's": x.read(x.file() + ".vkey"), "none": "", "damaged": strings.Replace(o.Key(), "/w1", "/w3", 1)} {
		if seen, err := audit.ReadCosignature(c.Note, key); err == nil {
			t.Errorf("with the key of %s it reads as %+v", name, seen)
		}
		if _, err := ledger.NewWitness(o.url, key, http.DefaultClient); (err == nil) != (name == "another's") {
			t.Errorf("%s is taken for a key of a witness: %v", name, err)
		}
	}
}

// TestACosignatureThatIsCutIsAskedForAgain before and after it is in the file.
func TestACosignatureThatIsCutIsAskedForAgain(t *testing.T) {
	t.Parallel()
	cut := errors.New("cut")
	for _, after := range []bool{false, true} {
		o := observe(t, "witness.example/w1")
		x := founded(t, 10, nil)
		c := x.sign()
		x.known(o)
		file := x.signer.Outside
		x.signer.Outside = cutting{file, after, cut}
		if _, err := x.signer.Cosigned(t.Context(), o.asked(t), c); !errors.Is(err, cut) {
			t.Fatalf("it was not cut: %v", err)
		}
		x.signer.Outside = file
		if c, err := x.cosigned(o.asked(t)); err != nil || x.read(x.file()) != c.Note {
			t.Errorf("after the cut, which was after: %v: %v", after, err)
		}
		if _, err := audit.ReadCosignature(x.read(x.file()), o.Key()); err != nil {
			t.Error(err)
		}
	}
}
