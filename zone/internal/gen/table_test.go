package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const ids = `{"keyword": {"u": {"tz": {
	"_description": "Time zone key",
	"inccu": {"_alias": "Asia/Calcutta Asia/Kolkata", "_iana": "Asia/Kolkata"},
	"debsngn": {"_alias": "Europe/Busingen", "_preferred": "deber"},
	"deber": {"_alias": "Europe/Berlin"},
	"aqtrl": {"_alias": "Antarctica/Troll"},
	"unk": {"_alias": "Etc/Unknown"}
}}}}`

func mapping(zones ...[3]string) string {
	var all []string
	for _, z := range zones {
		all = append(all, `{"mapZone": {"_other": "`+z[0]+`", "_type": "`+z[1]+`", "_territory": "`+z[2]+`"}}`)
	}
	return `{"supplemental": {"windowsZones": {"mapTimezones": [` + strings.Join(all, ",") + `]}}}`
}

func made(t *testing.T, zones, ids string) (string, error) {
	t.Helper()
	var w windowsZones
	if err := json.Unmarshal([]byte(zones), &w); err != nil {
		t.Fatal(err)
	}
	var i identifiers
	if err := json.Unmarshal([]byte(ids), &i); err != nil {
		t.Fatal(err)
	}
	text, err := table(w, i)
	return string(text), err
}

func TestTable(t *testing.T) {
	zones := mapping(
		[3]string{"W. Europe Standard Time", "Europe/Berlin", "001"},
		[3]string{"W. Europe Standard Time", "Europe/Berlin Europe/Busingen", "DE"},
		[3]string{"India Standard Time", "Asia/Calcutta", "001"})
	got, err := made(t, zones, ids)
	if err != nil {
		t.Fatal(err)
	}
	want := "W\tIndia Standard Time\tAsia/Kolkata\n" +
		"W\tW. Europe Standard Time\tEurope/Berlin\n" +
		"I\tAntarctica/Troll\t-\n" +
		"I\tAsia/Kolkata\tIndia Standard Time\tAsia/Calcutta\n" +
		"I\tEurope/Berlin\tW. Europe Standard Time\tEurope/Busingen\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSourcesThatContradictThemselvesAreRefused(t *testing.T) {
	for situation, zones := range map[string]string{
		"a zone that is none":       mapping([3]string{"Nowhere Standard Time", "Nowhere/Middle", "001"}),
		"a zone of two Windows":     mapping([3]string{"A", "Europe/Berlin", "001"}, [3]string{"B", "Europe/Berlin", "001"}),
		"two Windows for a renamed": mapping([3]string{"A", "Asia/Calcutta", "001"}, [3]string{"B", "Asia/Kolkata", "001"}),
	} {
		if _, err := made(t, zones, ids); err == nil {
			t.Errorf("%s: nothing was said", situation)
		}
	}
	if _, err := made(t, mapping(), `{"keyword": {"u": {"tz": {"a": {"_alias": "A", "_preferred": "b"}}}}}`); err == nil {
		t.Error("a zone replaced by nothing: nothing was said")
	}
}
