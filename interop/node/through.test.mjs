// Microsoft's JavaScript SDK through a gateway: the base address, the credential and
// customHosts are all that differs from calling Microsoft.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import { day, meeting } from "./events.mjs";
import { app, as, tenant } from "./tenant.mjs";

const gateway = JSON.parse(readFileSync(process.env.GRAPHWARDEN_GATEWAY, "utf8"));
const client = graph.Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => gateway.keys.portal },
  baseUrl: `${gateway.graph}/`,
  customHosts: new Set([new URL(gateway.graph).hostname]),
});
const [anna, , , , eve] = tenant.users;

test("an event is made, changed, found and deleted", async () => {
  const made = await client.api(`/users/${anna.userPrincipalName}/events`).post(meeting("through a gateway, by Node", day(41, 9)));
  const at = `/users/${anna.id}/events/${made.id}`;
  await client.api(at).patch({ subject: "changed" });
  assert.equal((await client.api(at).select("subject").get()).subject, "changed");
  await client.api(at).delete();
  await assert.rejects(client.api(at).get(), { statusCode: 404 });
});

test("the page iterator and a delta round follow the gateway's links", async () => {
  const seen = new Set();
  const first = await client.api(`/users/${anna.id}/events`).top(3).select("id").get();
  assert.match(first["@odata.nextLink"], /gw1\./);
  await new graph.PageIterator(client, first, (e) => seen.add(e.id)).iterate();
  assert.ok(seen.size > 3);
  let page = await client.api(`/users/${anna.id}/calendarView/delta`).query({ startDateTime: day(0).toISOString(), endDateTime: day(60).toISOString() }).get();
  while (page["@odata.nextLink"]) page = await client.api(page["@odata.nextLink"]).get();
  assert.ok((await client.api(page["@odata.deltaLink"]).get()).value);
});

test("a batch is answered item by item", async () => {
  const request = (path, init) => new Request(`${gateway.graph.replace("/graph", "")}${path}`, init);
  const content = new graph.BatchRequestContent([
    { id: "read", request: request(`/users/${anna.id}/events?$top=1`) },
    { id: "made", request: request(`/users/${anna.id}/events`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(meeting("in a batch, by Node", day(42, 9))) }), dependsOn: ["read"] },
    { id: "outside", request: request(`/users/${eve.id}/events`), dependsOn: ["made"] },
    { id: "never", request: request(`/users/${anna.id}/events`), dependsOn: ["outside"] },
  ]);
  const answers = new graph.BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
  assert.deepEqual(["read", "made", "outside", "never"].map((id) => answers.getResponseById(id).status), [200, 201, 403, 424]);
  assert.match((await answers.getResponseById("read").json())["@odata.nextLink"], /gw1\./);
  assert.equal((await answers.getResponseById("outside").json()).error.innerError.code, "proxy.mailbox");
  const made = await answers.getResponseById("made").json();
  await client.api(`/users/${anna.id}/events/${made.id}`).delete();
});

test("the upload task puts a large file piece by piece behind a handle", async () => {
  const made = await client.api(`/users/${anna.id}/events`).post(meeting("with a file, by Node", day(43, 9)));
  const at = `/users/${anna.id}/events/${made.id}`;
  const content = Buffer.alloc(3 * 1024 * 1024 + 1, "0123456789abcde");
  const item = { attachmentType: "file", name: "plan.pdf", size: content.length };
  const session = await graph.LargeFileUploadTask.createUploadSession(client, `${at}/attachments/createUploadSession`, { AttachmentItem: item });
  assert.match(session.url, /\/graph\/handles\/[\w-]+$/);
  const task = new graph.LargeFileUploadTask(client, new graph.FileUpload(content, item.name, item.size), session, { rangeSize: 4 * 320 * 1024 });
  const { location } = await task.upload();
  assert.ok(location.startsWith(`${gateway.graph}/v1.0/users/${anna.id}/events`), location);
  const [file] = (await as(app("everything")).api(`${at}/attachments`).get()).value;
  assert.equal(file.name, "plan.pdf");
  assert.ok(Buffer.from(file.contentBytes, "base64").equals(content));
  await client.api(at).delete();
});

test("what no flow lists is a clean 403", async () => {
  for (const [path, code] of [
    [`/users/${anna.id}/messages`, "proxy.operation"], [`/users/${eve.userPrincipalName}/events`, "proxy.mailbox"], ["/me/events", "proxy.me"],
    [`/users/${anna.id}/events?$expand=attachments`, "proxy.operation"],
  ]) {
    await assert.rejects(client.api(path).get(), (e) => {
      assert.equal(e.statusCode, 403);
      assert.equal(JSON.parse(e.body).innerError.code, code);
      return true;
    });
  }
});
