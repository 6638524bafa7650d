package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

func TestPermissionsAreFoundByNameAndID(t *testing.T) {
	c := catalog.Load()
	for _, tc := range []struct {
		situation string
		name      string
		scheme    catalog.Scheme
		id        string
		resource  string
		level     int
		admin     bool
	}{
		{"delegated, work account", "Calendars.Read", catalog.DelegatedWork, "465a38f9-76ea-45b9-9f34-9e8b0d4b0b42", catalog.MicrosoftGraph, 2, false},
		{"application", "Calendars.Read", catalog.Application, "798ee544-9d2d-430c-a058-570e29e34338", catalog.MicrosoftGraph, 4, true},
		{"name in another case", "calendars.READWRITE", catalog.Application, "ef54d2bf-783f-4e0f-bca1-3210c0444d99", catalog.MicrosoftGraph, 3, true},
		{"OpenID scope", "offline_access", catalog.DelegatedWork, "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", catalog.MicrosoftGraph, 0, false},
		{"Exchange application role", "full_access_as_app", catalog.Application, "dc890d15-9560-4a4c-9b7f-a736ec74ec40", catalog.ExchangeOnline, 0, true},
		{"Exchange administration", "Exchange.ManageAsApp", catalog.Application, "dc50a0fb-09a3-484d-be87-e023b12c6440", catalog.ExchangeOnline, 0, true},
		{"the name of two resources means Graph's", "EWS.AccessAsUser.All", catalog.DelegatedWork, "9769c687-087d-48ac-9cb3-c37dde652038", catalog.MicrosoftGraph, 0, true},
	} {
		t.Run(tc.situation, func(t *testing.T) {
			p, ok := c.Permission(tc.name)
			if !ok || p.ResourceAppID != tc.resource || !strings.EqualFold(p.Name, tc.name) {
				t.Fatalf("Permission(%q) = %+v, %v", tc.name, p, ok)
			}
			info, ok := p.In(tc.scheme)
			if !ok || info.ID != tc.id || info.Level != tc.level || info.AdminConsent != tc.admin || !p.Offered(tc.scheme) {
				t.Errorf("In(%s) = %+v, %v", tc.scheme, info, ok)
			}
			back, scheme, ok := c.ByID(strings.ToUpper(tc.id))
			if !ok || back.Name != p.Name || scheme != tc.scheme {
				t.Errorf("ByID(%s) = %s %s %v", tc.id, back.Name, scheme, ok)
			}
		})
	}
}

func TestWhatDoesNotExistIsNotFound(t *testing.T) {
	c := catalog.Load()
	if p, ok := c.Permission("Calendars.Reed"); ok {
		t.Errorf("found %v", p)
	}
	for _, id := range []string{"", "00000000-0000-0000-0000-000000000000", "ffffffff-0000-4000-8000-000000000000"} {
		if p, _, ok := c.ByID(id); ok {
			t.Errorf("%q is %v", id, p)
		}
	}
	p, _ := c.Permission("Calendars.ReadWrite.Shared")
	if info, ok := p.In(catalog.Application); ok {
		t.Errorf("Calendars.ReadWrite.Shared is delegated only, and yet %+v", info)
	}
	if _, ok := p.In("Delegated"); ok {
		t.Error("an unknown scheme has a permission")
	}
}

func TestExchangeHasItsOwnEWSPermission(t *testing.T) {
	p, ok := catalog.Load().PermissionOf(catalog.ExchangeOnline, "ews.accessasuser.all")
	info, _ := p.In(catalog.DelegatedWork)
	if !ok || info.ID != "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5" {
		t.Errorf("got %+v, %v", p, ok)
	}
}

func TestPersonalAccountsShareTheIDOfWorkAccounts(t *testing.T) {
	p, _ := catalog.Load().Permission("Calendars.Read")
	work, _ := p.In(catalog.DelegatedWork)
	personal, ok := p.In(catalog.DelegatedPersonal)
	if !ok || work.ID != personal.ID {
		t.Errorf("work %q, personal %q", work.ID, personal.ID)
	}
}

