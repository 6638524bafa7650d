//go:build !linux

package seal

// Harden does nothing on systems that it does not know how to ask.
func Harden() error { return nil }

// Hardened says that nobody knows.
func Hardened() Hardening { return Hardening{unknown, unknown} }
