// What an app that writes does with the client that openapi-typescript made of the
// description: an event made, made again with the same key, changed, in conflict,
// answered and cancelled; mail; presence, as a list and as a stream.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './api.js'

type Write = components['schemas']['Write']
type Problem = components['schemas']['Problem']

const client = createClient<paths>({ baseUrl: process.env.GRAPHWARDEN_API!, headers: { Authorization: `Bearer ${process.env.GRAPHWARDEN_KEY}` } })
const run = `typescript-${Date.now()}`
const once = (name: string) => ({ 'Idempotency-Key': `${run}-${name}` })

// good gives an answer that is no problem.
function good(answer: { data?: Write; error?: unknown; response: Response }, status: number): Write {
  assert.equal(answer.response.status, status, JSON.stringify(answer.error))
  assert.equal(answer.data!.state, 'done', JSON.stringify(answer.data))
  return answer.data!
}

// bad gives a problem with its code.
function bad(answer: { error?: Problem; response: Response }, status: number, code: string): Problem {
  assert.equal(answer.response.status, status, JSON.stringify(answer.error))
  assert.equal(answer.error!.code, code)
  assert.ok(answer.error!.fix)
  return answer.error!
}

const boxes = (await client.GET('/v1/mailboxes')).data!.items
const sender = boxes.find((b) => b.flows.includes('messages'))!
const guest = boxes.find((b) => b.id !== sender.id)!
const tenant = sender.tenant
const mine = { tenant, mailbox: sender.id }

// Made once, however often it is asked for.
const day = new Date(Date.now() + 5 * 864e5).toISOString().slice(0, 10)
const event = {
  subject: `Offer ${run}`, isOnlineMeeting: true, attendees: [{ emailAddress: { address: guest.name } }],
  start: { dateTime: `${day}T09:00:00`, timeZone: 'Europe/Berlin' }, end: { dateTime: `${day}T10:00:00`, timeZone: 'Europe/Berlin' },
}
const create = (subject: string) => client.POST('/v1/tenants/{tenant}/mailboxes/{mailbox}/events',
  { params: { path: mine, header: once('create') }, body: { event: { ...event, subject }, reference: 'deal-17' } })
const made = good(await create(event.subject), 201)
const repeated = good(await create(event.subject), 201)
assert.deepEqual([repeated.id, repeated.event], [made.id, made.event])
bad(await create('Another'), 422, 'act.key_reused')
assert.match(JSON.stringify(made.item), /joinUrl/)
assert.equal(made.reference, 'deal-17')

// Changed, and not over the head of who changed it since.
const change = (subject: string, match: string) => client.PATCH('/v1/tenants/{tenant}/mailboxes/{mailbox}/events/{event}',
  { params: { path: { ...mine, event: made.event }, header: { 'If-Match': match } }, body: { change: { subject } } })
const changed = good(await change(`Better ${run}`, made.etag), 200)
assert.notEqual(changed.etag, made.etag)
const conflict = bad(await change('Too late', made.etag), 409, 'act.conflict')
const kept = await client.GET('/v1/writes/{id}', { params: { path: { id: conflict.write! } } })
assert.deepEqual([kept.data!.state, kept.data!.refusal!.code, kept.data!.lost!.side], ['refused', 'act.conflict', 'app'])
const state = await client.GET('/v1/writes/{id}', { params: { path: { id: changed.id } } })
assert.equal(state.data!.state, 'done')

// Answered by the guest, once it has come into the local copy.
const theirs = { tenant, mailbox: guest.id }
let invitation: string | undefined
for (let n = 0; n < 300 && !invitation; n++) {
  const page = await client.GET('/v1/tenants/{tenant}/mailboxes/{mailbox}/events', { params: { path: theirs, query: { q: run } } })
  invitation = page.data!.items[0]?.id
  if (!invitation) await new Promise((next) => setTimeout(next, 100))
}
good(await client.POST('/v1/tenants/{tenant}/mailboxes/{mailbox}/events/{event}/respond',
  { params: { path: { ...theirs, event: invitation! }, header: once('answer') }, body: { answer: 'accept', comment: 'Gladly' } }), 200)
const wrong = bad(await client.POST('/v1/tenants/{tenant}/mailboxes/{mailbox}/events/{event}/respond',
  { params: { path: { ...theirs, event: invitation! }, header: once('wrong') }, body: { answer: 'perhaps' as 'accept' } }), 400, 'api.field')
assert.equal(wrong.field, 'answer')

// Cancelled by who made it; what is gone is not changed.
good(await client.POST('/v1/tenants/{tenant}/mailboxes/{mailbox}/events/{event}/cancel',
  { params: { path: { ...mine, event: made.event }, header: once('cancel') }, body: { comment: 'Another time' } }), 200)
bad(await change('Gone', changed.etag), 404, 'act.event_unknown')

// Mail, once.
const send = () => client.POST('/v1/tenants/{tenant}/mailboxes/{mailbox}/messages',
  { params: { path: mine, header: once('mail') }, body: { message: {
    subject: 'Somebody called for you', body: { contentType: 'text', content: 'Please call back.' }, toRecipients: [{ emailAddress: { address: guest.name } }] } } })
const sent = good(await send(), 200)
assert.equal(good(await send(), 200).id, sent.id)

// Presence, listed and told.
const list = await client.GET('/v1/presence', { params: { query: { people: `${sender.name},${guest.id}` } } })
assert.equal(list.data!.items.length, 2, JSON.stringify(list.error))
bad(await client.GET('/v1/presence/{person}', { params: { path: { person: 'nobody@contoso.example' } } }), 404, 'presence.person_unknown')
const leave = new AbortController()
const stream = await client.GET('/v1/presence/stream', { parseAs: 'stream', signal: leave.signal })
assert.equal(stream.response.status, 200)
const listening = (stream.data as unknown as ReadableStream<Uint8Array>).getReader(), text = new TextDecoder()
let heard = ''
while (!heard.includes('event: live')) {
  const { value, done } = await listening.read()
  assert.ok(!done, heard)
  heard += text.decode(value, { stream: true })
}
leave.abort()
assert.equal(heard.split('event: presence').length - 1, boxes.length)
console.log(`typescript: an event made once, changed, in conflict, answered and cancelled; a message sent once; presence of ${boxes.length} people listed and told`)
