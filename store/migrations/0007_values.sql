-- Times and digests, as all functions write them.

-- Declared no less volatile than their bodies: only then does Postgres put them in place instead of calling them.
CREATE FUNCTION at_ms(ms bigint) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT to_timestamp(ms::float8 / 1000) $$;

CREATE FUNCTION ms_of(t timestamptz) RETURNS bigint
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT (extract(epoch FROM t) * 1000)::bigint $$;

-- RFC 2104 over SHA-256, for keys of at most 64 bytes (ours have 32; of a longer one only the beginning would count); pgcrypto
-- is not everywhere. A cast to bit(512) fills up with zeros, as the RFC does; the first 4 bytes of `bit_send` are the length.
CREATE FUNCTION hmac_sha256(key bytea, message bytea) RETURNS bytea
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(substr(bit_send(('x' || encode(key, 'hex'))::bit(512) # ('x' || repeat('5c', 64))::bit(512)), 5)
    || sha256(substr(bit_send(('x' || encode(key, 'hex'))::bit(512) # ('x' || repeat('36', 64))::bit(512)), 5) || message)) $$;

-- What the audit chain holds of a message: nothing without the contact's key.
CREATE FUNCTION content_digest(p_account uuid, p_contact uuid, content jsonb) RETURNS text
  LANGUAGE sql STABLE
  AS $$ SELECT encode(hmac_sha256(digest_key, convert_to(content::text, 'UTF8')), 'hex')
        FROM contacts WHERE account_id = p_account AND id = p_contact AND digest_key IS NOT NULL $$;
