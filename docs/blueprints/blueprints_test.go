package blueprints_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/docs/blueprints"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

func TestEveryBlueprintIsAConfigurationAndHasAPage(t *testing.T) {
	names := blueprints.Names()
	if len(names) == 0 {
		t.Fatal("there is no blueprint")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			text, err := blueprints.Read(name)
			if err != nil {
				t.Fatal(err)
			}
			folder := t.TempDir()
			for _, m := range regexp.MustCompile(`(?m)^\s*[a-z_]*secret_file: (\S+)`).FindAllStringSubmatch(text, -1) {
				if err := os.WriteFile(filepath.Join(folder, m[1]), []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA==\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			path := filepath.Join(folder, name+".yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := assemble.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Declares(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(name + ".md"); err != nil {
				t.Errorf("it has no page: %v", err)
			}
		})
	}
	if _, err := blueprints.Read("nothing"); err == nil || !strings.Contains(err.Error(), names[0]) {
		t.Errorf("of one that is not there it says %v", err)
	}
}

// TestTheFlowOfThePageIsRight puts the flow that docs/presence.md shows into the
// blueprint.
func TestTheFlowOfThePageIsRight(t *testing.T) {
	page, err := os.ReadFile("../presence.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```yaml\n(flows:.*?)```").FindSubmatch(page)
	text, err := blueprints.Read("presence")
	if err != nil || shown == nil {
		t.Fatal(shown, err)
	}
	head, _, _ := strings.Cut(text, "flows:\n")
	path := filepath.Join(t.TempDir(), "presence.yaml")
	if err := os.WriteFile(path, append([]byte(head), shown[1]...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := assemble.Load(path); err != nil {
		t.Error(err)
	}
}

// TestThePageOfTheCRMNamesThePermissionsThatFollow likewise, in both directions.
func TestThePageOfTheCRMNamesThePermissionsThatFollow(t *testing.T) {
	page, err := os.ReadFile("crm.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, direction := range []flow.Direction{flow.In, flow.Both} {
		wanted, err := policy.PermissionsIn(catalog.DelegatedWork, flow.CalendarWriting(direction), catalog.Load())
		if err != nil || len(wanted) != 1 {
			t.Fatal(wanted, err)
		}
		if !strings.Contains(string(page), "`"+wanted[0]+"`") {
			t.Errorf("the page does not name %s", wanted[0])
		}
	}
}

// TestThePagesNameThePermissionsThatFollow holds what people are told to consent to
// against what is computed.
func TestThePagesNameThePermissionsThatFollow(t *testing.T) {
	for _, path := range []string{"presence.md", "../presence.md"} {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wanted, err := policy.Permissions(flow.Presence(flow.PresenceWants{Schedule: true, Settings: true, Teams: true}), catalog.Load())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range wanted {
			if !strings.Contains(string(page), "`"+p+"`") {
				t.Errorf("%s does not name %s", path, p)
			}
		}
	}
}
