// An app that was made by Graph signs in and may do what was granted to it
// (concepts/permissions-grant-via-msgraph).
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerError } from "@azure/msal-node";
import { app, as, confidential, graphScope, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));

test("an app is registered, granted, used and removed", async () => {
  const made = await g.api("/applications").post({ displayName: "Interop node app" }); // api/application-post-applications
  const own = `/applications/${made.id}`;
  const password = await g.api(`${own}/addPassword`).post({ passwordCredential: { displayName: "first" } }); // api/application-addpassword
  assert.ok(password.secretText.startsWith(password.hint));
  const read = await g.api(`/applications(appId='${made.appId}')`).get(); // api/application-get, by appId
  assert.equal(read.id, made.id);
  assert.equal(read.passwordCredentials[0].keyId, password.keyId);
  assert.equal(read.passwordCredentials[0].secretText ?? null, null, "the secret was shown twice");

  const principal = await g.api("/servicePrincipals").post({ appId: made.appId }); // api/serviceprincipal-post-serviceprincipals
  const a = { client_id: made.appId, client_secret: password.secretText };
  await refused(as(a).api("/users").get(), 403, "Authorization_RequestDenied");

  const resource = await g.api("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").get();
  const role = resource.appRoles.find((r) => r.value === "User.Read.All");
  const grants = `/servicePrincipals/${principal.id}/appRoleAssignments`;
  const form = { principalId: principal.id, resourceId: resource.id, appRoleId: role.id };
  const grant = await g.api(grants).post(form); // api/serviceprincipal-post-approleassignments
  assert.equal(grant.principalType, "ServicePrincipal");
  await refused(g.api(grants).post(form), 400);
  await as(a).api("/users").get();
  assert.deepEqual((await g.api(grants).get()).value.map((x) => x.id), [grant.id]); // api/serviceprincipal-list-approleassignments

  const delegated = await g.api("/oauth2PermissionGrants").post({ // api/oauth2permissiongrant-post
    clientId: principal.id, consentType: "AllPrincipals", resourceId: resource.id, scope: "User.Read" });
  await g.api(`/oauth2PermissionGrants/${delegated.id}`).patch({ scope: "User.Read Calendars.Read" });
  const after = await g.api(`/oauth2PermissionGrants/${delegated.id}`).get();
  assert.equal(after.scope.trim(), "User.Read Calendars.Read");
  await g.api(`/oauth2PermissionGrants/${delegated.id}`).delete();

  await g.api(`${grants}/${grant.id}`).delete(); // api/serviceprincipal-delete-approleassignments
  await refused(as(a).api("/users").get(), 403, "Authorization_RequestDenied");
  await g.api(`${own}/removePassword`).post({ keyId: password.keyId }); // api/application-removepassword
  await assert.rejects(confidential(a).acquireTokenByClientCredential({ scopes: [graphScope] }), ServerError);
  await g.api(own).delete(); // api/application-delete
  await refused(g.api(own).get(), 404, "Request_ResourceNotFound");
});

test("a service principal lists what it was granted", async () => { // api/serviceprincipal-list-approleassignments
  const { value } = await g.api("/servicePrincipals").filter(`appId eq '${app("reader").client_id}'`).get();
  assert.equal(value.length, 1);
  const grants = (await g.api(`/servicePrincipals/${value[0].id}/appRoleAssignments`).get()).value;
  assert.equal(grants.length, app("reader").permissions.application.length);
  assert.ok(grants.every((x) => x.principalId === value[0].id && x.resourceDisplayName === "Microsoft Graph"));
  assert.equal(tenant.tenant.id, value[0].appOwnerOrganizationId);
});
