-- Who looks for an item that is held as removed, so that it is looked for again at
-- once when that process has died; '' is nobody. Processes on one server say that
-- they live by an advisory lock, and that there is one to look for by a row of
-- holds named "life/<holder>".
ALTER TABLE removals ADD COLUMN holder TEXT NOT NULL DEFAULT '';
