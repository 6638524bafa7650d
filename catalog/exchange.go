package catalog

// ExchangeRoles are, in pairs, the application roles of Exchange that stand for permissions of
// Microsoft Graph, each after its permission (RBAC for Applications, "Supported application roles"; graph-facts
// §12.2). Where there is none for the narrower permission it is the next wider one.
func ExchangeRoles() [][2]string {
	return [][2]string{
		{"Calendars.Read", "Application Calendars.Read"},
		{"Calendars.ReadBasic.All", "Application Calendars.Read"},
		{"Calendars.ReadWrite", "Application Calendars.ReadWrite"},
		{"Contacts.Read", "Application Contacts.Read"},
		{"Contacts.ReadWrite", "Application Contacts.ReadWrite"},
		{"Mail.Read", "Application Mail.Read"},
		{"Mail.ReadBasic", "Application Mail.ReadBasic"},
		{"Mail.ReadBasic.All", "Application Mail.ReadBasic"},
		{"Mail.ReadWrite", "Application Mail.ReadWrite"},
		{"Mail.Send", "Application Mail.Send"},
		{"MailboxSettings.Read", "Application MailboxSettings.Read"},
		{"MailboxSettings.ReadWrite", "Application MailboxSettings.ReadWrite"},
	}
}

// ExchangeRole gives the role of Exchange that stands for an application permission of
// Graph and can be held to some mailboxes; "" when Exchange cannot narrow it.
func ExchangeRole(permission string) string {
	for _, r := range ExchangeRoles() {
		if r[0] == permission {
			return r[1]
		}
	}
	return ""
}
