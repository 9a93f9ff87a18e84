-- What people and backends would still do with an erased contact's conversation, but bring it to its end, the record refuses
-- (`refusal_of`, 0016).

CREATE FUNCTION is_erased(p_account uuid, p_contact uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM contacts WHERE account_id = p_account AND id = p_contact AND erased_at IS NOT NULL);
END $$;
REVOKE ALL ON FUNCTION is_erased(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_erased(uuid, uuid) TO baton_worker;
