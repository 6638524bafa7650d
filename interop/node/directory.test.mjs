import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import { app, as, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));

test("the page iterator reads everybody once", async () => { // concepts/paging
  const first = await g.api("/users").select("id").top(7).get();
  assert.equal(first.value.length, 7);
  const seen = [];
  await new graph.PageIterator(g, first, (u) => seen.push(u.id)).iterate();
  assert.equal(new Set(seen).size, seen.length, "somebody came twice");
  for (const u of tenant.users) assert.ok(seen.includes(u.id), `${u.userPrincipalName} is missing`);
});

test("$select, and what comes without it", async () => { // api/user-get
  const some = await g.api(`/users/${tenant.users[0].id}`).select(["displayName", "department"]).get();
  assert.deepEqual(Object.keys(some).filter((k) => !k.startsWith("@") && k !== "id").sort(), ["department", "displayName"]);
  const usual = await g.api(`/users/${tenant.users[0].userPrincipalName}`).get();
  assert.deepEqual(Object.keys(usual).filter((k) => !k.startsWith("@")).sort(), ["businessPhones", "displayName", "givenName", "id",
    "jobTitle", "mail", "mobilePhone", "officeLocation", "preferredLanguage", "surname", "userPrincipalName"]);
});

test("advanced queries need ConsistencyLevel", async () => { // concepts/aad-advanced-queries
  const search = () => g.api("/users").search('"displayName:a"').count(true).select("displayName").orderby("displayName");
  await refused(search().get(), 400, "Request_UnsupportedQuery");
  const found = await search().header("ConsistencyLevel", "eventual").get();
  const names = found.value.map((u) => u.displayName.toLowerCase());
  assert.ok(names.length > 0);
  assert.equal(found["@odata.count"], names.length);
  assert.deepEqual(names, [...names].sort());
  const all = await g.api("/users/$count").header("ConsistencyLevel", "eventual").get();
  assert.ok(Number(all) >= tenant.users.length, `${all} users`);
  await refused(g.api("/users/$count").get(), 400);
  const not = await g.api("/users").filter("NOT(startsWith(displayName,'A'))").count(true).top(999).header("ConsistencyLevel", "eventual").get();
  assert.ok(not.value.every((u) => !u.displayName.startsWith("A")) && not.value.length > 0);
});

test("a user is created, changed, deleted and restored", async () => {
  const userPrincipalName = `node@${tenant.tenant.domain}`;
  const form = { accountEnabled: true, displayName: "Interop node", mailNickname: "node", userPrincipalName,
    passwordProfile: { password: "xWwvJ]6NMw+bWH-d", forceChangePasswordNextSignIn: true } };
  const made = await g.api("/users").post(form); // api/user-post-users
  assert.equal(made.userPrincipalName, userPrincipalName);
  assert.equal(made.passwordProfile ?? null, null, "the password came back");
  await refused(g.api("/users").post(form), 400, "Request_BadRequest");
  const user = `/users/${made.id}`;
  assert.equal(await g.api(user).patch({ department: "Legal", usageLocation: "DK" }), undefined); // api/user-update: 204
  const read = await g.api(user).select("department,usageLocation").get();
  assert.equal(read.department, "Legal");
  assert.equal(read.usageLocation, "DK");
  await refused(g.api(user).patch({ nonsense: 1 }), 400);
  await g.api(user).delete(); // api/user-delete
  await refused(g.api(user).get(), 404, "Request_ResourceNotFound");
  await g.api(`/directory/deletedItems/${made.id}/restore`).post({}); // api/directory-deleteditems-restore
  await g.api(user).get();
  await g.api(user).delete();
});

describe("a group", () => {
  let group;
  const member = tenant.users[4];
  const ref = { "@odata.id": `https://graph.microsoft.com/v1.0/directoryObjects/${member.id}` };
  const members = async () => (await g.api(`/groups/${group}/members`).get()).value;
  before(async () => { // api/group-post-groups
    group = (await g.api("/groups").post({ displayName: "Interop node", mailEnabled: false, mailNickname: "interop-node", securityEnabled: true })).id;
  });
  after(() => g.api(`/groups/${group}`).delete()); // api/group-delete

  test("takes a member once", async () => { // api/group-post-members
    await g.api(`/groups/${group}/members/$ref`).post(ref);
    await refused(g.api(`/groups/${group}/members/$ref`).post(ref), 400, "Request_BadRequest");
    const [only, ...more] = await members(); // api/group-list-members
    assert.equal(only.id, member.id);
    assert.equal(only["@odata.type"], "#microsoft.graph.user");
    assert.equal(more.length, 0);
  });
  test("is known to its member", async () => { // api/directoryobject-checkmembergroups
    const { value } = await g.api(`/users/${member.id}/checkMemberGroups`).post({ groupIds: [group] });
    assert.deepEqual(value, [group]);
    const of = await g.api(`/users/${member.id}/memberOf/microsoft.graph.group`).get(); // api/user-list-memberof
    assert.ok(of.value.some((o) => o.id === group));
  });
  test("tells its changes by delta", async () => { // api/group-delta
    let page = await g.api("/groups/delta").select("displayName,members").get();
    while (page["@odata.nextLink"]) page = await g.api(page["@odata.nextLink"]).get();
    await g.api(`/groups/${group}/members/${member.id}/$ref`).delete(); // api/group-delete-members
    page = await g.api(page["@odata.deltaLink"]).get();
    const changed = page.value.find((o) => o.id === group);
    assert.deepEqual(changed?.["members@delta"], [{ "@odata.type": "#microsoft.graph.user", id: member.id, "@removed": { reason: "deleted" } }]);
    assert.equal((await members()).length, 0);
  });
});

test("the organization is one", async () => { // api/organization-list
  const { value } = await g.api("/organization").get();
  assert.equal(value.length, 1);
  assert.equal(value[0].id, tenant.tenant.id);
  assert.ok(value[0].verifiedDomains.some((d) => d.name === tenant.tenant.domain && d.isDefault));
});

test("users' delta tells who came and went", async () => { // api/user-delta
  let page = await g.api("/users/delta").query({ $deltatoken: "latest" }).get();
  assert.deepEqual(page.value, []);
  const made = await g.api("/users").post({ accountEnabled: true, displayName: "Interop delta", mailNickname: "nodedelta",
    userPrincipalName: `nodedelta@${tenant.tenant.domain}`, passwordProfile: { password: "xWwvJ]6NMw+bWH-d" } });
  page = await g.api(page["@odata.deltaLink"]).get();
  assert.ok(page.value.some((u) => u.id === made.id && u.displayName === "Interop delta"));
  await g.api(`/users/${made.id}`).delete();
  page = await g.api(page["@odata.deltaLink"]).get();
  assert.deepEqual(page.value.find((u) => u.id === made.id)?.["@removed"], { reason: "changed" });
});
