package appkey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/appkey"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
)

func TestAKeyIsTakenFromItsNetworksOnly(t *testing.T) {
	r := rig.New(t, nil)
	now := time.Now()
	d := desk(t, r, &now)
	made, err := d.Create(t.Context(), appkey.Wanted{App: "crm", Networks: []string{"10.1.0.0/16", "2001:db8::/32", "192.0.2.7"}})
	if err != nil {
		t.Fatal(err)
	}
	next, err := d.Rotate(t.Context(), made.Key.ID, "anna", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for remote, want := range map[string]string{
		"10.1.2.3:4000": "<nil>", "[2001:db8::1]:1": "<nil>", "192.0.2.7:1": "<nil>", "[::ffff:10.1.2.3]:1": "<nil>", // the last is how a socket of both kinds names it
		"10.2.0.1:4000": "api.key_network", "192.0.2.8:1": "api.key_network", "[2001:db9::1]:1": "api.key_network", "127.0.0.1:1": "api.key_network",
		"": "api.key_network", "pipe": "api.key_network",
	} {
		for _, key := range []string{string(made.Plain), string(next.Plain)} {
			if _, err := d.Admit(gate.From(t.Context(), remote), key); code(err) != want {
				t.Errorf("from %q: %v, want %s", remote, err, want)
			}
		}
	}
	if _, err := d.Admit(t.Context(), string(made.Plain)); code(err) != "api.key_network" {
		t.Errorf("from nobody knows where: %v", err)
	}
	for _, wrong := range []string{"10.1.0.1/16", "10.1/16", "localhost", "10.1.0.0/33", "::ffff:10.1.0.0/112", "fe80::1%eth0", ""} {
		if _, err := d.Create(t.Context(), appkey.Wanted{App: "crm", Networks: []string{wrong}}); code(err) != "appkey.network" {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if list, err := appkey.Networks(strings.Fields("10.1.0.0/16 10.1.0.0/16")); err != nil || len(list) != 1 {
		t.Errorf("%v %v", list, err)
	}
}
