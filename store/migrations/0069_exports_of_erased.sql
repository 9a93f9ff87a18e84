-- An export and an erasure at the same time: whichever is second waits for the other's contact row, and finds it. So a file is
-- written and listed to whoever erases, or it isn't written; see store/exports.ts.

-- Contacts of the conversation whose words are not in the file, because they had been erased by then.
ALTER TABLE exports ADD COLUMN without uuid[] NOT NULL DEFAULT '{}';

CREATE POLICY of_worker ON erasures FOR SELECT TO baton_worker USING (account_id = current_setting('baton.account')::uuid);
GRANT SELECT (account_id, contact_id, finished_at) ON erasures TO baton_worker;

-- As in 0061, but that what was made after the erasure is not among them.
CREATE OR REPLACE FUNCTION exports_of(p_account uuid, p_contact uuid) RETURNS jsonb
  LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'conversationId', conversation_id, 'madeAt', ms_of(made_at), 'madeBy', made_by,
                                               'file', file, 'sha256', sha256) ORDER BY made_at, id), '[]')
  FROM exports WHERE account_id = p_account AND p_contact <> ALL (without) AND (contact_id = p_contact OR conversation_id IN (
    SELECT conversation_id FROM messages WHERE account_id = p_account AND guest AND author_id = p_contact::text))
$$;
