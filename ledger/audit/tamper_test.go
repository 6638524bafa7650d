package audit_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/ledger/audit"
)

// The whole of what is promised takes some minutes: -flips 100000 -every.
var (
	flips = flag.Int("flips", 1000, "how many bits are flipped in 10,000 exported entries")
	every = flag.Bool("every", false, "flip a bit of every byte of 300 entries, not of one in each of so many")
	seed  = flag.Uint64("seed", 1, "of what chance decides")
)

// Without -every, a bit of one byte in so many is flipped.
const (
	fewTiles = 11
	fewRows  = 101
	// One flip in fewWhole is found by a whole verification, too, and not only by one that goes
	// on where the changed tile is.
	fewWhole = 100
)

// bundled says in which entry each byte of a bundle lies; the first is entry 1.
func bundled(raw []byte) []int64 {
	var out []int64
	for n := int64(1); len(raw) > 0; n++ {
		size := 2 + int(binary.BigEndian.Uint16(raw))
		for range size {
			out = append(out, n)
		}
		raw = raw[size:]
	}
	return out
}

// places lists every byte of an export and the entry whose it is.
type at struct {
	file  string
	byte  int
	entry int64 // the first bad one when it is flipped
}

func places(f files) []at {
	var out []at
	for _, name := range slices.Sorted(maps.Keys(f)) {
		parts := strings.Split(name, "/")
		if len(parts) < 3 {
			continue
		}
		var n int64
		if _, err := fmt.Sscanf(strings.TrimPrefix(parts[2], "x"), "%03d", &n); err != nil {
			panic(err)
		}
		owners := bundled
		if parts[1] != "entries" {
			covers := int64(1)
			if parts[1] == "1" {
				covers = 256
			}
			owners = func(raw []byte) (out []int64) {
				for i := range raw {
					out = append(out, int64(i/32)*covers+1)
				}
				return out
			}
		}
		for i, entry := range owners(f[name]) {
			out = append(out, at{name, i, n*256 + entry})
		}
	}
	return out
}

// flipper flips bits of a ledger's tiles, and says what the verifier finds.
type flipper struct {
	*testing.T
	ledgerOf
	checkpoint audit.Checkpoint
	from       []func(fs.FS) (audit.Report, error) // verify from a tile on
	flipped    int
}

func newFlipper(t *testing.T, l ledgerOf, c audit.Checkpoint) *flipper {
	t.Helper()
	from, err := audit.Resumable(l.files, c)
	if err != nil {
		t.Fatal(err)
	}
	for i, verify := range from {
		if r, err := verify(l.files); err != nil || !r.Sound() || r.Entries != c.Size || r.Signed != c.Size {
			t.Fatalf("untouched, from tile %d on: %+v, %v", i, r, err)
		}
	}
	return &flipper{T: t, ledgerOf: l, checkpoint: c, from: from}
}

// flip flips a bit of a byte. The tiles before it are as they were, so the verification
// begins with its own; of some it is also done from the beginning.
func (f *flipper) flip(p at, bit int) {
	f.Helper()
	verify := f.from[len(f.from)-1] // the upper tiles come last
	if parts := strings.Split(p.file, "/"); parts[1] == "0" || parts[1] == "entries" {
		verify = f.from[(p.entry-1)/256]
	}
	f.files[p.file][p.byte] ^= 1 << bit
	r, err := verify(f.files)
	if whole := r; f.flipped%fewWhole == 0 {
		if r, err = audit.Tiles(f.files, f.checkpoint); r != whole {
			f.Errorf("bit %d of byte %d of %s: from the beginning %+v is found, and else %+v", bit, p.byte, p.file, r, whole)
		}
	}
	f.flipped++
	f.files[p.file][p.byte] ^= 1 << bit
	if err != nil || r.Bad != p.entry {
		f.Errorf("bit %d of byte %d of %s: %+v, %v, want entry %d named", bit, p.byte, p.file, r, err, p.entry)
	}
}

// TestEveryByteOfAnExportCounts flips a bit of each byte of 300 entries, of the tiles
// over them and of the checkpoint.
func TestEveryByteOfAnExportCounts(t *testing.T) {
	l := made(t, 300)
	c := l.read(t)
	if r, err := audit.Tiles(l.files, c); err != nil || !r.Sound() || r.Entries != 300 {
		t.Fatalf("untouched: %+v, %v", r, err)
	}
	all := places(l.files)
	if len(all) < 300*150 {
		t.Fatalf("only %d bytes were found", len(all))
	}
	chance, f := rand.New(rand.NewPCG(*seed, 0)), newFlipper(t, l, c)
	for i, p := range all {
		if *every || (i+int(*seed))%fewTiles == 0 {
			f.flip(p, chance.IntN(8))
		}
	}
	for i := range l.checkpoint {
		for bit := range 8 {
			raw := []byte(l.checkpoint)
			raw[i] ^= 1 << bit
			if c, err := audit.ReadCheckpoint(string(raw), l.key); err == nil {
				t.Errorf("bit %d of byte %d of the checkpoint: it reads as %+v", bit, i, c)
			}
		}
	}
}

