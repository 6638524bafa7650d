-- What nobody knows of is looked at again and again, and is rare.
CREATE INDEX intents_uncertain ON intents (ended_at) WHERE state = 'uncertain';