func TestTheCatalogueIsAsLargeAsItsSource(t *testing.T) {
	var graph, specific, offered int
	ids := map[string]string{}
	for p := range catalog.Load().Permissions() {
		graph++
		if p.ResourceSpecific {
			specific++
		}
		for s := range catalog.Schemes() {
			info, ok := p.In(s)
			if !ok {
				continue
			}
			if p.Offered(s) {
				offered++
			}
			key := info.ID + string(s)
			if other, taken := ids[key]; taken && info.ID != "" && !strings.HasPrefix(p.Name, "CloudApp-Disc") {
				t.Errorf("%s and %s share the id %s", other, p.Name, info.ID)
			}
			ids[key] = p.Name
		}
	}
	if graph < 917 || specific != 41 || offered < 1300 {
		t.Errorf("%d permissions, %d resource-specific, %d offered", graph, specific, offered)
	}
}

func TestSchemesAreThree(t *testing.T) {
	got := slices.Collect(catalog.Schemes())
	if !slices.Equal(got, []catalog.Scheme{catalog.DelegatedWork, catalog.DelegatedPersonal, catalog.Application}) {
		t.Error(got)
	}
	for s := range catalog.Schemes() {
		if s == catalog.DelegatedWork {
			break // a consumer may stop early
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		catalog.Build()
	}
}

// TestWhatOnlyOtherAPIsOffer holds what neither of Microsoft's two lists has.
func TestWhatOnlyOtherAPIsOffer(t *testing.T) {
	c := catalog.Load()
	for _, s := range []struct {
		resource, name string
		scheme         catalog.Scheme
	}{
		{catalog.ExchangeOnline, "user_impersonation", catalog.DelegatedWork},
		{catalog.ExchangeOnline, "Exchange.Manage", catalog.DelegatedWork},
		{catalog.ExchangeOnline, "IMAP.AccessAsApp", catalog.Application},
		{catalog.SharePointOnline, "AllSites.Read", catalog.DelegatedWork},
	} {
		p, ok := c.PermissionOf(s.resource, s.name)
		if !ok || p.ResourceAppID != s.resource {
			t.Errorf("%s is not known", s.name)
		}
		if _, ok := p.In(s.scheme); !ok {
			t.Errorf("%s does not exist in the scheme %s", s.name, s.scheme)
		}
	}
	offline, _ := c.Permission("offline_access")
	if info, _ := offline.In(catalog.DelegatedWork); info.Title == "" {
		t.Error("offline_access has no title")
	}
	read, _ := c.Permission("User.Read")
	if info, _ := read.In(catalog.DelegatedWork); info.UserTitle != "Sign you in and read your profile" {
		t.Errorf("a user is shown %q", info.UserTitle)
	}
}

// TestSitesSelectedOpensWhatItWasGranted: the table has it on document set versions.
func TestSitesSelectedOpensWhatItWasGranted(t *testing.T) {
	c := catalog.Load()
	for _, scheme := range []catalog.Scheme{catalog.DelegatedWork, catalog.Application} {
		op, ok := c.Operation("PUT", "/drives/{id}/items/{id}/content")
		if !ok || !op.Allowed(c.Grants(scheme, "Sites.Selected")) {
			t.Errorf("Sites.Selected does not store a file as %s", scheme)
		}
		if op, ok := c.Operation("GET", "/users"); !ok || op.Allowed(c.Grants(scheme, "Sites.Selected")) {
			t.Error("Sites.Selected opens what is no site")
		}
	}
}

// TestLoadingBuildsLittle counts what is allocated, which no busy machine changes: it was
// 58,000 pieces when the facts were unpacked, cut and copied.
func TestLoadingBuildsLittle(t *testing.T) {
	if n := testing.AllocsPerRun(1, func() { catalog.Build() }); n > 12_000 {
		t.Errorf("%.0f allocations", n)
	}
}
