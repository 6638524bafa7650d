package catalog

import (
	"fmt"
	"strings"
)

// This file holds the known faults of Microsoft's table, each with its source: what it
// lacks, marks wrongly or opens to whom it should not (corrections), and which
// permission includes another though neither the table nor their names show it
// (includedByDocument). What stands beside it are rules and no corrections: the table's
// order of ties (judge.go: a mark belongs to a whole set of paths, so that of several
// marked ones the one that writes least, then the lowest level, then the fewest
// operations counts; marks on writers do not count for what only reads), inclusion by
// names (cover.go), and paths that the table lacks (rules.go). Levels are passed on as
// they are, though Calendars.Read has 4 for applications and Calendars.ReadWrite 3:
// no class is taken from them.

// row adds to the table what it lacks and corrects what it has wrong. The
// permissions in opens are added to those that the table lists; if one is
// marked with *, the table's own marks no longer count; with only, the table's
// own permissions no longer count. Entries are written as in readEntry, by
// names.
type row struct {
	method  string
	path    string
	schemes string // letters as in the facts: W, P, A
	opens   []string
	only    bool
	source  string
}

// corrections is the table of the additions and corrections, by resource.
func corrections() []row {
	var rows []row
	for _, part := range [][]row{directoryRows(), roleRows(), mailRows(), calendarRows(), presenceRows(), policyRows(), siteRows(), subscriptionRows(), freeRows()} {
		rows = append(rows, part...)
	}
	return rows
}

func directoryRows() []row {
	const organization = "organization-get: User.Read is the least when delegated, Organization.Read.All for an application; the table marks an Intune permission"
	const deleted = "directory-deleteditems-list, directory-deleteditems-get: the read permission of the kind of object"
	const write = "directoryobject-delete, directory-deleteditems-delete, directory-deleteditems-restore: the write permission of the kind of object"
	writers := []string{"User.ReadWrite.All", "Group.ReadWrite.All", "Application.ReadWrite.All"}
	rows := []row{
		{"GET", "/organization", "W", []string{"User.Read*"}, false, organization},
		{"GET", "/organization", "A", []string{"Organization.Read.All*"}, false, organization},
		{"GET", "/organization/{id}", "W", []string{"User.Read*", "Organization.Read.All", "Directory.Read.All"}, false, organization},
		{"GET", "/organization/{id}", "A", []string{"Organization.Read.All*", "Directory.Read.All"}, false, organization},
		{"PATCH", "/organization/{id}", "WA", []string{"Organization.ReadWrite.All*"}, false, "organization-update: the table marks an Intune permission"},
		{"GET", "/groups/{id}", "WA", []string{"Group.ReadBasic.All*"}, false, "group-get; the table marks it on the list, and here a permission for nested groups"},
		{"PATCH", "/groups/{id}", "WA", []string{"Group.ReadWrite.All*"}, false, "group-update; the table marks a permission for nested groups"},
		{"GET", "/groups/{id}/transitiveMembers", "WA", []string{"GroupMember.Read.All*"}, false, "group-list-transitivemembers; the table marks GroupMember.ReadBasic.All, which no page of the documentation names"},
		{"POST", "/groups/{id}/members/$ref", "WA", []string{"GroupMember.ReadWrite.All*", "Group.ReadWrite.All", "Directory.ReadWrite.All"}, false, "group-post-members; the table has only removing one"},
		{"DELETE", "/directoryObjects/{id}", "W", []string{"Directory.AccessAsUser.All"}, false, "directoryobject-delete, of 2021"},
		{"DELETE", "/directoryObjects/{id}", "WA", writers, false, write},
		{"GET", "/directory/deletedItems/{id}", "WA", []string{"User.Read.All", "Group.Read.All", "Application.Read.All", "AdministrativeUnit.Read.All"}, false, deleted},
		{"DELETE", "/directory/deletedItems/{id}", "WA", writers, false, write},
		{"DELETE", "/directory/deletedItems/{id}", "A", []string{"Application.ReadWrite.OwnedBy"}, false, write},
		{"POST", "/directory/deletedItems/{id}/restore", "WA", writers, false, write},
	}
	for _, kind := range [][2]string{
		{"administrativeUnit", "AdministrativeUnit.Read.All"}, {"application", "Application.Read.All"},
		{"group", "Group.Read.All"}, {"servicePrincipal", "Application.Read.All"}, {"user", "User.Read.All"},
	} {
		rows = append(rows, row{"GET", "/directory/deletedItems/" + namespace + kind[0], "WA", []string{kind[1] + "*", "Directory.Read.All"}, false, deleted})
	}
	return rows
}

