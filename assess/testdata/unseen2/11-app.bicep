extension microsoftGraphV1

// least privilege: no Directory.Read.All
param graphAppId string = '00000003-0000-0000-c000-000000000000'

var graphScopes = [
  'User.Read'
  'Calendars.ReadWrite'
  'offline_access'
]

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: graphAppId
}

resource app 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'wharf-panel'
  displayName: 'Wharf Panel'
  requiredResourceAccess: [
    {
      resourceAppId: graphAppId
      resourceAccess: [
        { id: '913b9306-0ce1-42b8-9137-6a7df690a760', type: 'Role' }
        { id: '9c7a330d-35b3-4aa1-963d-cb2b9f927841', type: 'Scope' }
      ]
    }
  ]
}

resource grants 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = {
  clientId: sp.id
  consentType: 'AllPrincipals'
  resourceId: graph.id
  scope: join(graphScopes, ' ')
}

var roleNames = [ 'Sites.Selected' ]
resource assignments 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [for r in roleNames: {
  appRoleId: filter(graph.appRoles, x => x.value == r)[0].id
  principalId: sp.id
  resourceId: graph.id
}]
output read string = 'see wharf.Panel.Read.md'
