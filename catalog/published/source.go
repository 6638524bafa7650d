// Package published reads Microsoft's published permission table, the files
// permissions.json and provisioningInfo.json, and writes the catalogue's facts from
// it: names, consent titles, ids, schemes, levels, methods, paths and marks, no
// descriptions. It promises the same text for the same files, and to refuse a file in
// which anything is not understood that decides what a permission opens.
package published

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Permissions are those of a permissions.json by name.
type Permissions map[string]permissionOf

// permissionOf is one of them, as far as the catalogue needs it.
type permissionOf struct {
	AuthorizationType string          `json:"authorizationType"`
	Schemes           named[schemeOf] `json:"schemes"`
	PathSets          []pathSet       `json:"pathSets"`
	Owner             json.RawMessage `json:"ownerInfo"`
}

type schemeOf struct {
	Title        string `json:"adminDisplayName"`
	UserTitle    string `json:"userDisplayName"`
	AdminConsent bool   `json:"requiresAdminConsent"`
	Level        int    `json:"privilegeLevel"`
	About        string `json:"adminDescription"`
	UserAbout    string `json:"userDescription"`
}

// pathSet grants its methods on its paths in its schemes. The value of a path
// carries marks: "least=SCHEME,SCHEME" and "AlsoRequires=NAME,NAME".
type pathSet struct {
	SchemeKeys []string      `json:"schemeKeys"`
	Methods    []string      `json:"methods"`
	Paths      named[string] `json:"paths"`
}

// Deployments are those of a provisioningInfo.json by the name of the permission.
type Deployments map[string][]Deployment

// Deployment is a permission's id in one scheme.
type Deployment struct {
	ID          string `json:"id"`
	Scheme      string `json:"scheme"`
	Environment string `json:"environment"`
	Hidden      bool   `json:"isHidden"`
	Enabled     bool   `json:"isEnabled"`
}

// public says whether the deployment is in the public cloud: the environment
// is a list parted by semicolons.
func (d Deployment) public() bool {
	for env := range strings.SplitSeq(d.Environment, ";") {
		if strings.EqualFold(env, "public") {
			return true
		}
	}
	return false
}

// named is an object whose members nobody may name twice: which of them counts would
// depend on the reader.
type named[T any] map[string]T

// UnmarshalJSON reads the members one by one.
func (n *named[T]) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fmt.Errorf("an object belongs where %.20q stands", raw)
	}
	*n = named[T]{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if _, twice := (*n)[name]; twice {
			return fmt.Errorf("%q stands there twice", name)
		}
		var member json.RawMessage
		if err := d.Decode(&member); err != nil {
			return err
		}
		var v T
		if err := known(member, &v); err != nil {
			return fmt.Errorf("%.80q: %w", name, err)
		}
		(*n)[name] = v
	}
	_, err := d.Token()
	return err
}

// known decodes an object all of whose members are known.
func known(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// limit bounds an unpacked file: more than five times what Microsoft publishes.
const limit = 48 << 20

// ErrTooLarge says that a file is larger than any table.
var ErrTooLarge = errors.New("the file is larger than 48 MB")

// ReadPermissions reads a permissions.json, packed by gzip or not.
func ReadPermissions(r io.Reader) (Permissions, error) {
	var file struct {
		Schema      string              `json:"$schema"`
		Permissions named[permissionOf] `json:"permissions"`
	}
	if err := readFile(r, &file); err != nil {
		return nil, err
	}
	if len(file.Permissions) == 0 {
		return nil, errors.New("the file holds no permissions")
	}
	p := Permissions(file.Permissions)
	return p, p.check()
}

// ReadDeployments reads a provisioningInfo.json, packed by gzip or not.
func ReadDeployments(r io.Reader) (Deployments, error) {
	var file struct {
		Deployments named[deployments] `json:"permissionDeployments"`
	}
	if err := readFile(r, &file); err != nil {
		return nil, err
	}
	if len(file.Deployments) == 0 {
		return nil, errors.New("the file holds no ids")
	}
	out := Deployments{}
	for name, list := range file.Deployments {
		out[name] = list
	}
	return out, out.check()
}

// deployments are read leniently: other members than those that count do not matter.
type deployments []Deployment

// UnmarshalJSON reads the list.
func (d *deployments) UnmarshalJSON(raw []byte) error {
	return json.Unmarshal(raw, (*[]Deployment)(d))
}

// readFile decodes the one value of a file.
func readFile(r io.Reader, into any) error {
	in := bufio.NewReader(r)
	source := io.Reader(in)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		packed, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("unpacking: %w", err)
		}
		source = packed
	}
	raw, err := io.ReadAll(io.LimitReader(source, limit+1))
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if len(raw) > limit {
		return ErrTooLarge
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something stands behind the end of the table")
	}
	return nil
}

// marks reads the value of a path.
func marks(value string) (least map[string]bool, also []string, err error) {
	least = map[string]bool{}
	for part := range strings.SplitSeq(value, ";") {
		name, list, _ := strings.Cut(part, "=")
		switch name {
		case "":
		case "least":
			for scheme := range strings.SplitSeq(list, ",") {
				least[scheme] = true
			}
		case "AlsoRequires":
			also = strings.Split(list, ",")
		default:
			return nil, nil, fmt.Errorf("unknown mark %q", part)
		}
	}
	return least, also, nil
}

// Facts are the facts of Microsoft's table, in the text that the catalogue reads.
func Facts(p Permissions, d Deployments) ([]byte, error) {
	t, err := newTable(p, d)
	if err != nil {
		return nil, err
	}
	return t.text(), nil
}

// Pack compresses without a time or a name, so that equal text gives equal bytes.
func Pack(text []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
