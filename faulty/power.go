package faulty

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Power is a disk in a machine whose power may be cut. What was written and not
// synced lies apart until then; after the cut nothing of it is left, or all, or
// some writes, or some sectors of them, as a disk's cache would have it. What was
// synced is there. A file that was made and never synced may be missing, and one
// that was removed may be back, until something is synced: file systems with a
// journal bring it to the disk in order.
type Power struct {
	name   string
	random *rand.Rand

	mu    sync.Mutex
	left  int // how many steps until it is cut; negative: it is not
	off   bool
	syncs int
	files map[string]*content
}

// content is a file as the disk has it, with what is on its way there.
type content struct {
	durable []byte
	there   bool // the disk knows the file
	gone    bool // it was removed, which the disk may not know
	pending []piece
}

// piece is a write, or the cutting of a file to size.
type piece struct {
	at   int64
	data []byte // nil: the file ends at at
}

// sector is what a disk writes whole or not at all.
const sector = 512

// NewPower registers such a disk with SQLite under Name, until the test ends.
func NewPower(t testing.TB, random *rand.Rand) *Power {
	t.Helper()
	p := &Power{name: "power-" + t.Name(), random: random, left: -1, files: map[string]*content{}}
	vfs.Register(p.name, power{vfs.Find("os").(vfs.VFSFilename), p})
	t.Cleanup(func() { vfs.Unregister(p.name) })
	return p
}

// Name is the name of the disk as an SQLite VFS.
func (p *Power) Name() string { return p.name }

// CutAfter has the power cut at the step that follows so many: a write, a sync, a
// file made, cut to size or removed. From then on nothing works.
func (p *Power) CutAfter(steps int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = steps
}

// Off says whether the power is cut.
func (p *Power) Off() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.off
}

// Syncs says how often something was brought to the disk.
func (p *Power) Syncs() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.syncs
}

// Back cuts the power, if it is not, and brings it back: the files are as the disk
// has kept them. Nobody may have them open.
func (p *Power) Back() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	keep := p.survivors()
	var all error
	for _, name := range sorted(p.files) {
		f := p.files[name]
		there := f.there || len(f.pending) > 0 && p.random.IntN(2) == 0
		if f.gone {
			there = f.there && p.random.IntN(2) == 0
		}
		for _, part := range f.pending {
			for _, piece := range keep(part) {
				f.durable = piece.apply(f.durable)
			}
		}
		f.pending, f.gone, f.there = nil, false, there
		if there {
			all = errors.Join(all, os.WriteFile(name, f.durable, 0o600))
		} else {
			delete(p.files, name)
			all = errors.Join(all, absent(os.Remove(name)))
		}
		all = errors.Join(all, absent(os.Remove(name+"-shm"))) // it was memory
	}
	p.off, p.left = false, -1
	return all
}

// survivors chooses what becomes of the writes that were not synced.
func (p *Power) survivors() func(piece) []piece {
	switch p.random.IntN(4) {
	case 0:
		return func(piece) []piece { return nil }
	case 1:
		return func(w piece) []piece { return []piece{w} }
	case 2:
		return func(w piece) []piece {
			if p.random.IntN(2) == 0 {
				return nil
			}
			return []piece{w}
		}
	}
	return func(w piece) (kept []piece) {
		if w.data == nil {
			return []piece{w}
		}
		for at := 0; at < len(w.data); {
			end := min(at+sector-int((w.at+int64(at))%sector), len(w.data))
			if p.random.IntN(2) == 0 {
				kept = append(kept, piece{w.at + int64(at), w.data[at:end]})
			}
			at = end
		}
		return kept
	}
}

func (w piece) apply(to []byte) []byte {
	end := int(w.at) + len(w.data)
	if missing := end - len(to); missing > 0 {
		to = append(to, make([]byte, missing)...)
	}
	if w.data == nil {
		return to[:w.at]
	}
	copy(to[w.at:], w.data)
	return to
}

func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func sorted(files map[string]*content) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// step counts a step on a file and does it, unless the power is cut. The step at
// which it is cut may still reach the disk.
func (p *Power) step(name string, code sqlite3.ExtendedErrorCode, do func(f *content)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off {
		return vfs.SystemError(fs.ErrClosed, code)
	}
	last := p.left == 0
	if p.left > 0 {
		p.left--
	}
	if last {
		p.off = true
	}
	if f := p.files[name]; f != nil && (!last || code == sqlite3.IOERR_WRITE) {
		do(f)
	}
	if last {
		return vfs.SystemError(fs.ErrClosed, code)
	}
	return nil
}

// power is the SQLite VFS of a Power.
type power struct {
	vfs.VFSFilename
	state *Power
}

// Open opens a file without a name, which does not outlive its process.
func (d power) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return vfsutil.WrapOpen(d.VFSFilename, name, flags)
}

// OpenFilename opens a file.
func (d power) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	path := name.String()
	if d.state.Off() {
		return nil, flags, sqlite3.CANTOPEN
	}
	before, err := os.ReadFile(path)
	f, flags, failed := d.VFSFilename.OpenFilename(name, flags)
	if failed != nil || f == nil {
		return f, flags, failed
	}
	d.state.mu.Lock()
	defer d.state.mu.Unlock()
	if d.state.files[path] == nil {
		d.state.files[path] = &content{durable: before, there: err == nil}
	} else if d.state.files[path].gone { // made anew: nothing of the old one may come back into it
		d.state.files[path] = &content{}
	}
	return &powerFile{diskFile{f, &Disk{room: -1}}, path, d.state}, flags, nil
}

// Delete removes a file.
func (d power) Delete(name string, syncDir bool) error {
	err := d.state.step(name, sqlite3.IOERR_DELETE, func(f *content) { f.gone, f.there = true, f.there && !syncDir })
	if err != nil {
		return err
	}
	return d.VFSFilename.Delete(name, syncDir)
}

// powerFile is a file on such a disk. What is read is what was written, as the
// operating system's cache has it.
type powerFile struct {
	diskFile
	path  string
	power *Power
}

// ReadAt reads, while there is power.
func (f *powerFile) ReadAt(p []byte, at int64) (int, error) {
	if f.power.Off() {
		return 0, vfs.SystemError(fs.ErrClosed, sqlite3.IOERR_READ)
	}
	return f.diskFile.ReadAt(p, at)
}

// WriteAt writes p, which reaches the disk when it is synced, or perhaps.
func (f *powerFile) WriteAt(p []byte, at int64) (int, error) {
	err := f.power.step(f.path, sqlite3.IOERR_WRITE, func(c *content) { c.pending = append(c.pending, piece{at, slices.Clone(p)}) })
	if err != nil {
		return 0, err
	}
	return f.diskFile.WriteAt(p, at)
}

// Truncate cuts the file to a size.
func (f *powerFile) Truncate(size int64) error {
	err := f.power.step(f.path, sqlite3.IOERR_TRUNCATE, func(c *content) { c.pending = append(c.pending, piece{at: size}) })
	if err != nil {
		return err
	}
	return f.diskFile.Truncate(size)
}

// Sync brings to the disk what was written. The operating system's own is left
// out: it would only take time.
func (f *powerFile) Sync(vfs.SyncFlag) error {
	return f.power.step(f.path, sqlite3.IOERR_FSYNC, func(c *content) {
		f.power.syncs++
		for _, w := range c.pending {
			c.durable = w.apply(c.durable)
		}
		c.pending, c.there = nil, true
		for _, other := range f.power.files {
			other.there = other.there && !other.gone
		}
	})
}
