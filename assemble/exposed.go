package assemble

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
)

// warnExposed says of every file with a secret that others than its owner can read
// or write it. Windows has no such bits. The key file and the operator's token are
// refused where they are opened.
func (c *Config) warnExposed(log *slog.Logger) {
	if runtime.GOOS == "windows" {
		return
	}
	files := c.SecretFiles()
	for _, what := range slices.Sorted(maps.Keys(files)) {
		info, err := os.Stat(files[what])
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue // what is missing is refused where it is read
		}
		log.Warn("others can read or write a file with a secret", "file", files[what], "holds", what,
			"mode", fmt.Sprintf("%04o", info.Mode().Perm()), "do", "chmod 600 "+files[what]+", and replace the secret if somebody may have read it")
	}
}
