//go:build !windows

package cli

import "context"

func installService(_, root string) (Installed, error) { return writeService(root) }

func uninstallService(root string) (Installed, error) { return removeService(root) }

// underService runs the program as the system's service where it is one in a way
// of its own, which there is only on Windows.
func underService(ctx context.Context, p Program) int { return p.main(ctx) }
