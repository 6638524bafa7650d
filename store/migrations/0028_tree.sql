-- Roots of complete subtrees of the ledger's tree: at level 1 of 256 entries, at level
-- 2 of 65,536, and so on. They follow from the leaf hashes of the entries, and are
-- written down with the checkpoint that first covers them.
CREATE TABLE tree_hashes (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL, -- among those of its level, from 0
    hash  BLOB    NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

-- The newest signed checkpoint. Whoever judges the ledger by a checkpoint takes one
-- that was kept elsewhere.
CREATE TABLE checkpoints (
    origin TEXT    NOT NULL PRIMARY KEY,
    size   INTEGER NOT NULL, -- how many entries it covers
    root   BLOB    NOT NULL CHECK (length(root) = 32),
    note   TEXT    NOT NULL, -- c2sp.org/tlog-checkpoint
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
