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
for (const name of ['reader', 'calendar']) {
  writeFileSync(join(folder, `${name}.secret`), app(name).client_secret, { mode: 0o600 })
}
writeFileSync(join(folder, 'graphwarden.yaml'), `
database: graphwarden.db
listen: 127.0.0.1:${listen}
operate: 127.0.0.1:${operate}
apps: 127.0.0.1:${apps}
admit: [${host(tenant.graph)}, ${host(tenant.authority)}]
tenants:
  contoso:
    id: ${tenant.tenant.id}
    cloud: {login: ${JSON.stringify(tenant.authority)}, graph: ${JSON.stringify(tenant.graph)}}
    ca: ${JSON.stringify(tenant.ca)}
    registrations:
      reader: {client_id: ${app('reader').client_id}, secret_file: reader.secret}
      calendar: {client_id: ${app('calendar').client_id}, secret_file: calendar.secret}
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: calendar
    mailboxes: [${tenant.users.slice(0, 3).map((u) => JSON.stringify(u.userPrincipalName)).join(', ')}]
    sink: {type: none}
`)
console.log(`http://127.0.0.1:${apps}`)
