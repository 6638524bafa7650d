// concepts/json-batching, with the SDK's own batch support.
import assert from "node:assert/strict";
import { test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import { day, meeting } from "./events.mjs";
import { app, as, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));
const who = tenant.users[18];
const request = (path, init) => new Request(`${tenant.graph}${path}`, init);

test("a batch answers each of its requests", async () => {
  const content = new graph.BatchRequestContent([
    { id: "person", request: request(`/users/${who.id}`) },
    { id: "missing", request: request("/users/11111111-2222-3333-4444-555555555555") },
    { id: "event", request: request(`/users/${who.id}/events`, { method: "POST", headers: { "Content-Type": "application/json" },
      body: JSON.stringify(meeting("Interop batch", day(490))) }) },
    { id: "count", request: request("/users/$count", { headers: { ConsistencyLevel: "eventual" } }) },
  ]);
  const answers = new graph.BatchResponseContent(await g.api("/$batch").post(await content.getContent()));
  assert.equal((await answers.getResponseById("person").json()).id, who.id);
  assert.equal(answers.getResponseById("missing").status, 404);
  assert.equal((await answers.getResponseById("missing").json()).error.code, "Request_ResourceNotFound");
  assert.equal(answers.getResponseById("event").status, 201);
  const event = await answers.getResponseById("event").json();
  await g.api(`/users/${who.id}/events/${event.id}`).get();
  assert.equal(answers.getResponseById("count").status, 200);
});

test("requests of a batch wait for those they depend on", async () => {
  const content = new graph.BatchRequestContent([
    { id: "1", request: request(`/users/${who.id}`) },
    { id: "2", request: request("/users/11111111-2222-3333-4444-555555555555"), dependsOn: ["1"] },
    { id: "3", request: request(`/users/${who.id}`), dependsOn: ["2"] },
  ]);
  const answers = new graph.BatchResponseContent(await g.api("/$batch").post(await content.getContent()));
  assert.deepEqual(["1", "2", "3"].map((id) => answers.getResponseById(id).status), [200, 404, 424]);
});

test("a batch holds twenty requests", async () => {
  const requests = Array.from({ length: 21 }, (_, i) => ({ id: `${i}`, method: "GET", url: "/organization" }));
  await refused(g.api("/$batch").post({ requests }), 400, "MaximumValueExceeded", "BadRequest");
});
