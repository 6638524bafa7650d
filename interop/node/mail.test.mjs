// api/user-sendmail, api/user-post-messages, api/message-send, concepts/outlook-immutable-id.
import assert from "node:assert/strict";
import { test } from "node:test";
import { app, as, refused, tenant } from "./tenant.mjs";

const [sender, recipient] = [tenant.users[20], tenant.users[21]];
const mark = "String {8b1f6c1e-3b0e-4d55-9d0e-5f1c6b7d2a11} Name Interop";

function letter(subject, more = {}) {
  return { subject, body: { contentType: "HTML", content: "<p>Hello</p>" }, toRecipients: [{ emailAddress: { address: recipient.userPrincipalName } }], ...more };
}

/** How many messages with a subject a folder of a user has. */
async function count(g, user, folder, subject) {
  const page = await g.api(`/users/${user.id}/mailFolders/${folder}/messages`).filter(`subject eq '${subject}'`).get();
  return page.value.length;
}

test("sendMail keeps a copy unless it is told not to, and needs Mail.Send alone", async () => {
  const g = as(app("mail"));
  const all = as(app("everything"));
  for (const [subject, more, kept] of [["Interop kept", {}, 1], ["Interop also kept", { saveToSentItems: true }, 1], ["Interop not kept", { saveToSentItems: false }, 0]]) {
    await g.api(`/users/${sender.id}/sendMail`).post({ message: letter(subject), ...more });
    assert.equal(await count(all, recipient, "inbox", subject), 1, subject);
    assert.equal(await count(all, sender, "sentitems", subject), kept, subject);
  }
  await refused(g.api(`/users/${sender.id}/messages`).get(), 403, "ErrorAccessDenied");
});

test("a draft is sent, and found again by its immutable id and by its mark", async () => {
  const g = as(app("mail-once"));
  const stable = (path) => g.api(path).header("Prefer", 'IdType="ImmutableId"');
  const draft = await stable(`/users/${sender.id}/messages`).post(letter("Interop once", { singleValueExtendedProperties: [{ id: mark, value: "17" }] }));
  assert.equal(draft.isDraft, true);
  await stable(`/users/${sender.id}/messages/${draft.id}/send`).post();
  const sent = await stable(`/users/${sender.id}/messages/${draft.id}`).select("id,isDraft,internetMessageId").get();
  assert.deepEqual([sent.isDraft, sent.internetMessageId], [false, draft.internetMessageId]);
  const found = await stable(`/users/${sender.id}/messages`)
    .filter(`singleValueExtendedProperties/any(ep: ep/id eq '${mark}' and ep/value eq '17')`)
    .select("id,isDraft,internetMessageId").expand(`singleValueExtendedProperties($filter=id eq '${mark}')`).get();
  assert.deepEqual(found.value.map((m) => [m.id, m.isDraft]), [[draft.id, false]]);
  assert.equal(await count(g, sender, "drafts", "Interop once"), 0);
});
