-- The ledger only grows, one by one.
CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an entry of the ledger cannot be changed or deleted';
END $$;
CREATE TRIGGER entries_stay BEFORE DELETE OR UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION entries_refuse();
CREATE TRIGGER entries_hold BEFORE TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse();

CREATE FUNCTION entries_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries) THEN
        RAISE EXCEPTION 'an entry of the ledger must follow the last one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entries_follow BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entries_follow();
