// Package canary looks for planted secrets in whatever a program leaves: logs,
// answers, files, dumps. It finds a secret in the clear, in hexadecimal, in base64
// wherever it begins, in the escapes of JSON and URLs, and in any of these within
// gzip. It is for tests.
package canary

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Flock are the secrets to look for, by what each is.
type Flock map[string][]byte

// shortest is how many bytes tell a secret from chance.
const shortest = 12

// form is one way in which a secret may be written.
type form struct {
	secret, way string
	text        []byte
}

// forms gives every way in which the secrets may be written.
func (f Flock) forms() []form {
	var all []form
	for name, secret := range f {
		if len(secret) < shortest {
			panic(fmt.Sprintf("the secret %q has only %d bytes: too short to look for", name, len(secret)))
		}
		add := func(way string, text []byte) { all = append(all, form{name, way, text}) }
		add("in the clear", secret)
		add("in hexadecimal", []byte(hex.EncodeToString(secret)))
		add("in HEXADECIMAL", bytes.ToUpper([]byte(hex.EncodeToString(secret))))
		if quoted, err := json.Marshal(string(secret)); err == nil && !bytes.Equal(quoted[1:len(quoted)-1], secret) {
			add("in JSON", quoted[1:len(quoted)-1])
		}
		if escaped := url.QueryEscape(string(secret)); escaped != string(secret) {
			add("in a URL", []byte(escaped))
		}
		for offset := range 3 {
			for way, coding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
				add(fmt.Sprintf("in %s at %d", way, offset), inner(coding, secret, offset))
			}
		}
	}
	return all
}

// inner is what base64 makes of a secret that begins offset bytes into a group of
// three, without the characters that depend on its neighbours.
func inner(coding *base64.Encoding, secret []byte, offset int) []byte {
	coded := []byte(coding.EncodeToString(append(make([]byte, offset), secret...)))
	first := (offset*8 + 5) / 6
	last := (offset + len(secret)) * 8 / 6
	return coded[first:last]
}

// deepest is how many gzips within each other are opened.
const deepest = 3

// Find says where any of the secrets stands in data, and in which way.
func (f Flock) Find(where string, data []byte) []string { return find(f.forms(), where, data, 0) }

func find(forms []form, where string, data []byte, depth int) []string {
	var found []string
	for _, x := range forms {
		if at := bytes.Index(data, x.text); at >= 0 {
			found = append(found, fmt.Sprintf("%s: the %s stands %s at byte %d", where, x.secret, x.way, at))
		}
	}
	if joined := joinLines(data); len(joined) < len(data) {
		for _, x := range forms {
			if bytes.Contains(joined, x.text) && !bytes.Contains(data, x.text) {
				found = append(found, fmt.Sprintf("%s: the %s stands %s over several lines", where, x.secret, x.way))
			}
		}
	}
	for at := 0; depth < deepest; at++ {
		next := bytes.Index(data[at:], []byte{0x1f, 0x8b, 8})
		if next < 0 {
			break
		}
		at += next
		r, err := gzip.NewReader(bytes.NewReader(data[at:]))
		if err != nil {
			continue
		}
		r.Multistream(false)
		plain, _ := io.ReadAll(io.LimitReader(r, 256<<20)) // what can be read of a broken one counts
		found = append(found, find(forms, fmt.Sprintf("%s (gzip at byte %d)", where, at), plain, depth+1)...)
	}
	return found
}

// joinLines takes out line ends, also as JSON writes them: PEM and dumps break
// what they write into lines.
func joinLines(data []byte) []byte {
	for _, end := range []string{"\r", "\n", `\r`, `\n`} {
		data = bytes.ReplaceAll(data, []byte(end), nil)
	}
	return data
}

// FindInFiles looks through all files of a folder, but those that skip names.
func (f Flock) FindInFiles(folder string, skip func(path string) bool) (found []string, files int, err error) {
	forms := f.forms()
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() || skip(path) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		found = append(found, find(forms, path, data, 0)...)
		found = append(found, find(forms, "the name of "+path, []byte(path), 0)...)
		return nil
	})
	return found, files, err
}