// roleRows concerns granting application permissions: the table lists readers
// and writers of applications, who could then grant themselves anything.
func roleRows() []row {
	const grant = "serviceprincipal-post-approleassignments, serviceprincipal-post-approleassignedto: both together, nothing wider"
	const revoke = "serviceprincipal-delete-approleassignments, serviceprincipal-delete-approleassignedto: nothing wider"
	granting := []string{"AppRoleAssignment.ReadWrite.All*+Application.Read.All|Directory.Read.All"}
	revoking := []string{"AppRoleAssignment.ReadWrite.All*"}
	return []row{
		{"POST", "/servicePrincipals/{id}/appRoleAssignments", "WA", granting, true, grant},
		{"POST", "/servicePrincipals/{id}/appRoleAssignedTo", "WA", granting, true, grant},
		{"DELETE", "/servicePrincipals/{id}/appRoleAssignments/{id}", "WA", revoking, true, revoke},
		{"DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{id}", "WA", revoking, true, revoke},
	}
}

// mailRows adds who may send from a mailbox that is not the signed-in person's own; the
// table opens nothing at all to Mail.Send.Shared.
func mailRows() []row {
	const source = "outlook-send-mail-from-other-user; permissions reference, Mail.Send.Shared: on behalf of others"
	const upload = "outlook-large-attachments, Permissions: Mail.ReadWrite for a message; the table opens messages by Calendars.ReadWrite"
	return []row{
		{"POST", "/me/messages/{id}/attachments/createUploadSession", "WPA", []string{"Mail.ReadWrite*"}, true, upload},
		{"POST", "/users/{id}/messages/{id}/attachments/createUploadSession", "WPA", []string{"Mail.ReadWrite*"}, true, upload},
		{"POST", "/users/{id}/sendMail", "W", []string{"Mail.Send.Shared"}, false, source},
		{"POST", "/me/sendMail", "W", []string{"Mail.Send.Shared"}, false, source},
	}
}

func calendarRows() []row {
	const permissions = "calendar-list-calendarpermissions, calendarpermission-get, calendarpermission-update, calendar-post-calendarpermissions; the table has only removing one"
	const group = "calendar-get, calendar-list-calendarpermissions: group calendar"
	reading := []string{"Calendars.ReadBasic*", "Calendars.Read", "Calendars.ReadWrite"}
	writing := []string{"Calendars.ReadWrite*"}
	groupReading := []string{"Group.Read.All*", "Group.ReadWrite.All"}
	const upload = "attachment-createuploadsession: by the kind of item; the table opens events by Mail.ReadWrite"
	return []row{
		{"GET", "/users/{id}/calendar/calendarPermissions", "WPA", reading, false, permissions},
		{"POST", "/users/{id}/calendar/calendarPermissions", "WPA", writing, false, permissions},
		{"GET", "/users/{id}/calendar/calendarPermissions/{id}", "WPA", reading, false, permissions},
		{"PATCH", "/users/{id}/calendar/calendarPermissions/{id}", "WPA", writing, false, permissions},
		{"GET", "/groups/{id}/calendar", "W", groupReading, false, group},
		{"GET", "/groups/{id}/calendar/calendarPermissions", "W", groupReading, false, group},
		{"POST", "/me/events/{id}/attachments/createUploadSession", "WPA", writing, true, upload},
		{"POST", "/users/{id}/events/{id}/attachments/createUploadSession", "WPA", writing, true, upload},
	}
}

