import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import { day, meeting, view } from "./events.mjs";
import { app, as, faults, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));
const who = tenant.users[19];
const events = `/users/${who.id}/events`;

test("a transactionId works once", async () => { // resources/event, transactionId
  const form = { ...meeting("Interop once", day(510)), transactionId: randomUUID() };
  const made = await g.api(events).post(form);
  assert.equal(made.transactionId, form.transactionId);
  await refused(g.api(events).post(form), 409, "ErrorDuplicateTransactionId");
  assert.equal((await view(g, who, day(510), day(511), "Interop once")).length, 1);
});

test("If-Match guards against lost updates", async () => { // concepts/errors: 412
  const made = await g.api(events).post(meeting("Interop match", day(511)));
  const patch = () => g.api(`${events}/${made.id}`).header("If-Match", made["@odata.etag"]).patch({ subject: "Interop match, changed" });
  await patch();
  await refused(patch(), 412, "ErrorIrresolvableConflict");
});

test("what does not exist is not found", async () => { // concepts/errors
  await refused(g.api(`/users/nobody@${tenant.tenant.domain}`).get(), 404, "Request_ResourceNotFound");
  await refused(g.api(`/users/nobody@${tenant.tenant.domain}/events`).get(), 404, "ErrorInvalidUser", "ResourceNotFound", "Request_ResourceNotFound");
  await refused(g.api(`${events}/AAMkAGI2`).get(), 400, "ErrorInvalidIdMalformed");
  await refused(g.api("/nonsense").get(), 400, "BadRequest");
});

test("the SDK waits as Retry-After says", async () => { // concepts/throttling
  await g.api("/organization").get(); // so that the token is there
  await faults([{ match: "GET /organization*", status: 429, retryAfter: 1, times: 2 }], async () => {
    const began = Date.now();
    await g.api("/organization").get();
    const took = Date.now() - began;
    assert.ok(took >= 2000 && took < 8000, `two waits of a second took ${took} ms`);
  });
  await faults([{ match: "GET /organization*", status: 503, retryAfter: 1, times: 1 }], () => g.api("/organization").get());
  await faults([{ match: "GET /organization*", status: 429, retryAfter: 7, times: 9 }], async () => {
    const error = await refused(g.api("/organization").middlewareOptions([new graph.RetryHandlerOptions(0, 0)]).get(), 429, "TooManyRequests");
    assert.equal(error.headers.get("Retry-After"), "7");
  });
});
