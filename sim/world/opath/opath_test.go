package opath_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/opath"
)

func TestFiltersPickRecipients(t *testing.T) {
	ann := func(name string) []string {
		return map[string][]string{
			"Department": {"Sales"}, "CustomAttribute1": {"crm"}, "MemberOfGroup": {"CN=a,DC=x", "CN=b,DC=x"}, "Title": {"O'Hara's deputy"},
		}[name]
	}
	for text, want := range map[string]bool{
		"Department -eq 'sales'":                               true,
		"Department -eq 'Support'":                             false,
		"Department -ne 'Support'":                             true,
		"MemberOfGroup -eq 'CN=b,DC=x'":                        true,
		"MemberOfGroup -eq 'CN=c,DC=x'":                        false,
		"Title -eq 'O''Hara''s deputy'":                        true,
		"Department -eq \"Sales\"":                             true,
		"Department -like 'Sal*'":                              true,
		"Department -notlike 'Sal*'":                           false,
		"City -eq $null":                                       true,
		"City -ne $null":                                       false,
		"Department -ne $null":                                 true,
		"Department -eq 'x' -or CustomAttribute1 -eq 'crm'":    true,
		"Department -eq 'Sales' -and CustomAttribute1 -eq 'x'": false,
		"Department -eq 'x' -and Title -eq 'y' -or CustomAttribute1 -eq 'crm'":   true,
		"Department -eq 'x' -and (Title -eq 'y' -or CustomAttribute1 -eq 'crm')": false,
		"-not (Department -eq 'x')": true,
	} {
		f, err := opath.Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := f.Matches(ann); got != want || f.String() != text {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	f, err := opath.Parse("(A -eq '1' -or B -ne '2') -and -not C -eq '3'")
	if err != nil || !slices.Equal(f.Properties(), []string{"A", "B", "C"}) {
		t.Errorf("%v %v", f.Properties(), err)
	}
}

func TestWhatIsNoFilterIsRefused(t *testing.T) {
	for _, text := range []string{"", "Department", "Department -eq", "Department 'x'", "Department -gt 'x'", "Department -eq 'x", "(Department -eq 'x'",
		"Department -eq 'x')", "Department -eq 'x' -or", "-not", "'x' -eq Department", "Department -like '*x'", "Department -eq 'a' Title -eq 'b'",
		strings.Repeat("(", 200) + "A -eq 'b'" + strings.Repeat(")", 200)} {
		if f, err := opath.Parse(text); err == nil {
			t.Errorf("%q was understood as %v", text, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("A -eq 'b' -or (C -ne $null -and -not D -like 'e*')")
	f.Add("A -eq 'b''c'")
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := opath.Parse(text)
		if err == nil {
			filter.Matches(func(string) []string { return nil })
		} else if filter.Matches(func(string) []string { return []string{"x"} }) && filter.Properties() == nil {
			t.Errorf("%q failed and matches", text)
		}
	})
}