func presenceRows() []row {
	const source = "presence-get, graph-facts §7; the table has the way by /users/{id}"
	return []row{{"GET", "/communications/presences/{id}", "WA", []string{"Presence.Read.All*"}, false, source}}
}

func policyRows() []row {
	const source = "graph-facts §11: writing needs all three; the table marks the reading ones alone"
	const both = "Policy.ReadWrite.ConditionalAccess*+Policy.Read.All"
	return []row{
		{"POST", "/identity/conditionalAccess/policies", "WA", []string{both + "+Application.Read.All"}, true, source},
		{"PATCH", "/identity/conditionalAccess/policies/{id}", "WA", []string{both + "+Application.Read.All"}, true, source},
		{"DELETE", "/identity/conditionalAccess/policies/{id}", "WA", []string{both}, true, "conditionalaccesspolicy-delete"},
	}
}

// subscriptionRows says what receiving the change notifications of a resource
// needs. The method SUBSCRIBE is the catalogue's own.
func subscriptionRows() []row {
	const source = "subscription-post-subscriptions, table of supported resources"
	notify := func(path, schemes string, opens ...string) row {
		return row{"SUBSCRIBE", path, schemes, opens, false, source}
	}
	return []row{
		notify("/users/{id}/events", "WPA", "Calendars.Read*"),
		notify("/users/{id}/contacts", "WPA", "Contacts.Read*"),
		notify("/users/{id}/contactFolders/{id}/contacts", "WPA", "Contacts.Read*"),
		notify("/users/{id}/messages", "WPA", "Mail.ReadBasic*", "Mail.Read"),
		notify("/users/{id}/mailFolders/{id}/messages", "WPA", "Mail.ReadBasic*", "Mail.Read"),
		notify("/users/{id}/todo/lists/{id}/tasks", "WP", "Tasks.ReadWrite*"),
		notify("/users", "WA", "User.Read.All*"),
		notify("/users/{id}", "WA", "User.Read.All*"),
		notify("/groups", "WA", "Group.Read.All*"),
		notify("/groups/{id}", "WA", "Group.Read.All*"),
		notify("/groups/{id}/members", "WA", "Group.Read.All*"),
		notify("/groups/{id}/conversations", "W", "Group.Read.All*"),
		notify("/users/{id}/drive/root", "WA", "Files.ReadWrite.All*"),
		notify("/users/{id}/drive/root", "P", "Files.ReadWrite*"),
		notify("/drives/{id}/root", "WA", "Files.ReadWrite.All*"),
		notify("/sites/{id}/lists/{id}", "WA", "Sites.ReadWrite.All*"),
		notify("/communications/presences", "W", "Presence.Read.All*"),
		notify("/communications/presences/{id}", "W", "Presence.Read.All*"),
		notify("/communications/callRecords", "A", "CallRecords.Read.All*"),
		notify("/security/alerts", "WA", "SecurityEvents.ReadWrite.All*"),
	}
}

// freeRows lists what needs no permission of its own. Every item of a batch is
// judged by itself. A subscription is judged by the resource that it watches
// (Catalog.Subscription) and shows an application nothing but its own.
func freeRows() []row {
	const subscription = "subscription-list: no permission beyond the one used to create the subscription"
	return []row{
		{method: "POST", path: "/$batch", source: "json-batching: each request is authorized on its own"},
		{method: "GET", path: "/$metadata", source: "OData 4.01 part 1, section 11.1.3; answered to everybody"},
		{method: "GET", path: "/subscriptions", source: subscription},
		{method: "POST", path: "/subscriptions", source: "subscription-post-subscriptions: the permission of the resource"},
		{method: "GET", path: "/subscriptions/{id}", source: subscription},
		{method: "PATCH", path: "/subscriptions/{id}", source: subscription},
		{method: "DELETE", path: "/subscriptions/{id}", source: subscription},
		{method: "POST", path: "/subscriptions/{id}/reauthorize", source: subscription},
	}
}

