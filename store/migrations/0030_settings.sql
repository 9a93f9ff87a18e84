-- What the settings' resources need beside the tables themselves.

-- A tag that is gone keeps its row: conversations and their events name it by id.
ALTER TABLE tags ADD COLUMN deleted_at timestamptz;
DROP INDEX tags_name;
CREATE UNIQUE INDEX tags_name ON tags (account_id, lower(name)) WHERE deleted_at IS NULL;

CREATE INDEX contact_notes_by_contact ON contact_notes (account_id, contact_id, id);

-- Tags of a contact are plain words.
CREATE INDEX contacts_by_tag ON contacts USING gin (tags);
