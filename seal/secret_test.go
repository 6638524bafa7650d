package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"text/template"

	"github.com/graphwarden/graphwarden/seal"
)

// canary is looked for wherever a secret could come out.
const canary = "canary-9d1f-token"

// holder has the secret where fmt can call no methods.
type holder struct {
	Open   seal.Secret
	inside seal.Secret
	nested map[string]*struct{ s seal.Secret }
}

// document has the secret where every encoding finds it.
type document struct{ S seal.Secret }

// spoken says in which form text gives the canary away, "" when it does not.
func spoken(text string) string {
	forms := map[string]string{
		"plain":  canary,
		"base64": base64.StdEncoding.EncodeToString([]byte(canary))[:20],
		"hex":    hex.EncodeToString([]byte(canary)),
		"HEX":    strings.ToUpper(hex.EncodeToString([]byte(canary))),
		"bytes":  strings.Trim(fmt.Sprint([]byte(canary)), "[]"),
		"0x":     strings.Trim(fmt.Sprintf("%#v", []byte(canary)), "[]byte{}"),
	}
	for form, f := range forms {
		if strings.Contains(text, f) {
			return form
		}
	}
	return ""
}

func TestASecretSaysNothingUnderAnyVerb(t *testing.T) {
	s := seal.FromString(canary)
	h := holder{s, s, map[string]*struct{ s seal.Secret }{"k": {s}}}
	things := map[string]any{"the secret": s, "a pointer": &s, "a struct": h, "a pointer to a struct": &h, "a slice": []seal.Secret{s}, "a map key's value": map[string]seal.Secret{"k": s}, "an any": any(s)}
	for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
		for _, flag := range []string{"%", "%+", "%#", "% ", "%20", "%.3", "%-#"} {
			for name, thing := range things {
				if said := fmt.Sprintf(flag+string(verb), thing); spoken(said) != "" {
					t.Errorf("%s%c of %s says it (%s): %s", flag, verb, name, spoken(said), said)
				}
			}
			if said := fmt.Sprintf(flag+string(verb), s); verb != 'T' && verb != 'p' && said != "[secret]" {
				t.Errorf("%s%c of the secret says %q", flag, verb, said)
			}
		}
	}
}

func TestASecretSaysNothingInAnyEncoding(t *testing.T) {
	s := seal.FromString(canary)
	h := document{s}
	encodings := map[string]func(out *bytes.Buffer) error{
		"json":         func(out *bytes.Buffer) error { return json.NewEncoder(out).Encode(h) },
		"json map key": func(out *bytes.Buffer) error { return json.NewEncoder(out).Encode(map[string]any{"k": s}) },
		"xml":          func(out *bytes.Buffer) error { return xml.NewEncoder(out).Encode(h) },
		"text template": func(out *bytes.Buffer) error {
			return template.Must(template.New("").Parse(`{{.}} {{.S}} {{printf "%v" .S}}`)).Execute(out, h)
		},
		"html template": func(out *bytes.Buffer) error {
			return htmltemplate.Must(htmltemplate.New("").Parse(`<a title="{{.S}}">{{.S}}</a>`)).Execute(out, h)
		},
		"slog text": func(out *bytes.Buffer) error {
			slog.New(slog.NewTextHandler(out, nil)).Info("m", "s", s, "h", h)
			return nil
		},
		"slog json": func(out *bytes.Buffer) error {
			slog.New(slog.NewJSONHandler(out, nil)).Info("m", "s", s, "h", h)
			return nil
		},
		"an error": func(out *bytes.Buffer) error {
			fmt.Fprint(out, fmt.Errorf("using %v: %w", s, errors.New("no")))
			return nil
		},
		"a panic": func(out *bytes.Buffer) error { defer func() { fmt.Fprint(out, recover()) }(); panic(s) },
	}
	for name, encode := range encodings {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := encode(&out); err != nil {
				t.Fatal(err)
			}
			if spoken(out.String()) != "" {
				t.Errorf("it says %s", out.String())
			}
			if !strings.Contains(out.String(), "[secret]") {
				t.Errorf("%q does not say that there is a secret", out.String())
			}
		})
	}
	var out bytes.Buffer
	if err := gob.NewEncoder(&out).Encode(h); err == nil && spoken(out.String()) != "" {
		t.Errorf("gob says %q", out.String())
	}
}

func TestASecretsStringIsTheMask(t *testing.T) {
	var s fmt.Stringer = seal.FromString(canary)
	if s.String() != "[secret]" {
		t.Errorf("it says %q", s.String())
	}
}

func TestASecretDoesItsWork(t *testing.T) {
	s := seal.FromString(canary)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://graph.microsoft.com/v1.0/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Attach(r)
	if got := r.Header.Get("Authorization"); got != "Bearer "+canary {
		t.Errorf("Authorization: %s", got)
	}
	var kept []byte
	s.Reveal(func(plain []byte) {
		if string(plain) != canary {
			t.Errorf("revealed %q", plain)
		}
		kept = plain
	})
	if !bytes.Equal(kept, make([]byte, len(canary))) {
		t.Errorf("what was lent still holds %q", kept)
	}
	// The first test case of RFC 4231, HMAC-SHA256.
	key := seal.New(bytes.Repeat([]byte{0x0b}, 20))
	if got := hex.EncodeToString(key.Sign([]byte("Hi There"))); got != "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" {
		t.Errorf("the HMAC is %s", got)
	}
}

func TestSecretsCompareByContent(t *testing.T) {
	a, same, other, longer, none := seal.FromString("a"), seal.New([]byte("a")), seal.FromString("b"), seal.FromString("aa"), seal.Secret{}
	if !a.Equal(same) || !none.Equal(seal.FromString("")) {
		t.Error("equal secrets differ")
	}
	if a.Equal(other) || a.Equal(longer) || a.Equal(none) || none.Equal(a) {
		t.Error("different secrets are equal")
	}
	if a.Empty() || !none.Empty() || !seal.New(nil).Empty() {
		t.Error("Empty is wrong")
	}
}

func TestASecretKeepsACopy(t *testing.T) {
	plain := []byte(canary)
	s := seal.New(plain)
	clear(plain)
	s.Reveal(func(got []byte) {
		if string(got) != canary {
			t.Errorf("wiping the caller's bytes left %q", got)
		}
	})
}
