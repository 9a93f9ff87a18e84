-- What stands outside of the conversations' own rows and can be held against them: hourly checkpoints, signed with a key
-- that is not in this database, and exports, which are files in somebody's hands.

-- One per account and hour, each with the hash of the one before: store/checkpoints.ts writes them, worker/audit/checkpoints/
-- says what they hold. Whoever owns this database can delete them, and can't make one.
CREATE TABLE checkpoints (
  account_id  uuid NOT NULL REFERENCES accounts,
  no          bigint NOT NULL,                    -- without gaps, from 1
  hour        timestamptz NOT NULL,               -- the full hour that it ends
  document    text NOT NULL,                      -- canonical JSON; what the signature is over
  key_id      text NOT NULL,
  signature   text NOT NULL,                      -- Ed25519, hex
  up_to       xid8 NOT NULL,                      -- every event of a transaction below it is covered
  system_id   text NOT NULL,                      -- the cluster in which `up_to` means something
  PRIMARY KEY (account_id, no),
  UNIQUE (account_id, hour)
);

-- The conversations that have changed since the checkpoint before: their heads, and each one's way to the root in the document.
CREATE TABLE checkpoint_heads (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  no              bigint NOT NULL,                -- of the checkpoint
  place           integer NOT NULL,               -- among the heads of the checkpoint, from 0
  event_no        bigint NOT NULL,
  head            text NOT NULL,
  proof           text NOT NULL,                  -- hashes beside the way to the root, hex, one after another
  PRIMARY KEY (account_id, conversation_id, no),
  FOREIGN KEY (account_id, no) REFERENCES checkpoints
);

-- Every file that was exported, by whom and of whom: whoever erases a contact has to delete these, too. No words.
CREATE TABLE exports (
  account_id      uuid NOT NULL,
  id              uuid NOT NULL,
  conversation_id uuid NOT NULL,
  contact_id      uuid NOT NULL,                  -- whose words are in it
  made_at         timestamptz NOT NULL,
  made_by         text NOT NULL,
  file            text NOT NULL,                  -- its path when it was made
  sha256          text NOT NULL,                  -- of the file, hex
  without         uuid[] NOT NULL DEFAULT '{}',   -- contacts of the conversation who had been erased by then: their words aren't in it
  PRIMARY KEY (account_id, id),
  FOREIGN KEY (account_id, conversation_id) REFERENCES conversations,
  FOREIGN KEY (account_id, contact_id) REFERENCES contacts
);
CREATE INDEX exports_by_conversation ON exports (account_id, conversation_id);
CREATE INDEX exports_by_contact ON exports (account_id, contact_id);
COMMENT ON COLUMN exports.made_by IS 'personal: colleague: as whom they are logged in, and where';
COMMENT ON COLUMN exports.file IS 'personal: colleague: where they put the file; a path may name them';

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['checkpoints', 'checkpoint_heads', 'exports'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY of_account ON %I TO baton_api, baton_worker USING (account_id = current_setting(''baton.account'')::uuid)
                    WITH CHECK (account_id = current_setting(''baton.account'')::uuid)', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON checkpoints, checkpoint_heads, exports TO baton_worker;

-- Accounts in which something has been recorded and whose newest checkpoint is of an earlier hour; only their ids.
CREATE FUNCTION accounts_to_checkpoint(p_hour timestamptz, p_most integer) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id FROM accounts a
  WHERE NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.account_id = a.id AND c.hour >= p_hour)
    AND EXISTS (SELECT 1 FROM domain_events e WHERE e.account_id = a.id)
  ORDER BY a.id LIMIT p_most
$$;
CREATE POLICY of_exports ON accounts FOR SELECT TO baton_exports USING (true);
CREATE POLICY of_exports ON checkpoints FOR SELECT TO baton_exports USING (true);
CREATE POLICY of_exports ON domain_events FOR SELECT TO baton_exports USING (true);
GRANT SELECT (id) ON accounts TO baton_exports;
GRANT SELECT (account_id, hour) ON checkpoints TO baton_exports;
GRANT SELECT (account_id) ON domain_events TO baton_exports;
SELECT run_as('baton_exports', 'accounts_to_checkpoint(timestamptz, integer)', 'baton_worker');

-- Two workers that come to the same account at once: one makes its checkpoint.
CREATE FUNCTION checkpoint_lock(p_account uuid) RETURNS bigint
  LANGUAGE sql IMMUTABLE AS $$ SELECT hashtextextended('checkpoint', hashtext(p_account::text)) $$;
REVOKE ALL ON FUNCTION checkpoint_lock(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION checkpoint_lock(uuid) TO baton_worker;
