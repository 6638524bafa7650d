//go:build linux || darwin || freebsd

package watch

import (
	"fmt"
	"syscall"
)

// RoomOf asks the system how much room a folder's disk has.
func RoomOf(folder string) (Room, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return Room{}, fmt.Errorf("asking for the room on the disk of %s: %w", folder, err)
	}
	size := uint64(s.Bsize)
	return Room{Free: uint64(s.Bavail) * size, Total: s.Blocks * size}, nil
}
