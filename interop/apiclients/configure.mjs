// Writes a configuration for a simulated tenant: node configure.mjs READY FOLDER
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

const [ready, folder] = process.argv.slice(2)
const tenant = JSON.parse(readFileSync(ready, 'utf8'))
const app = (name) => tenant.apps.find((a) => a.name === name)
const free = () => new Promise((resolve) => {
  const s = createServer().listen(0, '127.0.0.1', () => {
    const { port } = s.address()
    s.close(() => resolve(port))
  })
})
const [listen, operate, apps] = [await free(), await free(), await free()]
const host = (url) => JSON.stringify(new URL(url).host)
for (const name of ['reader', 'everything', 'presence', 'mail']) {
  writeFileSync(join(folder, `${name}.secret`), app(name).client_secret, { mode: 0o600 })
}
writeFileSync(join(folder, 'graphwarden.yaml'), `
database: graphwarden.db
listen: 127.0.0.1:${listen}
operate: 127.0.0.1:${operate}
apps: 127.0.0.1:${apps}
sweep: {woken: 1s, alone: 1s}
admit: [${host(tenant.graph)}, ${host(tenant.authority)}]
tenants:
  contoso:
    id: ${tenant.tenant.id}
    cloud: {login: ${JSON.stringify(tenant.authority)}, graph: ${JSON.stringify(tenant.graph)}}
    ca: ${JSON.stringify(tenant.ca)}
    registrations:
      reader: {client_id: ${app('reader').client_id}, secret_file: reader.secret}
      calendar: {client_id: ${app('everything').client_id}, secret_file: everything.secret}
      presence: {client_id: ${app('presence').client_id}, secret_file: presence.secret}
      mail: {client_id: ${app('mail').client_id}, secret_file: mail.secret}
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: calendar
    mailboxes: [${tenant.users.slice(0, 3).map((u) => JSON.stringify(u.userPrincipalName)).join(', ')}]
    direction: both
    conflicts: refuse
    sink: {type: none}
  board:
    app: portal
    kind: presence
    tenant: contoso
    registration: presence
    mailboxes: [${tenant.users.slice(0, 3).map((u) => JSON.stringify(u.userPrincipalName)).join(', ')}]
  messages:
    app: portal
    kind: mail-send
    tenant: contoso
    registration: mail
    mailboxes: [${JSON.stringify(tenant.users[0].userPrincipalName)}]
    mail: {mode: least}
`)
console.log(`http://127.0.0.1:${apps}`)