// correct puts a row into the table.
func (c *Catalog) correct(t *tree, r row) error {
	m, ok := parseMethod(r.method)
	if !ok {
		m = subscribe
	}
	n := t.node(r.path)
	var l list
	if n.has(m) {
		l = c.lists[n.lists[m]-1]
	}
	for _, letter := range strings.Split(r.schemes, "") {
		s, err := schemeOf(letter)
		if err != nil {
			return err
		}
		if l[s], err = c.correctScheme(l[s], r); err != nil {
			return err
		}
	}
	c.lists = append(c.lists, l)
	n.lists[m] = int32(len(c.lists))
	n.free = n.free || len(r.opens) == 0
	return nil
}

func (c *Catalog) correctScheme(listed []entry, r row) ([]entry, error) {
	var out []entry
	if !r.only {
		out = append(out, listed...)
	}
	if strings.Contains(strings.Join(r.opens, ""), "*") {
		for i := range out {
			out[i].least = false
		}
	}
	for _, text := range r.opens {
		e, err := readEntry(text, c.number)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func (c *Catalog) number(name string) (int32, error) {
	i, ok := c.find(MicrosoftGraph, name)
	if !ok {
		return 0, fmt.Errorf("no permission is called %q", name)
	}
	return i, nil
}

// siteRows adds Sites.Selected, which the table has on document set versions only.
// By Microsoft's documentation it opens sites, their lists and their drives, as far
// as the application was given a role on each (graph-facts §11.8; permissions
// reference, Sites.Selected); without such a role it opens nothing.
func siteRows() []row {
	const source = "permissions reference, Sites.Selected: sites, lists and drives of the sites granted one by one; the table has document set versions only"
	selected := []string{"Sites.Selected"}
	var rows []row
	for _, o := range [][2]string{
		{"GET", "/sites/{id}"}, {"GET", "/sites/{id}/drive"}, {"GET", "/sites/{id}/drives"},
		{"GET", "/sites/{id}/lists"}, {"GET", "/sites/{id}/lists/{id}"},
		{"GET", "/sites/{id}/lists/{id}/items"}, {"POST", "/sites/{id}/lists/{id}/items"},
		{"GET", "/sites/{id}/lists/{id}/items/{id}"}, {"PATCH", "/sites/{id}/lists/{id}/items/{id}"}, {"DELETE", "/sites/{id}/lists/{id}/items/{id}"},
		{"GET", "/drives/{id}"}, {"GET", "/drives/{id}/items/{id}"}, {"PATCH", "/drives/{id}/items/{id}"}, {"DELETE", "/drives/{id}/items/{id}"},
		{"GET", "/drives/{id}/items/{id}/children"}, {"POST", "/drives/{id}/items/{id}/children"},
		{"GET", "/drives/{id}/items/{id}/content"}, {"PUT", "/drives/{id}/items/{id}/content"},
	} {
		rows = append(rows, row{o[0], o[1], "WA", selected, false, source})
	}
	return rows
}

// inclusion is a permission that includes another.
type inclusion struct{ wide, narrow, source string }

// includedByDocument lists the inclusions that neither names nor table show, the
// widest first.
func includedByDocument() []inclusion {
	const reference = "permissions reference: what the wide one allows names what the narrow one allows"
	return []inclusion{
		{"Directory.AccessAsUser.All", "Directory.ReadWrite.All", "permissions reference: the same access to the directory as the signed-in person"},
		{"Group.ReadWrite.All", "GroupMember.ReadWrite.All", reference},
		{"Group.Read.All", "GroupMember.Read.All", reference},
		{"Sites.FullControl.All", "Sites.Manage.All", "SharePoint's permission levels: full control, manage, edit, read"},
		{"Sites.Manage.All", "Sites.ReadWrite.All", "SharePoint's permission levels: full control, manage, edit, read"},
		{"Bookings.Manage.All", "Bookings.ReadWrite.All", reference},
		{"Bookings.ReadWrite.All", "BookingsAppointment.ReadWrite.All", reference},
		{"BookingsAppointment.ReadWrite.All", "Bookings.Read.All", reference},
	}
}
