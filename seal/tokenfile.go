package seal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"

	"github.com/graphwarden/graphwarden"
)

// tokenPrefix tells an operator's token from other secrets, in a leak too.
const tokenPrefix = "gwop_"

// MakeTokenFile reads the operator's token from its file; where there is none
// yet it is made, of 32 random bytes, readable by its owner only.
func MakeTokenFile(path string, random io.Reader) (Secret, error) {
	token, err := ReadTokenFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	raw := make([]byte, 32)
	if _, err := io.ReadFull(random, raw); err != nil {
		return Secret{}, fmt.Errorf("reading random bytes: %w", err)
	}
	line := append([]byte(tokenPrefix), base64.RawURLEncoding.AppendEncode(nil, raw)...)
	// Somebody else may have made it meanwhile: theirs counts.
	if err := writeOnce(path, append(line, '\n')); err != nil && !errors.Is(err, fs.ErrExist) {
		return Secret{}, refuseToken("seal.token_unwritable", err, fmt.Sprintf("The operator's token cannot be written to %s.", path),
			"Let this user write there, or name another place with operator_token_file.")
	}
	return ReadTokenFile(path)
}

// ReadTokenFile reads the operator's token from its file. A file that others can
// read is refused: who has the token may do all that an operator may.
func ReadTokenFile(path string) (Secret, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Secret{}, unreadableToken(path, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return Secret{}, refuseToken("seal.token_exposed", nil, fmt.Sprintf("The operator's token %s can be read or written by others (mode %04o).", path, mode),
			fmt.Sprintf("Run: rm %s; the server makes a new one when it starts.", path))
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, unreadableToken(path, err)
	}
	defer clear(raw)
	line := bytes.TrimSpace(raw)
	if len(line) < 32 || bytes.ContainsAny(line, " \t\r\n") {
		return Secret{}, refuseToken("seal.token_damaged", nil, fmt.Sprintf("The file %s holds no operator's token.", path),
			fmt.Sprintf("Run: rm %s; the server makes a new one when it starts.", path))
	}
	return New(line), nil
}

func unreadableToken(path string, err error) error {
	return refuseToken("seal.token_unreadable", err, fmt.Sprintf("The operator's token cannot be read from %s.", path),
		"Run this as the user that the server runs as; the server makes the file when it starts.")
}

func refuseToken(code string, cause error, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: code, Say: say, Do: do, Cause: cause}
}
