package published

// additional lists the permissions that are in neither source. OpenID scopes:
// the description list in the same repository as the sources, and the titles of
// the consent page. Exchange Online: Microsoft's guides to registering an
// application for EWS, for IMAP, POP and SMTP, and for Exchange Online PowerShell.
// SharePoint: the permissions of its own API as Entra's portal offers them, with the ids
// of its service principal, which are the same in every tenant. Where no id is given, none
// is published.
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
	return []permission{
		forPeople(kind, "AllSites.FullControl", "56680e0d-d2a3-4ae1-80d8-3c4f2100e3d0", "Have full control of all site collections"),
		forPeople(kind, "AllSites.Manage", "b3f70a70-8a4b-4f95-9573-d71c496a53f4", "Read and write items and lists in all site collections"),
		forPeople(kind, "AllSites.Read", "4e0d77b0-96ba-4398-af14-3baa780278f4", "Read items in all site collections"),
		forPeople(kind, "AllSites.Write", "640ddd16-e5b7-4d71-9690-3f4022699ee7", "Read and write items in all site collections"),
		forPeople(kind, "MyFiles.Read", "dd2c8d78-58e1-46d7-82dd-34d411282686", "Read user files"),
		forPeople(kind, "MyFiles.Write", "2cfdc887-d7b4-4798-9b33-3d98d6b95dd2", "Read and write user files"),
		forPrograms(kind, "Sites.FullControl.All", "678536fe-1083-478a-9c59-b99265e6b0d3", "Have full control of all site collections"),
		forPrograms(kind, "Sites.Manage.All", "9bff6588-13f2-4c48-bbf2-ddab62256b36", "Read and write items and lists in all site collections"),
		forPrograms(kind, "Sites.Read.All", "d13f72ca-a275-4b96-b789-48ebcc4da984", "Read items in all site collections"),
		forPrograms(kind, "Sites.ReadWrite.All", "fbcd29d2-fcca-4405-aded-518d457caae4", "Read and write items in all site collections"),
		forPeople(kind, "Sites.Search.All", "1002502a-9a71-4426-8551-69ab83452fab", "Run search queries as a user"),
		forPrograms(kind, "Sites.Selected", "20d37865-089c-4dee-8c41-6967602d4ac8", "Access selected site collections"),
	}
}
