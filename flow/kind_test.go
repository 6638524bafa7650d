package flow_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

func TestKindsDeclareTheirOperationsAndCannotBeWidened(t *testing.T) {
	operations := flow.Calendar().Operations()
	operations[0] = flow.ObtainToken()
	if slices.Contains(flow.Calendar().Operations(), flow.ObtainToken()) {
		t.Error("a caller widened the kind")
	}
	seen := map[string]bool{}
	for _, kind := range []flow.Kind{flow.Calendar(), flow.Reader(), flow.SignIn()} {
		for _, op := range kind.Operations() {
			if seen[op.Name()] {
				t.Errorf("%s is declared twice", op.Name())
			}
			seen[op.Name()] = true
			if op.Writes() != (op.Method() != http.MethodGet) {
				t.Errorf("%s: Writes = %t", op.Name(), op.Writes())
			}
			if kind.Direction() == flow.In && !op.TouchesMailbox() {
				t.Errorf("%s is an app's and names no mailbox", op.Name())
			}
		}
	}
}

func TestAConfigurationNamesOnlyTheKindsForApps(t *testing.T) {
	if kind, known := flow.Named("calendar"); !known || kind.Name() != "calendar" {
		t.Error("the calendar kind is not found")
	}
	for _, name := range []string{"", "reader", "sign-in", "Calendar"} {
		if _, known := flow.Named(name); known {
			t.Errorf("an app may declare %q", name)
		}
	}
}

func TestHouseFlowsBelongToTheHouse(t *testing.T) {
	r := graphwarden.Registration{Name: "main", Tenant: "contoso"}
	for _, f := range []flow.Flow{flow.ForReader(r), flow.ForSignIn(r)} {
		if f.App != graphwarden.House || f.Tenant != "contoso" || f.Kind.Direction() != flow.House {
			t.Errorf("%+v", f)
		}
	}
	if flow.ForSignIn(r).Registration != "" {
		t.Error("obtaining a token needs a token")
	}
}
