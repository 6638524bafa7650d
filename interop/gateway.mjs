// A gateway before the simulated tenant, for the SDKs that go through it: it writes a
// configuration with two apps that have a flow of kind graph each, one of which is shown no
// private event, starts graphwarden, has a key made for each, and
// writes what it is reached by into a file. It ends with its standard input.
//
//   node interop/gateway.mjs PROGRAM READY FOLDER
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const [program, ready, folder] = process.argv.slice(2);
const tenant = JSON.parse(readFileSync(ready, "utf8"));
mkdirSync(folder, { recursive: true });

/** An address that nobody listens at. */
const free = () => new Promise((done) => {
  const s = createServer().listen(0, "127.0.0.1", () => {
    const { port } = s.address();
    s.close(() => done(`127.0.0.1:${port}`));
  });
});
const app = (name) => tenant.apps.find((a) => a.name === name);
const write = (name, text) => writeFileSync(join(folder, name), text, { mode: 0o600 });
write("everything.secret", app("everything").client_secret);
write("reader.secret", app("reader").client_secret);
const apps = await free();
// The JavaScript SDK gives its token to https addresses only.
const own = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1",
  "-keyout", join(folder, "apps.key"), "-out", join(folder, "apps.crt")], { encoding: "utf8" });
if (own.status !== 0) throw new Error(own.stderr);
write("apps.pem", readFileSync(join(folder, "apps.crt"), "utf8") + readFileSync(join(folder, "apps.key"), "utf8"));
write("trust.pem", readFileSync(tenant.ca, "utf8") + readFileSync(join(folder, "apps.crt"), "utf8"));
const operations = [
  "GET /users/{id}/events", "POST /users/{id}/events", "GET /users/{id}/events/{id}", "PATCH /users/{id}/events/{id}", "DELETE /users/{id}/events/{id}",
  "POST /users/{id}/events/{id}/attachments/createUploadSession",
  "GET /users/{id}/calendarView", "GET /users/{id}/calendarView/delta", "POST /users/{id}/calendar/getSchedule", "POST /users/{id}/sendMail", "GET /users/{id}/mailFolders",
];
write("graphwarden.yaml", `
database: graphwarden.db
listen: ${await free()}
operate: ${await free()}
apps: ${apps}
apps_certificate_file: apps.pem
admit: ["${new URL(tenant.graph).host}"]
tenants:
  contoso:
    id: ${tenant.tenant.id}
    ca: ${JSON.stringify(tenant.ca)}
    cloud: {login: ${JSON.stringify(tenant.authority)}, graph: ${JSON.stringify(tenant.graph)}}
    registrations:
      reader: {client_id: ${app("reader").client_id}, secret_file: reader.secret}
      portal: {client_id: ${app("everything").client_id}, secret_file: everything.secret}
flows:
  portal-graph:
    app: portal
    kind: graph
    tenant: contoso
    registration: portal
    mailboxes: [${tenant.users.slice(0, 2).map((u) => u.userPrincipalName)}]
    private: full
    operations: ${JSON.stringify(operations)}
  secretary-graph:
    app: secretary
    kind: graph
    tenant: contoso
    registration: portal
    mailboxes: [${tenant.users.slice(0, 1).map((u) => u.userPrincipalName)}]
    operations: ${JSON.stringify(operations.filter((o) => o.startsWith("GET /users/{id}/")))}
`);
const config = join(folder, "graphwarden.yaml");
const server = spawn(program, ["serve", "--config", config], { stdio: ["ignore", "inherit", "pipe"] });
process.stdin.on("end", () => server.kill("SIGTERM")).resume();
server.on("exit", (code) => process.exit(code ?? 1));
let said = "";
server.stderr.on("data", (text) => {
  process.stderr.write(text);
  if (said === null || !(said += text).includes("msg=running")) return;
  said = null;
  const keys = {};
  for (const app of ["portal", "secretary"]) {
    const made = spawnSync(program, ["apps", "key", "create", app, "--scope", "write", "--config", config], { encoding: "utf8" });
    if (made.status !== 0) {
      console.error(made.stderr);
      server.kill("SIGTERM");
      return;
    }
    keys[app] = made.stdout.trim();
  }
  write("gateway.json.new", JSON.stringify({ graph: `https://${apps}/graph`, keys }));
  renameSync(join(folder, "gateway.json.new"), join(folder, "gateway.json"));
});
