-- Deliveries of one item are in order whichever feed it comes from: one that is
-- moved to another calendar comes from another.
DROP INDEX deliveries_item;
CREATE INDEX deliveries_item ON deliveries (sink, item, seq);
