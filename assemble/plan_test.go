package assemble

import (
	"slices"
	"testing"
)

// TestAPlanSaysThatAGroupIsOne: the id of a group alone looks like anything's.
func TestAPlanSaysThatAGroupIsOne(t *testing.T) {
	t.Parallel()
	with := func(groups ...string) Facts {
		return Facts{Names: map[string][]string{"flows": {"office"}}, Lists: map[string][]string{"flows.office.groups": groups}}
	}
	d := flowDifference("office", with("11111111-old"), with("22222222-new"))
	if want := []string{"the group 22222222-new joins", "the group 11111111-old leaves"}; !slices.Equal(d.How, want) {
		t.Errorf("it says %q, want %q", d.How, want)
	}
}
