package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

func TestCovers(t *testing.T) {
	const work, app = catalog.DelegatedWork, catalog.Application
	for _, tc := range []struct {
		situation    string
		wide, narrow string
		scheme       catalog.Scheme
		want         bool
	}{
		{"itself", "Calendars.Read", "Calendars.Read", app, true},
		{"writing covers reading", "Calendars.ReadWrite", "Calendars.Read", app, true},
		{"writing covers basic reading", "Calendars.ReadWrite", "Calendars.ReadBasic", work, true},
		{"reading does not cover writing", "Calendars.Read", "Calendars.ReadWrite", app, false},
		{"all covers own", "Files.Read.All", "Files.Read", work, true},
		{"own does not cover all", "Files.ReadWrite", "Files.Read.All", work, false},
		{"shared covers own", "Calendars.Read.Shared", "Calendars.Read", work, true},
		{"own does not cover shared", "Calendars.ReadWrite", "Calendars.Read.Shared", work, false},
		{"all covers owned", "Application.ReadWrite.All", "Application.ReadWrite.OwnedBy", app, true},
		{"owned does not cover all", "Application.ReadWrite.OwnedBy", "Application.Read.All", app, false},
		{"an application's permission without a constraint is for all", "Calendars.Read", "Calendars.ReadBasic.All", app, true},
		{"other constraints are apart", "RoleManagement.ReadWrite.Directory", "RoleManagement.Read.Exchange", app, false},
		{"by the permissions reference", "Group.ReadWrite.All", "GroupMember.Read.All", app, true},
		{"by a chain of the permissions reference", "Sites.FullControl.All", "Sites.Read.All", app, true},
		{"by the table", "Directory.Read.All", "OrgContact.Read.All", app, true},
		{"by the table, but a reader covers no writer", "AppCatalog.Read.All", "AppCatalog.ReadWrite.All", app, false},
		{"by the table, but only what one owns", "Application.ReadWrite.OwnedBy", "Synchronization.Read.All", app, false},
		{"by the table, but a part of the data", "AuditLogsQuery-CRM.Read.All", "AuditLogsQuery.Read.All", app, false},
		{"by the table, names that have nothing in common", "Organization.Read.All", "OrganizationalBranding.Read.All", app, false},
		{"families are apart", "Mail.ReadWrite", "Mail.Send", app, false},
		{"families with a common beginning are apart", "Group.Read.All", "Group-Conversation.ReadWrite.All", app, false},
		{"not in this scheme", "Calendars.ReadWrite.Shared", "Calendars.Read", app, false},
		{"unknown wide", "Everything", "Calendars.Read", app, false},
		{"unknown narrow", "Calendars.Read", "Nothing", app, false},
		{"unknown scheme", "Calendars.Read", "Calendars.Read", "Nobody", false},
		{"one that opens nothing is not covered by chance", "User.Read.All", "SMTP.Send", work, false},
	} {
		t.Run(tc.situation, func(t *testing.T) {
			if got := catalog.Load().Covers(tc.wide, tc.narrow, tc.scheme); got != tc.want {
				t.Errorf("%s covers %s: %v", tc.wide, tc.narrow, got)
			}
		})
	}
}

// TestInclusionIsTransitive follows every pair that includes by name or
// document: a wide permission has all that its narrower ones have.
func TestInclusionIsTransitive(t *testing.T) {
	for s := range catalog.Schemes() {
		includes := map[string]map[string]bool{}
		catalog.Load().EachInclusion(s, func(wide, narrow string) {
			if includes[wide] == nil {
				includes[wide] = map[string]bool{}
			}
			includes[wide][narrow] = true
		})
		for wide, narrower := range includes {
			for narrow := range narrower {
				for narrowest := range includes[narrow] {
					if !narrower[narrowest] {
						t.Errorf("%s: %s includes %s includes %s, and yet not the first the last", s, wide, narrow, narrowest)
					}
				}
			}
		}
	}
}

func TestElsewhere(t *testing.T) {
	const work, app = catalog.DelegatedWork, catalog.Application
	for _, tc := range []struct {
		situation string
		ask       string
		scheme    catalog.Scheme
		held      string
		want      bool
	}{
		{"own calendars", "GET /users/{id}/events", work, "Calendars.ReadWrite", false},
		{"shared calendars", "GET /users/{id}/events", work, "Calendars.Read.Shared", true},
		{"own profile", "GET /users/{id}", work, "User.Read", false},
		{"all profiles", "GET /users/{id}", work, "User.ReadBasic.All", true},
		{"an application's permission is for all mailboxes", "GET /users/{id}/events", app, "Calendars.Read", true},
		{"applications that one owns", "PATCH /applications/{id}", app, "Application.ReadWrite.OwnedBy", false},
		{"all applications", "PATCH /applications/{id}", app, "Application.ReadWrite.All", true},
		{"the directory is nobody's own", "GET /groups", work, "Group.Read.All", true},
	} {
		t.Run(tc.situation, func(t *testing.T) {
			held := catalog.Load().Grants(tc.scheme, tc.held)
			if held.Elsewhere().Scheme() != tc.scheme {
				t.Error("the scheme is lost")
			}
			op := operation(t, tc.ask)
			if !op.Allowed(held) || op.Allowed(held.Elsewhere()) != tc.want {
				t.Errorf("%s elsewhere with %s: %v", tc.ask, tc.held, !tc.want)
			}
		})
	}
}