// TestSeededFlipsAreFound flips bits in 10,000 entries and their tiles.
func TestSeededFlipsAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 10,000 entries again and again")
	}
	l := made(t, 10_000)
	c := l.read(t)
	all := places(l.files)
	chance, f := rand.New(rand.NewPCG(*seed, 1)), newFlipper(t, l, c)
	for range *flips {
		f.flip(all[chance.IntN(len(all))], chance.IntN(8))
	}
	t.Logf("%d flips of %d bytes, seed %d", *flips, len(all), *seed)
}

// TestEveryByteOfARowCounts flips bits of what a database holds of entries.
func TestEveryByteOfARowCounts(t *testing.T) {
	l := made(t, 300)
	c := l.read(t)
	db := loose(t, l.database)
	if r := tampered(t, db, &c); !r.Sound() || r.Entries != 300 || r.Signed != 300 {
		t.Fatalf("untouched: %+v", r)
	}
	type spot struct {
		seq    int64
		column string
		byte   int // from 1
	}
	var all []spot
	for _, column := range []string{"at", "allowed", "status", "bytes", "kind", "call", "app", "flow", "tenant", "method", "path", "mailbox", "rule", "note", "leaf"} {
		found, err := db.QueryContext(t.Context(), `SELECT seq, CASE typeof(`+column+`) WHEN 'integer' THEN 8 ELSE length(CAST(`+column+` AS BLOB)) END FROM entries`)
		if err != nil {
			t.Fatal(err)
		}
		for found.Next() {
			s := spot{column: column}
			var n int
			if err := found.Scan(&s.seq, &n); err != nil {
				t.Fatal(err)
			}
			for s.byte = 1; s.byte <= n; s.byte++ {
				all = append(all, s)
			}
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
	}
	chance := rand.New(rand.NewPCG(*seed, 2))
	if !*every {
		chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:len(all)/fewRows]
	}
	for _, s := range all {
		var value any
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf(`SELECT %s FROM entries WHERE seq = %d`, s.column, s.seq)).Scan(&value); err != nil {
			t.Fatal(err)
		}
		bit := chance.IntN(8)
		var change string
		switch v := value.(type) {
		case int64:
			change = fmt.Sprintf("%d", v^1<<(8*(s.byte-1)+bit))
		case string:
			raw := []byte(v)
			raw[s.byte-1] ^= 1 << bit
			change = fmt.Sprintf("CAST(x'%x' AS TEXT)", raw)
		case []byte:
			v[s.byte-1] ^= 1 << bit
			change = fmt.Sprintf("x'%x'", v)
		}
		r := tampered(t, db, &c, fmt.Sprintf(`UPDATE entries SET %s = %s WHERE seq = %d`, s.column, change, s.seq))
		if r.Bad != s.seq {
			t.Errorf("bit %d of byte %d of the %s of entry %d: %+v", bit, s.byte, s.column, s.seq, r)
		}
	}
	t.Logf("%d flips, seed %d", len(all), *seed)
}

// TestEachEntryIsMissed deletes each entry of a database, the last too.
func TestEachEntryIsMissed(t *testing.T) {
	l := made(t, 300)
	c := l.read(t)
	db := loose(t, l.database)
	for seq := int64(1); seq <= 300; seq++ {
		if r := tampered(t, db, &c, fmt.Sprintf(`DELETE FROM entries WHERE seq = %d`, seq)); r.Bad != seq {
			t.Errorf("without entry %d: %+v", seq, r)
		}
	}
	if r := tampered(t, db, nil, `DELETE FROM entries WHERE seq = 300`); !r.Sound() || r.Entries != 299 || r.Signed != 0 {
		t.Errorf("without a checkpoint nobody can tell: %+v", r)
	}
}

