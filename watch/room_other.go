//go:build !linux && !darwin && !freebsd && !windows

package watch

// RoomOf does not know on this system: the zero Room is judged as unknown.
func RoomOf(string) (Room, error) { return Room{}, nil }
