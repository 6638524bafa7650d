-- Only what is looked for by an index stands in it: a new write has neither an item
-- nor a version nor an end, and each index that it stands in is a page to write.
DROP INDEX intents_item;
CREATE INDEX intents_item ON intents (mailbox, item) WHERE item <> '';
DROP INDEX intents_etag;
CREATE INDEX intents_etag ON intents (etag) WHERE etag <> '';
DROP INDEX intents_ended;
CREATE INDEX intents_ended ON intents (ended_at) WHERE state <> 'open';
DROP INDEX intents_mark;
CREATE INDEX intents_mark ON intents (mark) WHERE kind = 'event.create';
