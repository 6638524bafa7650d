package canary_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/internal/canary"
)

const secret = "s3cr~t/\"of+the <house>"

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAPlantedSecretIsFoundHoweverItIsWritten(t *testing.T) {
	quoted, err := json.Marshal("before " + secret + " after")
	if err != nil {
		t.Fatal(err)
	}
	ways := map[string][]byte{
		"in the clear":   []byte("password=" + secret + ";"),
		"hexadecimal":    []byte("0x" + hex.EncodeToString([]byte("..."+secret+"..."))),
		"HEXADECIMAL":    []byte(strings.ToUpper(hex.EncodeToString([]byte(secret)))),
		"JSON":           quoted,
		"a URL":          []byte("https://x.example/?q=" + url.QueryEscape(secret) + "&r=1"),
		"PEM":            pem.EncodeToMemory(&pem.Block{Type: "KEY", Bytes: []byte(strings.Repeat("x", 40) + secret)}),
		"a line in JSON": []byte(`{"key":"` + base64.StdEncoding.EncodeToString([]byte(secret))[:10] + `\n` + base64.StdEncoding.EncodeToString([]byte(secret))[10:] + `"}`),
		"gzip":           append([]byte("page \x1f\x8b of a database "), zipped(t, []byte("password="+secret))...),
		"gzip in gzip":   zipped(t, append([]byte("x"), zipped(t, []byte(secret))...)),
		"base64 in gzip": zipped(t, []byte(base64.StdEncoding.EncodeToString([]byte("user:"+secret)))),
	}
	for name, coding := range map[string]*base64.Encoding{"std": base64.StdEncoding, "url": base64.URLEncoding, "raw": base64.RawStdEncoding} {
		for before := range 7 {
			for after := range 4 {
				text := strings.Repeat("\xff", before) + secret + strings.Repeat("\xff", after)
				ways["base64 "+name+" "+strings.Repeat("<", before)+strings.Repeat(">", after)] = []byte(coding.EncodeToString([]byte(text)))
			}
		}
	}
	for way, data := range ways {
		if found := (canary.Flock{"password": []byte(secret)}).Find("it", data); len(found) == 0 {
			t.Errorf("%s: not found in %q", way, data)
		}
	}
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(dice.Uint32())
	}
	data = append(data, []byte(secret[:len(secret)-1])...)
	if found := (canary.Flock{"password": []byte(secret)}).Find("it", data); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestFilesAreLookedThrough(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"a/b/c.log": "x " + secret, "a/known": secret, "fine": "nothing"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, files, err := (canary.Flock{"password": []byte(secret)}).FindInFiles(folder, func(p string) bool { return filepath.Base(p) == "known" })
	if err != nil || files != 2 || len(found) != 1 || !strings.Contains(found[0], "c.log") {
		t.Errorf("%v in %d files, %v", found, files, err)
	}
}

func TestASecretTooShortToLookForIsRefused(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it is looked for")
		}
	}()
	canary.Flock{"pin": []byte("1234")}.Find("it", nil)
}
