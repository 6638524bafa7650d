-- Which permissions the roles stand for that Exchange was told of.
ALTER TABLE restrictions ADD COLUMN roles TEXT NOT NULL DEFAULT ''; -- with blanks between them; '': not known
