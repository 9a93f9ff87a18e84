-- Times and digests, as all functions write them.

-- Declared no less volatile than their bodies: only then does Postgres put them in place instead of calling them.
CREATE FUNCTION at_ms(ms bigint) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT to_timestamp(ms::float8 / 1000) $$;

CREATE FUNCTION ms_of(t timestamptz) RETURNS bigint
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT (extract(epoch FROM t) * 1000)::bigint $$;

-- RFC 2104 over SHA-256, for keys of at most 64 bytes (ours have 32); pgcrypto is not everywhere.
CREATE FUNCTION hmac_sha256(key bytea, message bytea) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  inner_pad bytea := decode(repeat('36', 64), 'hex');
  outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
  FOR i IN 0 .. length(key) - 1 LOOP
    inner_pad := set_byte(inner_pad, i, get_byte(key, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(key, i) # 92);
  END LOOP;
  RETURN sha256(outer_pad || sha256(inner_pad || message));
END $$;

-- What the audit chain holds of a message: nothing without the contact's key.
CREATE FUNCTION content_digest(p_account uuid, p_contact uuid, content jsonb) RETURNS text
  LANGUAGE sql STABLE
  AS $$ SELECT encode(hmac_sha256(digest_key, convert_to(content::text, 'UTF8')), 'hex')
        FROM contacts WHERE account_id = p_account AND id = p_contact AND digest_key IS NOT NULL $$;
