package cli

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
)

// Bundle is the manifest of a support bundle, and what graphwarden support-bundle
// prints with --json.
type Bundle struct {
	File    string         `json:"file,omitempty"` // empty in a rehearsal
	Made    time.Time      `json:"made"`
	Version string         `json:"version"`
	Parts   []Part         `json:"parts"`
	LeftOut []LeftOut      `json:"left_out"`
	Hidden  map[string]int `json:"hidden"` // how often what was taken out, by its kind
}

// Part is one file of a support bundle.
type Part struct {
	Name   string `json:"name"`
	What   string `json:"what"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`

	text []byte
}

// LeftOut is what a support bundle would have and could not get.
type LeftOut struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

// supportBundle makes an archive for whoever helps.
func (p Program) supportBundle() *command {
	var out string
	return &command{
		use:   "support-bundle",
		short: "Make one archive for whoever helps you, without secrets and people",
		long: `Support-bundle gathers what explains a fault: the version and the system, the
configuration without its texts, what the doctor finds, the server's state, metrics,
notices and last activity, the database's schema and whether it is sound. It changes
nothing and works without a server, with less in it.

Secrets are not in it, whatever they stand in. People, mailboxes, ids (also those of the
tenant and of app registrations) and addresses of machines have numbers in place of
their names, the same within one archive; addresses of the web end at their host. What
the configuration names, such as tenants, flows and sinks, keeps its name. --dry-run
lists what would go in and writes nothing.`,
		examples:  []string{"graphwarden support-bundle --dry-run", "graphwarden support-bundle --out support.zip", "graphwarden support-bundle --dry-run --json"},
		config:    ofServer,
		prints:    Bundle{},
		rehearses: true,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&out, "out", "", "the `file` to write, which must not exist; default is graphwarden-support- and the time")
		},
		run: func(c *call) error {
			b, err := c.gatherBundle()
			if err != nil {
				return err
			}
			if c.dry {
				if _, err := os.Lstat(out); out != "" && err == nil {
					return unmadeArchive(out, fs.ErrExist)
				}
				return c.print(b, b.text())
			}
			if b.File = out; out == "" {
				b.File = "graphwarden-support-" + b.Made.Format("20060102T150405Z") + ".zip"
			}
			if err := b.write(); err != nil {
				return err
			}
			return c.print(b, b.text())
		},
	}
}

// add takes a part.
func (b *Bundle) add(name, what string, text []byte) {
	sum := sha256.Sum256(text)
	b.Parts = append(b.Parts, Part{Name: name, What: what, Bytes: len(text), SHA256: hex.EncodeToString(sum[:]), text: text})
}

// lacks notes what could not be got.
func (b *Bundle) lacks(name string, why string) { b.LeftOut = append(b.LeftOut, LeftOut{name, why}) }

// unmadeArchive refuses a file that cannot be made.
func unmadeArchive(file string, err error) error {
	what := "Name another file with --out, in a folder that can be written to."
	if errors.Is(err, fs.ErrExist) {
		what = "It exists already: name another file with --out."
	}
	return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.bundle", Cause: err, Say: fmt.Sprintf("The archive %s cannot be written.", file), Do: what}
}

// write makes the archive, for its owner's eyes.
func (b *Bundle) write() (err error) {
	f, err := os.OpenFile(b.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return unmadeArchive(b.File, err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			_ = os.Remove(f.Name()) // half an archive helps nobody
		}
	}()
	manifest := *b
	manifest.File = ""
	text, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	z := zip.NewWriter(f)
	for _, part := range append([]Part{{Name: "manifest.json", text: append(text, '\n')}}, b.Parts...) {
		w, err := z.CreateHeader(&zip.FileHeader{Name: part.Name, Method: zip.Deflate, Modified: b.Made})
		if err == nil {
			_, err = w.Write(part.text)
		}
		if err != nil {
			return fmt.Errorf("writing %s into the archive: %w", part.Name, err)
		}
	}
	return z.Close()
}

// text is the manifest for people.
func (b *Bundle) text() string {
	var t strings.Builder
	for _, part := range b.Parts {
		fmt.Fprintf(&t, "%8d  %-26s %s\n", part.Bytes, part.Name, part.What)
	}
	for _, l := range b.LeftOut {
		fmt.Fprintf(&t, "       -  %-26s left out: %s\n", l.Name, l.Why)
	}
	var hidden []string
	for kind, n := range b.Hidden {
		hidden = append(hidden, fmt.Sprintf("%s %d", kind, n))
	}
	slices.Sort(hidden)
	fmt.Fprintf(&t, "Taken out: %s\n", or(strings.Join(hidden, ", "), "nothing"))
	if b.File == "" {
		t.WriteString("Nothing was written.\n")
	} else {
		fmt.Fprintf(&t, "Wrote %s. Look into it before you send it.\n", b.File)
	}
	return t.String()
}
