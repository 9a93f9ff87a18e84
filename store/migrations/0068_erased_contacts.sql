-- As in 0016, but that a record may ask for a contact who was not erased: the command of a person, or of a backend, that does
-- more than bring the conversation to its end. The caller holds the contact's row, or the conversation keeps it from being
-- erased (`erase_contact`).
CREATE OR REPLACE FUNCTION refusal_of(p jsonb, p_account uuid, p_conversation uuid, p_contact uuid, p_now timestamptz) RETURNS text
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN CASE
    WHEN (p->>'refuseErased')::boolean AND is_erased(p_account, p_contact) THEN 'contact-erased'
    WHEN p->>'silentUntil' IS NOT NULL AND inbox_waits(p_account, p_conversation, p) THEN 'inbox-waiting'
    -- Whether a block has expired is judged by the clock, as the facts were (`readContext`): by the time of the input,
    -- which may be older, the two would differ for ever about a block that ended in between.
    WHEN p->>'expectBlocked' IS NOT NULL
      AND (p->>'expectBlocked')::boolean <> (standing_block(p_account, p_contact, p_now) IS NOT NULL) THEN 'context-changed'
    WHEN p->>'policyVersion' IS NOT NULL AND policy_is_newer(p_account, (p->>'policyVersion')::int) THEN 'context-changed'
    -- One block at a time: another conversation was faster, and its news waits in this one's inbox.
    WHEN p->'block' <> 'null'
      AND (p->'block'->>'blockId')::uuid <> standing_block(p_account, p_contact, p_now) THEN 'blocked'
    WHEN p->>'groupId' IS NOT NULL AND NOT group_exists(p_account, (p->>'groupId')::uuid) THEN 'group-unknown'
    WHEN (p->>'expectSomebody')::boolean
      AND NOT somebody_is_there(p_account, (p->>'groupId')::uuid, (p->'queue'->>'botId')::uuid, p_now) THEN 'context-changed'
    WHEN p->'outbound' <> '[]' AND NOT words_are_stored(p_account, p_conversation, p->'outbound') THEN 'draft-unknown'
    WHEN p->'claim' <> 'null' THEN refusal_of_agent(p_account, p->'claim', p_now)
  END;
END $$;

CREATE FUNCTION is_erased(p_account uuid, p_contact uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM contacts WHERE account_id = p_account AND id = p_contact AND erased_at IS NOT NULL);
END $$;
REVOKE ALL ON FUNCTION is_erased(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_erased(uuid, uuid) TO baton_worker;
