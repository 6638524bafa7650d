package api

import "strings"

// fieldWords says what fields of a name are, in whatever they stand, where the field's
// tag has no words of its own. A test wants words for every field of the description.
func fieldWords(name string) string {
	for line := range strings.Lines(ofFields) {
		if of, text, is := strings.Cut(line, ": "); is && of == name {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

const ofFields = `
about: what it is for, in one line
account: the object id of the person who signed in
activity: what Teams says of what the person does
address: where to go with the code
administrator: who signs in as the tenant's administrator, as begun before
age_seconds: how many seconds ago it was read last
allDay: whether it lasts whole days
app: the app, by its name in the configuration
applied: whether it was done
asOf: how fresh what is known is
at: when
attempts: how often it was tried
automaticReplies: the automatic replies that are in force
availability: what Teams says of the person's availability
by: who asks, as the ledger is told
calendar: the calendar's title
call: whether the person is in a call, as far as that is known
change: the number of the change
changed: what is otherwise than before
changed_at: when it last changed
changes: what is to be done, or was
checks: what was looked at, one by one
class: the kind of availability
client_id: the application id of the app registration
closed_at: when it ended; absent while it holds
cloud: the cloud of Microsoft that the tenant is in
code: what it is, for programs; docs/errors.md or docs/operations.md explains it
complete: whether all could be read
connected_at: when it first worked
connection: whose connection it is about
core_dumps: whether the system may write the memory of the process to disk
credential: the kind of credential
cursor: where it has been read to
data: what happened
database: where the database is
dead: only what was given up; how much was given up
desk: what the desk phone or the app says
device: whether the person signs in with a code on another device
died_at: when it was given up
disabled: whether it is switched off, and why
disabled_at: when it was switched off
do: what to do
doc_url: the page that explains it
done: how much is done
dry_run: only say what would happen
end: the end of the span
ended_at: when it ended
etag: the version in Microsoft 365
every_seconds: how many seconds to wait between two questions
exchange: who signs in to Exchange, as begun before
expires_at: when the credential expires
expiry_by: who said when it expires
facts: each setting by its name, without secrets
failing: how many changes fail
failing_since: since when it fails
file: the configuration file
fingerprint: the SHA-256 of what it says
first: the first in the sequence
first_failed_at: when it failed first
fix: what to do
flow: the flow, by its name in the configuration
flows: the flows, by their names in the configuration
for: how long
from: what it was before
gone_since: since when it is not seen any more, while the notice is still open; it closes when that lasts
granted: what was consented to
graph: the address of Microsoft Graph
group: the group that the mailbox is a member of
groups: the groups, by their object ids
hint: what helps to recognise it
id: its id
in_exchange: what Exchange grants by role
inside: what the mailboxes inside answered
is: what is known
item: the item as Microsoft Graph has it, or its id
items: those of this page, or how many there are
kind: its kind
known: whether it is known
last: the last in the sequence
last_at: when it was last so
last_attempts: the last attempts, the newest first
left: what is left to do by hand
leftOut: the properties that were left out
link: where to go, or where to read it
login: the address of Microsoft's sign-in
look_at: when somebody looks again
lost_at: when the sign-in was lost
lost_code: why the sign-in was lost, for programs
made_at: when it was made
mailbox: the mailbox, by its name
mailbox_id: the mailbox, by its object id
mailboxes: the mailboxes, by name or object id
memory: what is done to keep secrets out of swapped and dumped memory
met: whether it is so
method: the method
missing: what is needed and was not consented to
mode: how it signs in
name: its name
needed: what the flows need
new: the new credential, by its file
next: what comes next
next_at: when it is due next
note: what it is for, in the operator's words
now: at once
nth: which attempt it was
oldest_at: the time of the oldest that waits
opened_at: since when it holds
outside: a mailbox outside, for the proof
pattern: the method and the path
pending: what waits
permission: the permission that it is known by
person: who it is about
pinned: the ids that the mailboxes have
problem: what is wrong, if anything
process: the number of the process
proven_at: when it was proven
public: whether the app registration is of a public client
public_url: where Microsoft's notifications come in
read_at: when it was last read to its end
read_only: whether only what reads is asked for
readable: whether other processes of the user can read the memory
reads: what reading answered
ready: whether everything is so
reason: why
redirect: where the browser comes back to
reference: what the app calls the item
refused: the refusal, in words
refused_at: when it was refused
refused_code: the refusal, for programs
registration: the registration, by its name in the configuration
registrations: the registrations of the tenant
reminded_at: when operators were last reminded
remove: what is to be removed, by its id
removed: what was removed
replaced: what was replaced
replays: the replays under way
request_id: the request's id, as the log names it
resealed: how many secrets were sealed anew
resource: what is read, by its id
restart: what takes effect only after a restart
return_to: where the browser is sent afterwards
revoked_at: when it was revoked
roles: the roles
routes: every route of this address
say: what it is, in a sentence
scopes: the scopes
script: what does the same by hand
sent: what was sent
sequence: its number in the order of changes
severity: how bad it is
sign_in: how it signs in
signed_in: whether somebody is signed in
signed_in_at: when the person signed in
since: since when
sink: the sink, by its name
snapshot: whether everything that is there is told
source: where it comes from
specversion: the version of CloudEvents
stale: whether it is older than it should be
start: the beginning of the span
state: how it stands
status: the status that was answered
stays: what stays as it is
stored_at: when it was stored
subject: what it is about
taken: whether it was taken; how much was taken
taken_at: when something was last taken
teams: what Teams says
tenant: the tenant, by its name in the configuration
tenant_id: the tenant, by its id at Microsoft
test: whether an operator made it to try the sink; nothing has changed
time: when it was stored
to: the end, or what it is afterwards
tokens: how many tokens were revoked
told: whether operators were told
too_much: what was consented to and is not needed
took_seconds: how many seconds it took
total: how much there is to do
touches: the mailboxes that it may touch now, by name
trouble: what is wrong with it; absent when nothing is
type: its kind
undo: take back what was done
until: until when
unused: what is not used
url: where it goes
user_code: the code to type
version: the version of the program
visit: what the administrator's visit showed
waiting_for: what it waits for
waiting_since: since when it waits
what: what it is, or does
why: why
write: the write of the app that made this version, or a later one
zone: the time zone
`
