package connect_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/connect"
)

// TestARotationLeavesTheOldCredentialToOtherProcesses: the other has a file of its own and
// signs in with the old credential until that is there. Then tidy ends the old one, and
// nothing before: neither the same rotation again, nor a tidying that does not name it.
func TestARotationLeavesTheOldCredentialToOtherProcesses(t *testing.T) {
	for _, certificate := range []bool{false, true} {
		t.Run(fmt.Sprintf("certificate %t", certificate), func(t *testing.T) {
			o := newOffice(t, certificate)
			o.others = 2
			theirs := filepath.Join(t.TempDir(), "credential")
			give := func() {
				t.Helper()
				raw, err := os.ReadFile(o.file)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(theirs, raw, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			give()
			old := o.credential(t, o.file)
			r := o.rooms(t, nil)
			admin := o.administrator(t, r.Desk)
			for _, again := range []bool{false, true} {
				out, err := r.Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{Administrator: admin})
				if err != nil || out.Pending || !strings.Contains(out.Left, "2 other processes work") || !strings.Contains(out.Left, "copy "+o.file) ||
					!strings.Contains(out.Left, "graphwarden connect tidy contoso main") {
					t.Fatalf("again %t: it ends with %+v, %v", again, out, err)
				}
				if !o.works(t, o.credential(t, o.file)) || !o.works(t, o.credential(t, theirs)) {
					t.Fatalf("again %t: a process cannot sign in", again)
				}
			}
			found, err := r.Desk.Tidy(t.Context(), "contoso", "main", connect.Tidying{Administrator: admin})
			if err != nil || len(found.Unused) != 1 || !found.Unused[0].Replaced || !o.works(t, old) {
				t.Fatalf("to be tidied: %+v, %v", found, err)
			}
			give()
			out, err := r.Desk.Tidy(t.Context(), "contoso", "main", connect.Tidying{Administrator: admin, Remove: []string{found.Unused[0].ID}, By: "test"})
			if err != nil || out.Removed != 1 || len(out.Unused) != 0 {
				t.Fatalf("tidied: %+v, %v", out, err)
			}
			if o.works(t, old) || !o.works(t, o.credential(t, theirs)) {
				t.Errorf("the old one works: %t, that of the others: %t", o.works(t, old), o.works(t, o.credential(t, theirs)))
			}
			if _, err := os.Stat(o.file + ".old"); err == nil {
				t.Error("the old one is kept in a file")
			}
		})
	}
}

// TestARotationByHandHasTheFileCopiedBeforeTheOldOneIsRemoved.
func TestARotationByHandHasTheFileCopiedBeforeTheOldOneIsRemoved(t *testing.T) {
	o := newOffice(t, false)
	o.others = 1
	fresh := o.Ask(t, "POST", "/v1.0/applications/"+o.object+"/addPassword", map[string]any{})["secretText"].(string)
	out, err := o.rooms(t, nil).Desk.Rotate(t.Context(), "contoso", "main", connect.Rotation{New: fresh})
	if err != nil || !strings.HasPrefix(out.Left, "Another process works on this database: copy "+o.file) || !strings.Contains(out.Left, "Remove the old credential") {
		t.Errorf("it ends with %+v, %v", out, err)
	}
}

// counted is how many others a test says there are.
func (o *office) counted(context.Context) (int, error) { return o.others, nil }
