package directory

// defaults are the properties that are answered without $select, where they are
// not all (graph-facts §8; Microsoft Graph, "user resource type" and "group
// resource type": properties returned only on $select).
func defaults() map[string][]string {
	return map[string][]string{
		"user": {"businessPhones", "displayName", "givenName", "id", "jobTitle", "mail", "mobilePhone",
			"officeLocation", "preferredLanguage", "surname", "userPrincipalName"},
		"group": {"id", "deletedDateTime", "classification", "createdDateTime", "description", "displayName",
			"expirationDateTime", "groupTypes", "isAssignableToRole", "mail", "mailEnabled", "mailNickname",
			"membershipRule", "membershipRuleProcessingState", "onPremisesDomainName", "onPremisesLastSyncDateTime",
			"onPremisesNetBiosName", "onPremisesProvisioningErrors", "onPremisesSamAccountName",
			"onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "preferredDataLocation", "preferredLanguage",
			"proxyAddresses", "renewedDateTime", "resourceBehaviorOptions", "resourceProvisioningOptions",
			"securityEnabled", "securityIdentifier", "serviceProvisioningErrors", "theme", "uniqueName", "visibility"},
	}
}

// ownProperties are what an ordinary user may change of himself (user-update:
// the properties of the profile, and the mobile phone).
func ownProperties() []string {
	return []string{"aboutMe", "birthday", "hireDate", "interests", "mobilePhone", "mySite", "pastProjects",
		"preferredName", "responsibilities", "schools", "skills"}
}

// userReadOnly are the properties of users that no client sets (Microsoft Graph,
// "user resource type").
func userReadOnly() []string {
	return []string{"assignedLicenses", "assignedPlans", "createdDateTime", "creationType", "deletedDateTime", "id",
		"imAddresses", "isManagementRestricted", "isResourceAccount", "lastPasswordChangeDateTime", "licenseAssignmentStates",
		"onPremisesDistinguishedName", "onPremisesDomainName", "onPremisesLastSyncDateTime", "onPremisesSamAccountName",
		"onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "onPremisesUserPrincipalName", "provisionedPlans",
		"proxyAddresses", "refreshTokensValidFromDateTime", "securityIdentifier", "serviceProvisioningErrors",
		"signInActivity", "signInSessionsValidFromDateTime"}
}

// groupReadOnly are the properties of groups that no client sets (Microsoft
// Graph, "group resource type").
func groupReadOnly() []string {
	return []string{"assignedLicenses", "createdDateTime", "deletedDateTime", "expirationDateTime",
		"hasMembersWithLicenseErrors", "id", "isArchived", "isManagementRestricted", "licenseProcessingState", "mail",
		"onPremisesDomainName", "onPremisesLastSyncDateTime", "onPremisesNetBiosName", "onPremisesProvisioningErrors",
		"onPremisesSamAccountName", "onPremisesSecurityIdentifier", "onPremisesSyncEnabled", "proxyAddresses",
		"renewedDateTime", "securityIdentifier", "serviceProvisioningErrors"}
}

// organizationReadOnly are the properties of the organisation that no client
// sets (organization-update).
func organizationReadOnly() []string {
	return []string{"assignedPlans", "businessPhones", "city", "country", "countryLetterCode", "createdDateTime",
		"defaultUsageLocation", "deletedDateTime", "displayName", "id", "onPremisesLastSyncDateTime", "partnerTenantType",
		"postalCode", "preferredLanguage", "provisionedPlans", "state", "street", "tenantType", "verifiedDomains"}
}
