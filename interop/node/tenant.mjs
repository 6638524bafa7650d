// The simulated tenant as its ready file describes it, and Microsoft's own
// JavaScript SDKs pointed at it. interop/run.sh starts the tenant, names the
// ready file in GRAPHWARDEN_READY and has Node trust it by NODE_EXTRA_CA_CERTS.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { ConfidentialClientApplication, PublicClientApplication } from "@azure/msal-node";
import graph from "@microsoft/microsoft-graph-client";
import { Browser } from "./browser.mjs";

if (!process.env.GRAPHWARDEN_READY) {
  throw new Error("GRAPHWARDEN_READY names no ready file: run interop/run.sh, which starts the simulated tenant.");
}
export const tenant = JSON.parse(readFileSync(process.env.GRAPHWARDEN_READY, "utf8"));
export const graphScope = "https://graph.microsoft.com/.default";

/** One of the delivered apps. */
export function app(name) {
  const found = tenant.apps.find((a) => a.name === name);
  assert.ok(found, `the tenant has no app ${name}`);
  return found;
}

/** What MSAL is told: the authority is known, so it is not looked up in Microsoft's cloud. */
export function configuration(clientId, credential = {}, at = tenant.tenant.id) {
  return {
    auth: {
      clientId,
      authority: `${tenant.authority}/${at}`,
      knownAuthorities: [new URL(tenant.authority).host],
      ...credential,
    },
  };
}

/** An app that signs in with its secret. */
export function confidential(a) {
  return new ConfidentialClientApplication(configuration(a.client_id, { clientSecret: a.client_secret }));
}

/** The app that people sign in to. */
export function publicClient() {
  return new PublicClientApplication(configuration(app("public").client_id));
}

/** Graph's client with whatever gives access tokens. */
export function client(getAccessToken) {
  return graph.Client.initWithMiddleware({
    authProvider: { getAccessToken },
    baseUrl: `${tenant.graph}/`,
    customHosts: new Set([new URL(tenant.graph).hostname]),
  });
}

/** Graph's client as an app. */
export function as(a) {
  const msal = confidential(a);
  return client(async () => (await msal.acquireTokenByClientCredential({ scopes: [graphScope] })).accessToken);
}

/** Signs a person in at the sign-in page. MSAL makes the PKCE challenge and listens for the answer. */
export function byPage(msal, who, scopes) {
  return msal.acquireTokenInteractive({ scopes, openBrowser: (address) => new Browser(who).visit(address) });
}

/** Graph's client as a person. */
export async function signedIn(who, ...scopes) {
  const { accessToken } = await byPage(publicClient(), who, scopes);
  return client(async () => accessToken);
}

/** Wants an error of the SDK's own type with this status (or one of these), as concepts/errors describes it. */
export async function refused(promise, status, ...codes) {
  let error;
  try {
    await promise;
  } catch (e) {
    error = e;
  }
  assert.ok(error instanceof graph.GraphError, `${error} is no GraphError, want ${status} ${codes}`);
  assert.ok([status].flat().includes(error.statusCode), `${error.statusCode} ${error.code}: ${error.message}, want ${status}`);
  if (codes.length) assert.ok(codes.includes(error.code), `${error.code}: ${error.message}, want ${codes}`);
  assert.ok(error.requestId && !Number.isNaN(error.date.getTime()), `${error.code} comes without innerError`);
  return error;
}

/** Tells the simulator something under /sim. */
export async function steer(what, body) {
  const answer = await fetch(`${tenant.graph}/sim/${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `POST /sim/${what}: ${answer.status} ${await answer.text()}`);
}

/** Sets the simulator's weather rules for the time that run takes. */
export async function faults(rules, run) {
  await steer("faults", { rules });
  try {
    await run();
  } finally {
    await steer("faults", {});
  }
}

/** Asks again and again until there is something, for at most twenty seconds. */
export async function eventually(what, ask) {
  for (const limit = Date.now() + 20_000; Date.now() < limit; await pause(50)) {
    const got = await ask();
    if (got) return got;
  }
  assert.fail(`${what}: not within 20 seconds`);
}
