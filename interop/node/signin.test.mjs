// entra/identity-platform: v2-oauth2-client-creds-grant-flow, certificate-credentials,
// v2-oauth2-auth-code-flow, v2-oauth2-device-code, reference-error-codes.
import assert from "node:assert/strict";
import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { test } from "node:test";
import { AuthError, ConfidentialClientApplication, CryptoProvider, ServerError } from "@azure/msal-node";
import { Browser } from "./browser.mjs";
import { app, as, byPage, client, confidential, configuration, graphScope, publicClient, refused, tenant } from "./tenant.mjs";

const everything = app("everything");
const who = tenant.users[2];

test("an app signs in with its secret", async () => {
  for (const at of [tenant.tenant.id, tenant.tenant.domain]) {
    const msal = new ConfidentialClientApplication(configuration(everything.client_id, { clientSecret: everything.client_secret }, at));
    const got = await msal.acquireTokenByClientCredential({ scopes: [graphScope] });
    assert.equal(got.tokenType, "Bearer");
    const minutes = (got.expiresOn - Date.now()) / 60_000;
    assert.ok(minutes > 59 && minutes < 91, `the token lives ${minutes} minutes`); // configurable-token-lifetimes
    const again = await msal.acquireTokenByClientCredential({ scopes: [graphScope] });
    assert.ok(again.fromCache, "MSAL found the token not worth keeping");
  }
});

test("an app signs in with its certificate", async () => {
  const a = app("calendar-certificate");
  const pem = readFileSync(a.certificate, "utf8");
  const certificate = new X509Certificate(pem);
  const privateKey = createPrivateKey(pem).export({ type: "pkcs8", format: "pem" });
  const thumbprintSha256 = certificate.fingerprint256.replaceAll(":", "");
  for (const x5c of [undefined, certificate.toString()]) {
    const msal = new ConfidentialClientApplication(configuration(a.client_id, { clientCertificate: { thumbprintSha256, privateKey, x5c } }));
    const { accessToken } = await msal.acquireTokenByClientCredential({ scopes: [graphScope] });
    await client(async () => accessToken).api(`/users/${tenant.users[1].id}/calendars`).get();
  }
});

test("a person signs in by authorization code with PKCE", async () => {
  const msal = publicClient();
  const got = await byPage(msal, who, ["User.Read"]);
  assert.equal(got.account.username, who.userPrincipalName);
  assert.equal(got.account.localAccountId, who.id);
  assert.equal(got.tenantId, tenant.tenant.id);
  const me = await client(async () => got.accessToken).api("/me").get();
  assert.equal(me.id, who.id);
  const silent = await msal.acquireTokenSilent({ account: got.account, scopes: ["Calendars.ReadWrite"], forceRefresh: true });
  assert.notEqual(silent.accessToken, got.accessToken, "the refresh token brought no new token");
  assert.ok(silent.scopes.some((s) => s.endsWith("Calendars.ReadWrite")), `scopes ${silent.scopes}`);
});

test("a person signs in to a confidential client", async () => {
  const web = createServer((_, answer) => answer.end("signed in")).listen(0, "127.0.0.1");
  await once(web, "listening");
  const redirectUri = `http://localhost:${web.address().port}/callback`;
  const scopes = ["User.Read"];
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const msal = confidential(everything);
  const address = await msal.getAuthCodeUrl({ scopes, redirectUri, state: "a b&c", codeChallenge: challenge, codeChallengeMethod: "S256" });
  const landed = await new Browser(who).visit(address);
  assert.equal(landed.searchParams.get("state"), "a b&c");
  const code = landed.searchParams.get("code");
  await notSignedIn(msal.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: "x".repeat(43) }), "501481");
  const again = await new Browser(who).visit(address);
  web.close();
  const got = await msal.acquireTokenByCode({ code: again.searchParams.get("code"), scopes, redirectUri, codeVerifier: verifier });
  assert.equal(got.idTokenClaims.oid, who.id);
  assert.equal(got.idTokenClaims.tid, tenant.tenant.id);
});

test("a person signs in by device code", async () => {
  const got = await byDeviceCode("accept");
  assert.equal(got.account.username, who.userPrincipalName);
});

test("a sign-in is refused with MSAL's own errors", async (t) => {
  const withSecret = (clientId, clientSecret, at) => new ConfidentialClientApplication(configuration(clientId, { clientSecret }, at));
  const unknown = "11111111-2222-3333-4444-555555555555";
  const cases = {
    "a wrong secret": [withSecret(everything.client_id, "wrong"), graphScope, "7000215"],
    "an app that does not exist": [withSecret(unknown, "any"), graphScope, "700016"],
    "a single permission": [confidential(everything), "https://graph.microsoft.com/User.Read.All", "1002012"],
    "an unknown resource": [confidential(everything), "https://nothing.example/.default", "500011"],
  };
  for (const [name, [msal, scope, code]] of Object.entries(cases)) {
    await t.test(name, () => notSignedIn(msal.acquireTokenByClientCredential({ scopes: [scope] }), code));
  }
  await t.test("a tenant that does not exist", () =>
    assert.rejects(withSecret(everything.client_id, everything.client_secret, unknown).acquireTokenByClientCredential({ scopes: [graphScope] }), AuthError));
  await t.test("a person who declines", () =>
    assert.rejects(byDeviceCode("decline"), (e) => e instanceof AuthError && e.message.includes("authorization_declined")));
});

test("a token is refused with Graph's own errors", async () => { // concepts/resolve-auth-errors
  await refused(client(async () => "no.such.token").api("/organization").get(), 401, "InvalidAuthenticationToken");
  await refused(as(app("nothing")).api("/users").get(), 403, "Authorization_RequestDenied");
  await refused(as(app("reader")).api(`/users/${who.id}/events`).get(), 403, "ErrorAccessDenied");
});

/** Signs a person in by device code, who answers the page as told. */
function byDeviceCode(confirm) {
  return publicClient().acquireTokenByDeviceCode({ scopes: ["User.Read"],
    deviceCodeCallback: ({ verificationUri, userCode }) =>
      new Browser(who, confirm).visit(`${verificationUri}?otc=${encodeURIComponent(userCode)}`) });
}

/** Wants MSAL's error for an answer of Microsoft Entra with this code. */
async function notSignedIn(promise, code) {
  await assert.rejects(promise, (e) => {
    assert.ok(e instanceof ServerError, `${e.name}: ${e.message}`);
    assert.ok(e.message.includes(`AADSTS${code}`), e.message);
    assert.ok(e.correlationId, "the error has no correlation id");
    return true;
  });
}
