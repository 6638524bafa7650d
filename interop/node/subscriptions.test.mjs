// concepts/change-notifications-delivery-webhooks and
// concepts/change-notifications-with-resource-data.
import assert from "node:assert/strict";
import { X509Certificate, constants, createDecipheriv, createHmac, createPrivateKey, privateDecrypt } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { day, meeting } from "./events.mjs";
import { app, as, eventually, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));
const who = tenant.users[17];
const events = `/users/${who.id}/events`;
const posts = []; // what the receiver was sent
let server, address;

before(async () => {
  server = createServer(async (request, answer) => {
    const token = new URL(request.url, "http://localhost").searchParams.get("validationToken");
    if (token) return answer.writeHead(200, { "Content-Type": "text/plain" }).end(token);
    let body = "";
    for await (const part of request) body += part;
    posts.push(JSON.parse(body));
    answer.writeHead(202).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${server.address().port}/hook`;
});
after(() => server.close());

/** What to subscribe to; minutes are its life. */
function form(minutes, more = {}) {
  return { changeType: "created,updated,deleted", notificationUrl: address, resource: events.slice(1), clientState: "interop-secret",
    expirationDateTime: new Date(Date.now() + minutes * 60_000).toISOString(), ...more };
}

/** Waits for a notification of a kind to a subscription. */
function told(subscription, changeType) {
  return eventually(`a notification of ${changeType}`, () =>
    posts.flatMap((p) => p.value).find((n) => n.subscriptionId === subscription.id && n.changeType === changeType));
}

test("a subscription tells of changes, is renewed and ends", async () => {
  const made = await g.api("/subscriptions").post(form(120)); // api/subscription-post-subscriptions
  assert.equal(made.applicationId, app("everything").client_id);
  const listed = await g.api("/subscriptions").get(); // api/subscription-list
  assert.ok(listed.value.some((s) => s.id === made.id));
  const event = await g.api(events).post(meeting("Interop told", day(480)));
  const created = await told(made, "created");
  assert.equal(created.clientState, "interop-secret");
  assert.equal(created.tenantId, tenant.tenant.id);
  assert.equal(created.resourceData.id, event.id);
  await g.api(`${events}/${event.id}`).patch({ subject: "Interop told again" });
  await told(made, "updated");
  await g.api(`${events}/${event.id}`).delete();
  await told(made, "deleted");
  const expirationDateTime = new Date(Math.floor(Date.now() / 1000) * 1000 + 86_400_000).toISOString();
  const renewed = await g.api(`/subscriptions/${made.id}`).patch({ expirationDateTime }); // api/subscription-update
  assert.equal(Date.parse(renewed.expirationDateTime), Date.parse(expirationDateTime));
  await g.api(`/subscriptions/${made.id}`).delete(); // api/subscription-delete
  await refused(g.api(`/subscriptions/${made.id}`).get(), 404, "ResourceNotFound");
});

test("a rich notification can be read by its receiver alone", async () => {
  const pem = readFileSync(app("calendar-certificate").certificate, "utf8"); // any RSA certificate will do
  const [certificate, privateKey] = [new X509Certificate(pem).raw.toString("base64"), createPrivateKey(pem)];
  const made = await g.api("/subscriptions").post(form(60, { resource: `${events.slice(1)}?$select=subject,start`, includeResourceData: true,
    encryptionCertificate: certificate, encryptionCertificateId: "interop-1" }));
  assert.equal(made.encryptionCertificate ?? null, null, "the certificate came back");
  await g.api(events).post(meeting("Interop rich", day(481)));
  const { encryptedContent: sealed } = await told(made, "created");
  assert.equal(sealed.encryptionCertificateId, "interop-1");
  const key = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" }, Buffer.from(sealed.dataKey, "base64"));
  const data = Buffer.from(sealed.data, "base64");
  assert.equal(createHmac("sha256", key).update(data).digest("base64"), sealed.dataSignature);
  const cipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, 16));
  const event = JSON.parse(Buffer.concat([cipher.update(data), cipher.final()]).toString());
  assert.equal(event.subject, "Interop rich");
  assert.equal(event.body, undefined, "more came than was selected");
  assert.ok(posts.some((p) => p.validationTokens?.length > 0), "there are no validationTokens");
  await g.api(`/subscriptions/${made.id}`).delete();
});

test("a subscription is refused", async (t) => {
  const cases = {
    "more than seven days": [form(8 * 1440), 400],
    "an expiry in the past": [form(-5), 400],
    "rich without a certificate": [form(60, { includeResourceData: true, resource: `${events.slice(1)}?$select=subject` }), 400],
    "a receiver that is not there": [form(60, { notificationUrl: "http://127.0.0.1:9/hook" }), 400],
    "a resource that is none": [form(60, { resource: "nonsense" }), 400],
  };
  for (const [name, [body, status]] of Object.entries(cases)) {
    await t.test(name, () => refused(g.api("/subscriptions").post(body), status));
  }
  await t.test("an app without the permission", () => refused(as(app("nothing")).api("/subscriptions").post(form(60)), 403));
});
