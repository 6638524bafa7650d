package interop

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	graph "github.com/microsoftgraph/msgraph-sdk-go"
	core "github.com/microsoftgraph/msgraph-sdk-go-core"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// headers makes request headers of names and values in turn.
func headers(pairs ...string) *abstractions.RequestHeaders {
	h := abstractions.NewRequestHeaders()
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// newUser is a person with what api/user-post-users requires.
func newUser(name, domain string) models.Userable {
	u := models.NewUser()
	u.SetAccountEnabled(new(true))
	u.SetDisplayName(new("Interop " + name))
	u.SetMailNickname(new(name))
	u.SetUserPrincipalName(new(name + "@" + domain))
	p := models.NewPasswordProfile()
	p.SetPassword(new("xWwvJ]6NMw+bWH-d"))
	p.SetForceChangePasswordNextSignIn(new(true))
	u.SetPasswordProfile(p)
	return u
}

// usersQuery is what a list of users can be asked for.
type usersQuery = users.UsersRequestBuilderGetQueryParameters

// list reads users (api/user-list).
func list(t *testing.T, c *graph.GraphServiceClient, q usersQuery, h ...string) (models.UserCollectionResponseable, error) {
	return c.Users().Get(t.Context(), &users.UsersRequestBuilderGetRequestConfiguration{Headers: headers(h...), QueryParameters: &q})
}

func TestUsersAreListed(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	t.Run("the page iterator reads everybody once", func(t *testing.T) { // concepts/paging
		page, err := list(t, c, usersQuery{Top: new(int32(7)), Select: []string{"id"}})
		fine(t, err)
		if len(page.GetValue()) != 7 || page.GetOdataNextLink() == nil {
			t.Errorf("%d users on the first page and link %v, want 7 and a link", len(page.GetValue()), page.GetOdataNextLink())
		}
		it, err := core.NewPageIterator[models.Userable](page, c.GetAdapter(), models.CreateUserCollectionResponseFromDiscriminatorValue)
		fine(t, err)
		seen := map[string]int{}
		fine(t, it.Iterate(ctx, func(u models.Userable) bool {
			seen[value(u.GetId())]++
			return true
		}))
		for _, u := range x.Users {
			if seen[u.ID] != 1 {
				t.Errorf("%s was seen %d times", u.UserPrincipalName, seen[u.ID])
			}
		}
	})
	t.Run("$filter finds by the start of a name", func(t *testing.T) { // concepts/filter-query-parameter
		prefix := x.Users[3].UserPrincipalName[:3]
		page, err := list(t, c, usersQuery{Filter: new("startsWith(userPrincipalName,'" + prefix + "')")})
		fine(t, err)
		found := slices.ContainsFunc(page.GetValue(), func(u models.Userable) bool { return value(u.GetId()) == x.Users[3].ID })
		wrong := slices.ContainsFunc(page.GetValue(), func(u models.Userable) bool {
			return !strings.HasPrefix(strings.ToLower(value(u.GetUserPrincipalName())), strings.ToLower(prefix))
		})
		if !found || wrong {
			t.Errorf("found: %v, others too: %v", found, wrong)
		}
	})
}

// TestAdvancedQueries follows concepts/aad-advanced-queries.
func TestAdvancedQueries(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	t.Run("$search and $orderby need and get ConsistencyLevel", func(t *testing.T) {
		q := usersQuery{Search: new(`"displayName:a"`), Orderby: []string{"displayName"}, Count: new(true), Select: []string{"displayName"}}
		_, err := list(t, c, q)
		refused(t, err, http.StatusBadRequest, "Request_UnsupportedQuery")
		page, err := list(t, c, q, "ConsistencyLevel", "eventual")
		fine(t, err)
		names := []string{}
		for _, u := range page.GetValue() {
			names = append(names, strings.ToLower(value(u.GetDisplayName())))
		}
		if len(names) == 0 || !slices.IsSorted(names) || value(page.GetOdataCount()) != int64(len(names)) {
			t.Errorf("%v with @odata.count %d", names, value(page.GetOdataCount()))
		}
	})
	t.Run("$count counts, with ConsistencyLevel only", func(t *testing.T) {
		_, err := c.Users().Count().Get(ctx, nil)
		refused(t, err, http.StatusBadRequest, "Request_BadRequest", "Request_UnsupportedQuery")
		n, err := c.Users().Count().Get(ctx, &users.CountRequestBuilderGetRequestConfiguration{Headers: headers("ConsistencyLevel", "eventual")})
		fine(t, err)
		if int(value(n)) < len(x.Users) {
			t.Errorf("%d users, want %d at least", value(n), len(x.Users))
		}
	})
}

func TestUserIsKept(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	made, err := c.Users().Post(ctx, newUser("kept", x.Tenant.Domain), nil) // api/user-post-users
	fine(t, err)
	id := value(made.GetId())
	t.Run("its name is taken", func(t *testing.T) { // concepts/errors: 400, not 409
		_, err := c.Users().Post(ctx, newUser("kept", x.Tenant.Domain), nil)
		refused(t, err, http.StatusBadRequest, "Request_BadRequest")
	})
	t.Run("an update shows", func(t *testing.T) { // api/user-update
		change := models.NewUser()
		change.SetDepartment(new("Legal"))
		change.SetJobTitle(new("Clerk"))
		_, err := c.Users().ByUserId(id).Patch(ctx, change, nil)
		fine(t, err)
		got := x.user(t, c, id, "department", "displayName")
		if value(got.GetDepartment()) != "Legal" || value(got.GetDisplayName()) != "Interop kept" {
			t.Errorf("%q %q", value(got.GetDepartment()), value(got.GetDisplayName()))
		}
		if got.GetJobTitle() != nil {
			t.Error("$select let through what was not asked for")
		}
	})
	t.Run("the default properties are few", func(t *testing.T) { // api/user-get
		got := x.user(t, c, value(made.GetUserPrincipalName()))
		if value(got.GetId()) != id || value(got.GetJobTitle()) != "Clerk" || got.GetDepartment() != nil || got.GetAccountEnabled() != nil {
			t.Errorf("id %q, jobTitle %q, department %v", value(got.GetId()), value(got.GetJobTitle()), got.GetDepartment())
		}
	})
	t.Run("deleted it is gone, and comes back", func(t *testing.T) { // api/user-delete, api/directory-deleteditems-restore
		fine(t, c.Users().ByUserId(id).Delete(ctx, nil))
		_, err := c.Users().ByUserId(id).Get(ctx, nil)
		refused(t, err, http.StatusNotFound, "Request_ResourceNotFound")
		bin, err := c.Directory().DeletedItems().GraphUser().Get(ctx, nil)
		fine(t, err)
		if !slices.ContainsFunc(bin.GetValue(), func(u models.Userable) bool { return value(u.GetId()) == id }) {
			t.Error("the deleted user is not among the deleted items")
		}
		_, err = c.Directory().DeletedItems().ByDirectoryObjectId(id).Restore().Post(ctx, nil)
		fine(t, err)
		x.user(t, c, id)
		fine(t, c.Users().ByUserId(id).Delete(ctx, nil))
	})
}

// user reads a user, with $select if properties are named.
func (x tenant) user(t *testing.T, c *graph.GraphServiceClient, key string, properties ...string) models.Userable {
	t.Helper()
	q := &users.UserItemRequestBuilderGetQueryParameters{Select: properties}
	u, err := c.Users().ByUserId(key).Get(t.Context(), &users.UserItemRequestBuilderGetRequestConfiguration{QueryParameters: q})
	fine(t, err)
	return u
}

// TestUsersDelta follows api/user-delta and concepts/delta-query-overview.
func TestUsersDelta(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	q := &users.DeltaRequestBuilderGetQueryParameters{Select: []string{"displayName", "jobTitle"}}
	read := func(link string) (map[string]models.Userable, string) {
		t.Helper()
		changes := map[string]models.Userable{}
		page, err := c.Users().Delta().GetAsDeltaGetResponse(ctx, &users.DeltaRequestBuilderGetRequestConfiguration{QueryParameters: q})
		if link != "" {
			page, err = c.Users().Delta().WithUrl(link).GetAsDeltaGetResponse(ctx, nil)
		}
		for {
			fine(t, err)
			for _, u := range page.GetValue() {
				changes[value(u.GetId())] = u
			}
			if (page.GetOdataNextLink() == nil) == (page.GetOdataDeltaLink() == nil) {
				t.Fatal("a page must have either a nextLink or a deltaLink")
			}
			if page.GetOdataDeltaLink() != nil {
				return changes, *page.GetOdataDeltaLink()
			}
			page, err = c.Users().Delta().WithUrl(*page.GetOdataNextLink()).GetAsDeltaGetResponse(ctx, nil)
		}
	}
	all, link := read("")
	for _, u := range x.Users {
		if all[u.ID] == nil {
			t.Errorf("%s is missing in the first round", u.UserPrincipalName)
		}
	}
	made, err := c.Users().Post(ctx, newUser("delta", x.Tenant.Domain), nil)
	fine(t, err)
	created, link := read(link)
	if u := created[value(made.GetId())]; u == nil || value(u.GetDisplayName()) != "Interop delta" {
		t.Errorf("the second round holds %d changes and not the new user", len(created))
	}
	if len(created) != 1 {
		t.Errorf("%d changes after one", len(created))
	}
	fine(t, c.Users().ByUserId(value(made.GetId())).Delete(ctx, nil))
	gone, _ := read(link)
	u := gone[value(made.GetId())]
	if u == nil {
		t.Fatal("the third round does not say that the user was deleted")
	}
	removed, _ := u.GetAdditionalData()["@removed"].(map[string]any)
	if reason, _ := removed["reason"].(*string); value(reason) != "changed" {
		t.Errorf("@removed is %v, want reason changed: a deleted user can be restored", removed)
	}
}
