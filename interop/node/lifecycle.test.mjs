// What happens to sessions, tokens and feeds in the course of time.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { AuthError } from "@azure/msal-node";
import graph from "@microsoft/microsoft-graph-client";
import { day, meeting } from "./events.mjs";
import { app, as, byPage, client, eventually, publicClient, refused, steer, tenant } from "./tenant.mjs";

const g = as(app("everything"));

test("revoked sessions need a new sign-in", async () => { // api/user-revokesigninsessions, entra/identity-platform/refresh-tokens
  const who = tenant.users[24];
  const msal = publicClient();
  const { account } = await byPage(msal, who, ["User.Read"]);
  await steer("clock", { advance: "2s" }); // tokens that are issued in the same second still hold
  const answer = await g.api(`/users/${who.id}/revokeSignInSessions`).post({});
  assert.equal(answer.value, true);
  await assert.rejects(msal.acquireTokenSilent({ account, scopes: ["User.Read"], forceRefresh: true }),
    (e) => e instanceof AuthError && e.message.includes("AADSTS50173"));
});

test("an administrator consents to more while signing in", async () => { // entra/identity-platform/v2-permissions-and-consent
  const got = await byPage(publicClient(), tenant.users[0], ["Contacts.Read"]);
  assert.ok(got.scopes.some((s) => s.endsWith("Contacts.Read")), `scopes ${got.scopes}`);
  const me = await client(async () => got.accessToken).api("/me").get();
  assert.equal(me.id, tenant.users[0].id);
});

test("delta tells a user's restoration and final deletion", async () => { // api/user-delta
  const made = await g.api("/users").post({ accountEnabled: true, displayName: "Interop purge", mailNickname: "purge",
    userPrincipalName: `purge@${tenant.tenant.domain}`, passwordProfile: { password: "xWwvJ]6NMw+bWH-d" } });
  let page = await g.api("/users/delta").query({ $deltatoken: "latest" }).header("Prefer", "return=minimal").get();
  const next = async () => {
    page = await g.api(page["@odata.deltaLink"]).header("Prefer", "return=minimal").get();
    return page.value.find((u) => u.id === made.id);
  };
  await g.api(`/users/${made.id}`).patch({ jobTitle: "Clerk" });
  assert.deepEqual(await next(), { id: made.id, jobTitle: "Clerk" });
  await g.api(`/users/${made.id}`).delete();
  assert.deepEqual((await next())["@removed"], { reason: "changed" });
  await g.api(`/directory/deletedItems/${made.id}`).delete(); // api/directory-deleteditems-delete
  assert.deepEqual((await next())["@removed"], { reason: "deleted" });
  await refused(g.api(`/directory/deletedItems/${made.id}`).get(), 404, "Request_ResourceNotFound");
});

test("lifecycle events go to their own address", async () => { // concepts/change-notifications-lifecycle-events
  const got = [];
  const server = createServer(async (request, answer) => {
    const token = new URL(request.url, "http://localhost").searchParams.get("validationToken");
    if (token) return answer.writeHead(200, { "Content-Type": "text/plain" }).end(token);
    let body = "";
    for await (const part of request) body += part;
    got.push([request.url, ...JSON.parse(body).value]);
    answer.writeHead(202).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = `http://127.0.0.1:${server.address().port}`;
  try {
    const made = await g.api("/subscriptions").post({ changeType: "updated", resource: `users/${tenant.users[18].id}/events`, clientState: "interop",
      notificationUrl: `${at}/hook`, lifecycleNotificationUrl: `${at}/life`, expirationDateTime: new Date(Date.now() + 3_600_000).toISOString() });
    await steer("lifecycle", { subscription: made.id, event: "reauthorizationRequired" });
    const [url, letter] = await eventually("a lifecycle notification", () => got.find(([, l]) => l.lifecycleEvent));
    assert.equal(url, "/life");
    assert.equal(letter.lifecycleEvent, "reauthorizationRequired");
    assert.equal(letter.subscriptionId, made.id);
    assert.equal(letter.clientState, "interop");
    await g.api(`/subscriptions/${made.id}/reauthorize`).post({}); // api/subscription-reauthorize
    await g.api(`/subscriptions/${made.id}`).delete();
  } finally {
    server.close();
  }
});

test("a long calendarView is read page by page", async () => { // api/user-list-calendarview, concepts/paging
  const who = tenant.users[16];
  for (let i = 0; i < 25; i++) await g.api(`/users/${who.id}/events`).post(meeting(`Interop page ${i}`, day(560, i)));
  const headers = { Prefer: 'outlook.timezone="Tokyo Standard Time"' };
  const first = await g.api(`/users/${who.id}/calendarView`).headers(headers).select("subject,start").orderby("start/dateTime")
    .query({ startDateTime: day(560).toISOString(), endDateTime: day(562).toISOString() }).get();
  assert.equal(first.value.length, 10); // the default page
  const seen = [];
  await new graph.PageIterator(g, first, (e) => seen.push(e), { headers }).iterate();
  const own = seen.filter((e) => e.subject.startsWith("Interop page"));
  assert.equal(own.length, 25);
  assert.equal(new Set(seen.map((e) => e.id)).size, seen.length, "an event came twice");
  assert.deepEqual(own.map((e) => e.start.dateTime), own.map((e) => e.start.dateTime).sort());
  assert.ok(own.every((e) => e.start.timeZone === "Tokyo Standard Time" && e.body === undefined));
});

test("a calendar group holds calendars", async () => { // api/user-post-calendargroups, api/calendargroup-post-calendars
  const groups = `/users/${tenant.users[22].id}/calendarGroups`;
  const group = await g.api(groups).post({ name: "Interop group" });
  const made = await g.api(`${groups}/${group.id}/calendars`).post({ name: "Interop grouped" });
  const { value } = await g.api(`${groups}/${group.id}/calendars`).get();
  assert.deepEqual(value.map((c) => c.id), [made.id]);
  await g.api(`${groups}/${group.id}/calendars/${made.id}`).delete();
  await g.api(`${groups}/${group.id}`).delete();
});
