package published

import "strings"

// additional lists the permissions that are in neither source. OpenID scopes:
// the description list in the same repository as the sources, and the titles of
// the consent page. Exchange Online: Microsoft's guides to registering an
// application for EWS, for IMAP, POP and SMTP, and for Exchange Online PowerShell.
// SharePoint: the permissions of its own API as Entra's portal offers them. Where
// no id is given, none is published.
func additional() []permission {
	return append(openID(), append(exchange(), sharePoint()...)...)
}

func openID() []permission {
	scope := func(name, id, title, user string) permission {
		return permission{name, "openid", map[string]scheme{"DelegatedWork": {id: id, title: title, userTitle: user, enabled: true}}}
	}
	return []permission{
		scope("email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "View users' email address", "View your email address"),
		scope("offline_access", "7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "Maintain access to data you have given it access to", ""),
		scope("openid", "37f7f235-527c-4136-accd-4a02d197296e", "Sign users in", "Sign in as you"),
		scope("profile", "14dad69e-099b-42c9-810b-d002981feec1", "View users' basic profile", "View your basic profile"),
	}
}

// forPeople and forPrograms are permissions of another API than Graph.
func forPeople(kind, name, id, title string) permission {
	return permission{name, kind, map[string]scheme{"DelegatedWork": {id: id, title: title, enabled: true, unknown: true}}}
}

func forPrograms(kind, name, id, title string) permission {
	return permission{name, kind, map[string]scheme{"Application": {id: id, title: title, enabled: true, adminConsent: true}}}
}

func exchange() []permission {
	const kind = "exchange"
	return []permission{
		forPeople(kind, "EWS.AccessAsUser.All", "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5", "Access mailboxes as the signed-in user via Exchange Web Services"),
		forPeople(kind, "Exchange.Manage", "", "Manage Exchange configuration"),
		forPrograms(kind, "Exchange.ManageAsApp", "dc50a0fb-09a3-484d-be87-e023b12c6440", "Manage Exchange As Application"),
		forPrograms(kind, "IMAP.AccessAsApp", "", ""),
		forPrograms(kind, "POP.AccessAsApp", "", ""),
		forPrograms(kind, "SMTP.SendAsApp", "", ""),
		forPrograms(kind, "full_access_as_app", "dc890d15-9560-4a4c-9b7f-a736ec74ec40", "Use Exchange Web Services with full access to all mailboxes"),
		forPeople(kind, "user_impersonation", "", ""),
	}
}

func sharePoint() []permission {
	const kind = "sharepoint"
	var out []permission
	for name := range strings.FieldsSeq("AllSites.FullControl AllSites.Manage AllSites.Read AllSites.Write MyFiles.Read MyFiles.Write Sites.Search.All") {
		out = append(out, forPeople(kind, name, "", ""))
	}
	return out
}
