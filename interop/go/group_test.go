package interop

import (
	"net/http"
	"slices"
	"testing"

	graph "github.com/microsoftgraph/msgraph-sdk-go"
	"github.com/microsoftgraph/msgraph-sdk-go/groups"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"
)

// newGroup makes a security group (api/group-post-groups).
func newGroup(t *testing.T, c *graph.GraphServiceClient, name string) (id string, group *groups.GroupItemRequestBuilder) {
	t.Helper()
	form := models.NewGroup()
	form.SetDisplayName(new("Interop " + name))
	form.SetMailNickname(&name)
	form.SetMailEnabled(new(false))
	form.SetSecurityEnabled(new(true))
	made, err := c.Groups().Post(t.Context(), form, nil)
	fine(t, err)
	return value(made.GetId()), c.Groups().ByGroupId(value(made.GetId()))
}

// members are those of a group (api/group-list-members).
func members(t *testing.T, group *groups.GroupItemRequestBuilder) []models.DirectoryObjectable {
	t.Helper()
	list, err := group.Members().Get(t.Context(), nil)
	fine(t, err)
	return list.GetValue()
}

func TestGroupMembers(t *testing.T) {
	x, ctx := open(t), t.Context()
	c := x.as(t, "everything")
	id, group := newGroup(t, c, "members")
	member := models.NewReferenceCreate() // api/group-post-members
	member.SetOdataId(new("https://graph.microsoft.com/v1.0/directoryObjects/" + x.Users[4].ID))
	t.Run("a member is added, once", func(t *testing.T) {
		if got := members(t, group); len(got) != 0 {
			t.Errorf("%d members in a new group", len(got))
		}
		fine(t, group.Members().Ref().Post(ctx, member, nil))
		refused(t, group.Members().Ref().Post(ctx, member, nil), http.StatusBadRequest, "Request_BadRequest")
		got := members(t, group)
		if len(got) != 1 {
			t.Fatalf("%d members, want one", len(got))
		}
		if u, ok := got[0].(models.Userable); !ok || value(u.GetId()) != x.Users[4].ID || value(u.GetUserPrincipalName()) != x.Users[4].UserPrincipalName {
			t.Errorf("the member is %T %s", got[0], value(got[0].GetId()))
		}
	})
	t.Run("the member knows its group", func(t *testing.T) { // api/user-list-memberof, api/directoryobject-checkmembergroups
		list, err := c.Users().ByUserId(x.Users[4].ID).MemberOf().Get(ctx, nil)
		fine(t, err)
		if !slices.ContainsFunc(list.GetValue(), func(o models.DirectoryObjectable) bool { return value(o.GetId()) == id }) {
			t.Error("memberOf does not name the group")
		}
		body := users.NewItemCheckMemberGroupsPostRequestBody()
		body.SetGroupIds([]string{id})
		check, err := c.Users().ByUserId(x.Users[4].ID).CheckMemberGroups().PostAsCheckMemberGroupsPostResponse(ctx, body, nil)
		fine(t, err)
		if !slices.Equal(check.GetValue(), []string{id}) {
			t.Errorf("checkMemberGroups gives %v", check.GetValue())
		}
	})
	t.Run("$expand brings the members along", func(t *testing.T) { // concepts/query-parameters
		q := &groups.GroupItemRequestBuilderGetQueryParameters{Expand: []string{"members"}}
		g, err := group.Get(ctx, &groups.GroupItemRequestBuilderGetRequestConfiguration{QueryParameters: q})
		fine(t, err)
		if len(g.GetMembers()) != 1 {
			t.Errorf("%d members in the group", len(g.GetMembers()))
		}
	})
	t.Run("the member is removed", func(t *testing.T) { // api/group-delete-members
		fine(t, group.Members().ByDirectoryObjectId(x.Users[4].ID).Ref().Delete(ctx, nil))
		if got := members(t, group); len(got) != 0 {
			t.Errorf("%d members after the removal", len(got))
		}
		err := group.Members().ByDirectoryObjectId(x.Users[4].ID).Ref().Delete(ctx, nil)
		refused(t, err, http.StatusNotFound, "Request_ResourceNotFound")
	})
}

func TestGroupIsChangedAndDeleted(t *testing.T) { // api/group-update, api/group-delete
	x, ctx := open(t), t.Context()
	_, group := newGroup(t, x.as(t, "everything"), "changed")
	change := models.NewGroup()
	change.SetDescription(new("for the interop tests"))
	_, err := group.Patch(ctx, change, nil)
	fine(t, err)
	g, err := group.Get(ctx, nil)
	fine(t, err)
	if value(g.GetDescription()) != "for the interop tests" || value(g.GetSecurityEnabled()) != true {
		t.Errorf("%q, security enabled: %v", value(g.GetDescription()), value(g.GetSecurityEnabled()))
	}
	fine(t, group.Delete(ctx, nil))
	_, err = group.Get(ctx, nil)
	refused(t, err, http.StatusNotFound, "Request_ResourceNotFound")
}

func TestOrganization(t *testing.T) {
	x := open(t)
	list, err := x.as(t, "everything").Organization().Get(t.Context(), nil) // api/organization-list
	fine(t, err)
	if len(list.GetValue()) != 1 {
		t.Fatalf("%d organizations, want one", len(list.GetValue()))
	}
	o := list.GetValue()[0]
	domains := o.GetVerifiedDomains()
	if value(o.GetId()) != x.Tenant.ID || value(o.GetDisplayName()) == "" || len(domains) == 0 {
		t.Fatalf("organization %s %q with %d domains", value(o.GetId()), value(o.GetDisplayName()), len(domains))
	}
	if !slices.ContainsFunc(domains, func(d models.VerifiedDomainable) bool {
		return value(d.GetName()) == x.Tenant.Domain && value(d.GetIsDefault())
	}) {
		t.Errorf("%s is not its default domain", x.Tenant.Domain)
	}
}
