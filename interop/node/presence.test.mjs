// api/cloudcommunications-getpresencesbyuserid, api/presence-get, api/user-get-mailboxsettings: what the
// blueprint's flow with teams and settings reads.
import assert from "node:assert/strict";
import { test } from "node:test";
import { app, as, refused, steer, tenant } from "./tenant.mjs";

const [busy, away] = [tenant.users[17], tenant.users[18]];

test("what Teams shows is read of several people at once, and of one", async () => {
  await steer("presence", { user: busy.id, availability: "Busy", activity: "InACall" });
  const g = as(app("presence"));
  const { value } = await g.api("/communications/getPresencesByUserId").post({ ids: [busy.id, away.id] });
  const said = Object.fromEntries(value.map((p) => [p.id, `${p.availability} ${p.activity}`]));
  assert.equal(said[busy.id], "Busy InACall");
  assert.ok(said[away.id] && said[away.id] !== said[busy.id], JSON.stringify(said));
  assert.equal((await g.api(`/users/${busy.id}/presence`).get()).availability, "Busy");
  await refused(as(app("calendar")).api(`/users/${busy.id}/presence`).get(), 403);
});

test("a mailbox says its zone and its automatic replies", async () => {
  const settings = await as(app("presence")).api(`/users/${busy.id}/mailboxSettings`).get();
  assert.ok(settings.timeZone && settings.automaticRepliesSetting.status, JSON.stringify(settings));
  await refused(as(app("presence")).api(`/users/${busy.id}/mailboxSettings`).patch({ timeZone: "Tokyo Standard Time" }), 403, "ErrorAccessDenied");
});
