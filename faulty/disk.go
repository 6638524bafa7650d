package faulty

import (
	"io"
	"io/fs"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Disk is the operating system's disk as SQLite sees it, which can be made to
// fill up or to fail. What was written before stays as it is.
type Disk struct {
	name string

	mu    sync.Mutex
	room  int64 // bytes that may still be written; negative: no end
	write error // what every write returns
	short bool  // the write that finds no room writes a part and fails like a bad disk
	sync  error // what every sync returns
	read  error // what every read returns
}

// NewDisk registers a disk with SQLite under Name, until the test ends.
func NewDisk(t testing.TB) *Disk {
	t.Helper()
	d := &Disk{name: "faulty-" + t.Name(), room: -1}
	vfs.Register(d.name, disk{vfs.Find("os").(vfs.VFSFilename), d})
	t.Cleanup(func() { vfs.Unregister(d.name) })
	return d
}

// Name is the name of the disk as an SQLite VFS.
func (d *Disk) Name() string { return d.name }

// Fill leaves room for so many more bytes: the write that exceeds it fails, as
// does every later one. Each write uses room, also one over old bytes.
func (d *Disk) Fill(room int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room, d.short = max(room, 0), false
}

// CutShort leaves room for so many more bytes, as Fill does, but the write that
// exceeds it writes what fits and then fails like one to a dying disk: SQLite
// reports so what the system wrote a part of.
func (d *Disk) CutShort(room int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room, d.short = max(room, 0), true
}

// BreakSync has every sync fail, as a dying disk does.
func (d *Disk) BreakSync() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sync = vfs.SystemError(fs.ErrInvalid, sqlite3.IOERR_FSYNC)
}

// BreakWrite has every write fail, as a dying disk does.
func (d *Disk) BreakWrite() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.write = vfs.SystemError(fs.ErrInvalid, sqlite3.IOERR_WRITE)
}

// BreakRead has every read fail, as a dying disk does.
func (d *Disk) BreakRead() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.read = vfs.SystemError(fs.ErrInvalid, sqlite3.IOERR_READ)
}

// Mend makes the disk work again, with room without end.
func (d *Disk) Mend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room, d.write, d.sync, d.read, d.short = -1, nil, nil, nil, false
}

// take uses up room for a write of n bytes and says how many of them may be
// written before it fails.
func (d *Disk) take(n int) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.write != nil:
		return 0, d.write
	case d.room < 0:
		return n, nil
	case d.room < int64(n):
		part := int(d.room)
		d.room = 0
		if d.short {
			return part, vfs.SystemError(io.ErrShortWrite, sqlite3.IOERR_WRITE)
		}
		return 0, sqlite3.FULL
	}
	d.room -= int64(n)
	return n, nil
}

func (d *Disk) reads() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.read
}

func (d *Disk) syncs() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sync
}

// disk is the SQLite VFS of a Disk.
type disk struct {
	vfs.VFSFilename
	state *Disk
}

// Open opens a file without a name.
func (d disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpen(d.VFSFilename, name, flags)
	return wrap(f, d.state), flags, err
}

// OpenFilename opens a file.
func (d disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := d.VFSFilename.OpenFilename(name, flags)
	return wrap(f, d.state), flags, err
}

func wrap(f vfs.File, state *Disk) vfs.File {
	if f == nil {
		return nil
	}
	return &diskFile{f, state}
}

// diskFile is a file on a Disk. Besides writing and syncing it does what the
// operating system's file does.
type diskFile struct {
	vfs.File
	state *Disk
}

// ReadAt reads, if the disk does.
func (f *diskFile) ReadAt(p []byte, at int64) (int, error) {
	if err := f.state.reads(); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

// WriteAt writes p, if there is room.
func (f *diskFile) WriteAt(p []byte, at int64) (int, error) {
	part, full := f.state.take(len(p))
	n, err := f.File.WriteAt(p[:part], at)
	if full != nil {
		return n, full
	}
	return n, err
}

// Sync syncs the file, if the disk does.
func (f *diskFile) Sync(flags vfs.SyncFlag) error {
	if err := f.state.syncs(); err != nil {
		return err
	}
	return f.File.Sync(flags)
}

// Unwrap gives the operating system's file.
func (f *diskFile) Unwrap() vfs.File { return f.File }

// SharedMemory is what the write-ahead log needs.
func (f *diskFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// LockState says how the file is locked.
func (f *diskFile) LockState() vfs.LockLevel { return vfsutil.WrapLockState(f.File) }

// PersistWAL says whether the log stays when the last connection closes.
func (f *diskFile) PersistWAL() bool { return vfsutil.WrapPersistWAL(f.File) }

// SetPersistWAL has the log stay or go.
func (f *diskFile) SetPersistWAL(keep bool) { vfsutil.WrapSetPersistWAL(f.File, keep) }

// HasMoved says whether the file has another name now.
func (f *diskFile) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(f.File) }