// TestWhatAPermissionOpensIsCountedOnce counts by hand what Opened counts: each
// operation once, what included permissions open among it, and nothing that the scheme
// cannot call.
func TestWhatAPermissionOpensIsCountedOnce(t *testing.T) {
	c := catalog.Load()
	for _, s := range []struct {
		scheme       catalog.Scheme
		wide, narrow string
	}{
		{catalog.DelegatedWork, "Mail.ReadWrite", "Mail.Read"}, {catalog.Application, "Mail.ReadWrite", "Mail.Read"},
		{catalog.Application, "Calendars.ReadWrite", "Calendars.Read"}, {catalog.DelegatedWork, "Calendars.Read.Shared", "Calendars.Read"},
		{catalog.Application, "User.ReadWrite.All", "User.Read.All"},
	} {
		n, writes, all := c.Opened(s.scheme, s.wide, 1<<20)
		_, _, fewer := c.Opened(s.scheme, s.narrow, 1<<20)
		seen := map[string]bool{}
		for _, o := range all {
			if seen[o] {
				t.Errorf("%s %s: %s is counted twice", s.scheme, s.wide, o)
			}
			seen[o] = true
			if s.scheme == catalog.Application && strings.Contains(o, " /me") {
				t.Errorf("%s opens %s to an application", s.wide, o)
			}
		}
		for _, o := range fewer {
			if !seen[o] {
				t.Errorf("%s %s, which includes %s, does not open %s", s.scheme, s.wide, s.narrow, o)
			}
		}
		if n != len(all) || writes > n || writes == 0 && strings.Contains(s.wide, "Write") || len(fewer) >= n && s.scheme == catalog.Application {
			t.Errorf("%s %s: %d operations, %d writing; %s opens %d", s.scheme, s.wide, n, writes, s.narrow, len(fewer))
		}
	}
	if n, writes, _ := c.Opened(catalog.Application, "Mail.Read", 0); n == 0 || writes != 0 {
		t.Errorf("Mail.Read opens %d operations, %d writing", n, writes)
	}
}

// TestTheCountsAddUp compares the counts of the permissions with the permissions.
func TestTheCountsAddUp(t *testing.T) {
	c := catalog.Load()
	all, sum := 0, 0
	for range c.Permissions() {
		all++
	}
	for _, k := range c.Counts() {
		sum += k.All
		if k.All == 0 || k.Offered+k.Specific > k.All {
			t.Errorf("%+v", k)
		}
	}
	if sum != all {
		t.Errorf("%d permissions, counted %d", all, sum)
	}
	listed := 0
	c.EachOperation(func(method, _ string) {
		if method != "SUBSCRIBE" {
			listed++
		}
	})
	if n := c.Operations(); n != listed {
		t.Errorf("%d operations, counted %d", listed, n)
	}
}

// TestCoverersAreThoseThatCover compares what is found for many names at once with each
// pair alone.
func TestCoverersAreThoseThatCover(t *testing.T) {
	c := catalog.Load()
	for scheme := range catalog.Schemes() {
		var names []string
		for p := range c.Permissions() {
			if _, ok := p.In(scheme); ok && p.ResourceAppID == catalog.MicrosoftGraph && len(p.Name)%6 == 0 || strings.HasPrefix(p.Name, "User.") || strings.HasPrefix(p.Name, "Calendars.") || strings.HasPrefix(p.Name, "Sites.") {
				names = append(names, p.Name)
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		all := c.Coverers(scheme, names)
		for _, narrow := range names {
			var want []string
			for _, wide := range names {
				if wide != narrow && c.Covers(wide, narrow, scheme) && !(c.Covers(narrow, wide, scheme) && narrow < wide) {
					want = append(want, wide)
				}
			}
			if got := slices.Sorted(slices.Values(all[narrow])); !slices.Equal(got, want) {
				t.Errorf("%s (%s) is covered by %v, and one by one by %v", narrow, scheme, got, want)
			}
		}
	}
}
