package watch

import (
	"fmt"
	"syscall"
	"unsafe"
)

// RoomOf asks the system how much room a folder's disk has.
func RoomOf(folder string) (Room, error) {
	name, err := syscall.UTF16PtrFromString(folder)
	if err != nil {
		return Room{}, fmt.Errorf("asking for the room on the disk of %s: %w", folder, err)
	}
	var r Room
	ask := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	ok, _, err := ask.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&r.Free)), uintptr(unsafe.Pointer(&r.Total)), 0)
	if ok == 0 {
		return Room{}, fmt.Errorf("asking for the room on the disk of %s: %w", folder, err)
	}
	return r, nil
}
