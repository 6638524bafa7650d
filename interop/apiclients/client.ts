// What an app does with the client that openapi-typescript made of the description.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { paths } from './api.js'

const baseUrl = process.env.GRAPHWARDEN_API!
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${process.env.GRAPHWARDEN_KEY}` } })

const mailboxes = await client.GET('/v1/mailboxes', { params: { query: { limit: 2 } } })
assert.equal(mailboxes.response.status, 200)
assert.equal(mailboxes.data!.items.length, 2)
assert.ok(mailboxes.data!.next)
const rest = await client.GET('/v1/mailboxes', { params: { query: { cursor: mailboxes.data!.next, limit: 2 } } })
assert.equal(rest.data!.items.length, 1)
assert.equal(rest.data!.next, undefined)

const { tenant, name: mailbox } = mailboxes.data!.items[0]!
const calendars = await client.GET('/v1/tenants/{tenant}/mailboxes/{mailbox}/calendars', { params: { path: { tenant, mailbox } } })
assert.ok(calendars.data!.items.length > 0)

const from = new Date(Date.now() - 30 * 864e5).toISOString(), to = new Date(Date.now() + 300 * 864e5).toISOString()
let cursor: string | undefined, seen = new Set<string>(), last = ''
do {
  const page = await client.GET('/v1/tenants/{tenant}/mailboxes/{mailbox}/events',
    { params: { path: { tenant, mailbox }, query: { from, to, limit: 7, cursor, fields: ['subject', 'showAs'] } } })
  assert.equal(page.response.status, 200, JSON.stringify(page.error))
  for (const e of page.data!.items) {
    assert.ok(!seen.has(e.id) && e.start! >= last, 'each once, in order')
    seen.add(e.id)
    last = e.start!
  }
  cursor = page.data!.next
} while (cursor)
assert.ok(seen.size > 0)

const event = [...seen][0]!
const one = await client.GET('/v1/tenants/{tenant}/mailboxes/{mailbox}/events/{event}', { params: { path: { tenant, mailbox, event } } })
assert.equal(one.data!.id, event)
const again = await client.GET('/v1/tenants/{tenant}/mailboxes/{mailbox}/events/{event}',
  { params: { path: { tenant, mailbox, event } }, headers: { 'If-None-Match': one.response.headers.get('ETag')! }, parseAs: 'text' })
assert.equal(again.response.status, 304)

const changes = await client.GET('/v1/changes', { params: { query: { since: '2020-01-01T00:00:00Z', limit: 3 } } })
assert.equal(changes.data!.items.length, 3)
const none = await client.GET('/v1/tenants/{tenant}/mailboxes/{mailbox}/events', { params: { path: { tenant, mailbox: 'nobody@contoso.example' } } })
assert.equal(none.error!.code, 'api.not_there')
const stranger = createClient<paths>({ baseUrl })
assert.equal((await stranger.GET('/v1/mailboxes')).error!.code, 'api.key_missing')
console.log(`typescript: ${seen.size} events, one by its id, ${changes.data!.items.length} changes, two refusals`)