// TestWhatIsMovedIsFound swaps, splices and truncates, with and without hashes that
// were moved with the entries.
func TestWhatIsMovedIsFound(t *testing.T) {
	l, other := made(t, 600), made(t, 600)
	c := l.read(t)
	db := loose(t, l.database)
	if _, err := db.ExecContext(t.Context(), `ATTACH DATABASE ? AS other`, other.database); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]struct {
		want       int64
		statements []string
	}{
		"two changed places":      {3, []string{`UPDATE entries SET seq = -3 WHERE seq = 3`, `UPDATE entries SET seq = 3 WHERE seq = 6`, `UPDATE entries SET seq = 6 WHERE seq = -3`}},
		"the end is cut off":      {501, []string{`DELETE FROM entries WHERE seq > 500`}},
		"all is gone":             {1, []string{`DELETE FROM entries`}},
		"the beginning is gone":   {1, []string{`DELETE FROM entries WHERE seq < 100`}},
		"another's end is put on": {257, []string{`DELETE FROM entries WHERE seq > 300`, `INSERT INTO entries SELECT * FROM other.entries WHERE seq > 300`}},
		"another's tree, too": {1, []string{`DELETE FROM entries WHERE seq > 300`, `INSERT INTO entries SELECT * FROM other.entries WHERE seq > 300`,
			`DELETE FROM tree_hashes`}},
		"one is put in twice": {11, []string{`UPDATE entries SET seq = seq + 1000 WHERE seq > 10`, `INSERT INTO entries SELECT 11, at, kind, call, app, flow, tenant, method, path, mailbox, allowed, rule, status, bytes, note, leaf FROM entries WHERE seq = 10`,
			`UPDATE entries SET seq = seq - 999 WHERE seq > 1000`}},
		"a number is no number": {7, []string{`UPDATE entries SET at = at + 1 WHERE seq = 7`}},
		"the tree is another":   {257, []string{`UPDATE tree_hashes SET hash = zeroblob(32) WHERE level = 1 AND place = 1`}},
	} {
		t.Run(name, func(t *testing.T) {
			if r := tampered(t, db, &c, s.statements...); r.Bad != s.want || r.Why == "" {
				t.Errorf("%+v, want entry %d", r, s.want)
			}
		})
	}
}

// TestAnOlderCopyIsFound has the ledger as it was, whole and valid, and the checkpoint
// that was signed later.
func TestAnOlderCopyIsFound(t *testing.T) {
	folder := t.TempDir()
	older := grown(t, folder, 300)
	before := copied(t, older.database)
	newer := grown(t, folder, 50)
	then, now := older.read(t), newer.read(t)
	for name, s := range map[string]struct {
		database string
		against  audit.Checkpoint
		want     int64
	}{
		"the copy and its own checkpoint":   {before, then, 0},
		"the ledger and the newer one":      {newer.database, now, 0},
		"the ledger and an older one":       {newer.database, then, 0},
		"the copy and the newer checkpoint": {before, now, 301},
	} {
		if r := tampered(t, loose(t, s.database), &s.against); r.Bad != s.want {
			t.Errorf("%s: %+v, want entry %d", name, r, s.want)
		}
	}
	if r, err := audit.Tiles(older.files, now); err != nil || r.Bad != 257 {
		t.Errorf("older tiles and the newer checkpoint: %+v, %v", r, err)
	}
	other := made(t, 350)
	if _, err := audit.ReadCheckpoint(newer.checkpoint, other.key); err == nil {
		t.Error("the key of another ledger reads the checkpoint")
	}
}

// TestTilesThatAreMissingOrLongAreFound removes, cuts and lengthens each file.
func TestTilesThatAreMissingOrLongAreFound(t *testing.T) {
	l := made(t, 600)
	c := l.read(t)
	for _, name := range slices.Sorted(maps.Keys(l.files)) {
		if !strings.HasPrefix(name, "tile/") {
			continue
		}
		whole := l.files[name]
		for how, raw := range map[string][]byte{"cut": whole[:len(whole)-1], "longer": append(slices.Clone(whole), 0), "empty": {}, "gone": nil} {
			l.files[name] = raw
			if raw == nil {
				delete(l.files, name)
			}
			if r, err := audit.Tiles(l.files, c); err != nil || r.Sound() {
				t.Errorf("%s is %s: %+v, %v", name, how, r, err)
			}
		}
		l.files[name] = whole
	}
	if r, err := audit.Tiles(l.files, c); err != nil || !r.Sound() {
		t.Errorf("all put back: %+v, %v", r, err)
	}
}

// FuzzNoTilesBreakTheVerifier gives it a bundle of a stranger's.
func FuzzNoTilesBreakTheVerifier(f *testing.F) {
	f.Add([]byte{0, 3, '1', ':', 'a'}, "graphwarden.com/ledger/x\n1\nAAAA\n\n— x AAAA\n")
	f.Add([]byte("\x00\x2531:graphwarden.com/ledger-entry/v1,1:7"), "")
	f.Fuzz(func(t *testing.T, bundle []byte, note string) {
		all := files{"tile/entries/000.p/2": bundle, "tile/0/000.p/2": make([]byte, 64)}
		if r, err := audit.Tiles(all, audit.Checkpoint{Size: 2}); err != nil || r.Sound() {
			t.Errorf("%+v, %v", r, err)
		}
		if _, err := audit.ReadCheckpoint(note, note); err == nil {
			t.Error("a checkpoint is its own key")
		}
	})
}
