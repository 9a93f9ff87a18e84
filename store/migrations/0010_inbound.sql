-- Everything that comes in. Each function stores a whole webhook in one transaction and one round trip, binds itself to
-- its account first, and takes its time as an argument. Locks are taken in this order: customers (advisory) and contacts,
-- providers' ids (advisory), mailboxes by conversation, conversations by id, outbound rows.

-- What a platform reports of a thread; the newest stands.
ALTER TABLE conversations ADD COLUMN end_channel text;

-- Who speaks at a desk: their id and name stay here, the actor knows ours.
CREATE TABLE desk_people (
  account_id  uuid NOT NULL,
  id          uuid NOT NULL,
  desk_id     uuid NOT NULL,
  external_id text NOT NULL,
  name        text,
  PRIMARY KEY (account_id, id),
  UNIQUE (account_id, desk_id, external_id),
  FOREIGN KEY (account_id, desk_id) REFERENCES desks
);
ALTER TABLE desk_people ENABLE ROW LEVEL SECURITY;
ALTER TABLE desk_people FORCE ROW LEVEL SECURITY;
CREATE POLICY of_account ON desk_people TO baton_api, baton_worker USING (account_id = current_setting('baton.account')::uuid)
  WITH CHECK (account_id = current_setting('baton.account')::uuid);

CREATE FUNCTION note_contact_change(p_account uuid, p_contact uuid, p_at timestamptz, p_by_kind text, p_by_id uuid, p_fields text[])
  RETURNS void
  LANGUAGE sql AS $$
  INSERT INTO contact_changes (account_id, contact_id, at, by_kind, by_id, fields)
    VALUES (p_account, p_contact, p_at, p_by_kind, p_by_id, p_fields)
$$;

-- Contact, identity and conversation of a message, where they are new, and what it tells of the contact. Whoever else
-- meets the same new customer at this moment waits for the lock and then finds them: none is made twice, no contact is
-- left over. A message that was here before makes nobody known who was erased since (`known_input`).
CREATE FUNCTION meet_customer(p_account uuid, p_channel uuid, p_item jsonb, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_from jsonb := p_item->'contact';
  v_contact uuid;
  v_changed text[] := '{}';
BEGIN
  IF known_input(p_account, p_channel, p_item->>'externalId') IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended(v_from->>'externalId', hashtext(p_channel::text)));
  SELECT contact_id INTO v_contact FROM contact_identities
    WHERE account_id = p_account AND channel_id = p_channel AND external_id = v_from->>'externalId';
  IF NOT FOUND THEN
    v_contact := (p_item->>'contactId')::uuid;
    INSERT INTO contacts (account_id, id, digest_key, created_at)
      VALUES (p_account, v_contact, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), p_at);
    INSERT INTO contact_identities (account_id, channel_id, external_id, contact_id)
      VALUES (p_account, p_channel, v_from->>'externalId', v_contact);
    v_changed := v_changed || 'identities'::text;
  END IF;
  v_changed := v_changed || (
    SELECT array_remove(ARRAY[
        CASE WHEN name IS NULL AND v_from->>'name' IS NOT NULL THEN 'name' END,
        CASE WHEN attributes->'pageUrl' IS DISTINCT FROM coalesce(v_from->'pageUrl', attributes->'pageUrl') THEN 'attributes' END], NULL)
    FROM contacts WHERE account_id = p_account AND id = v_contact);
  UPDATE contacts SET name = coalesce(name, v_from->>'name'),
      attributes = attributes || jsonb_strip_nulls(jsonb_build_object('pageUrl', v_from->'pageUrl'))
    WHERE account_id = p_account AND id = v_contact AND v_changed && ARRAY['name', 'attributes'];
  INSERT INTO contact_addresses (account_id, contact_id, kind, value)
    SELECT p_account, v_contact, kind, value FROM told_addresses(v_from)
    ON CONFLICT DO NOTHING;
  IF FOUND THEN
    v_changed := v_changed || 'addresses'::text;
  END IF;
  IF v_changed <> '{}' THEN
    PERFORM note_contact_change(p_account, v_contact, p_at, 'customer', NULL, v_changed);
  END IF;
  INSERT INTO conversations (account_id, id, channel_id, external_thread, contact_id, created_at)
    VALUES (p_account, (p_item->>'conversationId')::uuid, p_channel, p_item->>'thread', v_contact, p_at)
    ON CONFLICT (account_id, channel_id, external_thread) DO NOTHING;
  IF FOUND THEN
    INSERT INTO mailboxes (account_id, conversation_id, last_at) VALUES (p_account, (p_item->>'conversationId')::uuid, p_at);
    INSERT INTO actors (account_id, conversation_id) VALUES (p_account, (p_item->>'conversationId')::uuid);
  END IF;
END $$;

CREATE FUNCTION told_addresses(p_from jsonb) RETURNS TABLE (kind text, value text)
  LANGUAGE sql IMMUTABLE AS $$
  SELECT 'phone', jsonb_array_elements_text(p_from->'phones') UNION SELECT 'email', jsonb_array_elements_text(p_from->'emails')
  ORDER BY 1, 2 $$;

-- The conversations of messages and cancels, in their order. Null of a message: there is none yet, or it tells something new
-- of its customer (`meet_customer`); otherwise none of that has to be locked or written.
CREATE FUNCTION known_threads(p_account uuid, p_channel uuid, p_items jsonb[]) RETURNS uuid[]
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  -- Looked up item by item (that is what the limits are for): a plan for many would read tables whole. And `(SELECT p_items)`,
  -- here and below, hides how many there are: Postgres would plan each call anew, which takes longer than all of it.
  RETURN (SELECT array_agg(CASE WHEN i.item->>'kind' = 'message' THEN told.id ELSE c.id END ORDER BY i.n)
  FROM unnest((SELECT p_items)) WITH ORDINALITY AS i (item, n)
    LEFT JOIN LATERAL (SELECT id FROM conversations
      WHERE account_id = p_account AND channel_id = p_channel AND external_thread = i.item->>'thread' LIMIT 1) AS c ON true
    LEFT JOIN LATERAL (SELECT c.id FROM contact_identities d JOIN contacts k ON k.account_id = p_account AND k.id = d.contact_id
      WHERE d.account_id = p_account AND d.channel_id = p_channel AND d.external_id = i.item #>> '{contact,externalId}'
        AND NOT (k.name IS NULL AND i.item->'contact' ? 'name')
        AND NOT (i.item->'contact' ? 'pageUrl' AND k.attributes->'pageUrl' IS DISTINCT FROM i.item #> '{contact,pageUrl}')
        AND NOT (i.item->'contact' ?| ARRAY['phones', 'emails'] AND EXISTS (
          SELECT 1 FROM told_addresses(i.item->'contact') AS t
          WHERE NOT EXISTS (SELECT 1 FROM contact_addresses a
                            WHERE a.account_id = p_account AND a.contact_id = k.id AND a.kind = t.kind AND a.value = t.value)))
      LIMIT 1) AS told ON i.item->>'kind' = 'message');
END $$;

-- The same once their customers are known.
CREATE FUNCTION threads_of(p_account uuid, p_channel uuid, p_items jsonb[]) RETURNS uuid[]
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT array_agg((SELECT id FROM conversations
                    WHERE account_id = p_account AND channel_id = p_channel AND external_thread = i.item->>'thread') ORDER BY i.n)
  FROM unnest((SELECT p_items)) WITH ORDINALITY AS i (item, n));
END $$;

-- Puts messages and cancels, whose conversations are in `p_conversations`, in their inboxes, and stores the words: each in
-- one statement, however many they are. Answers an object of one answer per item, by its index.
-- Mailboxes are locked by conversation. Under that lock nothing is erased, since whoever erases a contact takes the
-- mailboxes of all its conversations first; and what comes a second time is seen. What was otherwise a moment before (the
-- contact is erased by now; another thread has brought the same id) ends the transaction as a deadlock does, and the
-- whole is stored once more.
CREATE FUNCTION append_inputs(p_account uuid, p_channel uuid, p_items jsonb[], p_conversations uuid[], p_at timestamptz)
  RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_erasures boolean := EXISTS (SELECT 1 FROM erasure_keys WHERE account_id = p_account AND source_id = p_channel);
  v_new integer[];
  v_answers jsonb;
  v_stored jsonb;
  v_first boolean;
  v_whole boolean;
BEGIN
  PERFORM 1 FROM mailboxes WHERE account_id = p_account AND conversation_id = ANY ((SELECT p_conversations)::uuid[])
    ORDER BY conversation_id FOR NO KEY UPDATE;

  -- What comes again takes no place: what came before is answered.
  SELECT array_agg(i.n) FILTER (WHERE i.known IS NULL AND i.nth = 1 AND i.conversation IS NOT NULL),
         jsonb_object_agg(i.n - 1, coalesce(i.known, '{"kind": "unknown"}')) FILTER (WHERE i.known IS NOT NULL OR i.conversation IS NULL)
    INTO v_new, v_answers
    FROM (SELECT n, conversation, row_number() OVER (PARTITION BY item->>'externalId' ORDER BY (item->>'no')::integer) AS nth,
                 coalesce((SELECT payload || jsonb_build_object('kind', 'duplicate', 'conversationId', conversation_id,
                                                                'seq', seq, 'at', ms_of(at))
                           FROM inbox WHERE account_id = p_account AND source_id = p_channel AND external_id = item->>'externalId'),
                          CASE WHEN v_erasures AND is_erased_id(p_account, p_channel, item->>'externalId')
                               THEN '{"kind": "duplicate"}'::jsonb END) AS known
          FROM unnest((SELECT p_items), (SELECT p_conversations)) WITH ORDINALITY AS u (item, conversation, n) WHERE item ? 'thread') AS i;
  IF v_new IS NULL THEN
    RETURN v_answers;
  END IF;

  WITH input AS MATERIALIZED (
    SELECT n, p_items[n] AS item, p_items[n]->>'kind' = 'message' AS is_message, c.id AS conversation, k.id AS contact,
           k.digest_key, d.contact_id AS author,
           row_number() OVER (PARTITION BY c.id ORDER BY (p_items[n]->>'no')::integer) AS nth
    FROM unnest((SELECT v_new)) AS n
      JOIN LATERAL (SELECT id, contact_id FROM conversations
                    WHERE account_id = p_account AND id = p_conversations[n] LIMIT 1) AS c ON true
      JOIN LATERAL (SELECT id, digest_key FROM contacts
                    WHERE account_id = p_account AND id = c.contact_id AND erased_at IS NULL LIMIT 1) AS k ON true
      LEFT JOIN LATERAL (SELECT contact_id FROM contact_identities
                         WHERE account_id = p_account AND channel_id = p_channel
                           AND external_id = p_items[n] #>> '{contact,externalId}' LIMIT 1) AS d ON true),
  moved AS (
    UPDATE mailboxes m SET last_seq = last_seq + a.count, waiting_at = coalesce(waiting_at, p_at),
        last_at = greatest(last_at, p_at, (SELECT last_at FROM actors WHERE account_id = p_account AND conversation_id = a.conversation))
      FROM (SELECT conversation, count(*) FROM input GROUP BY conversation) AS a
      WHERE m.account_id = p_account AND m.conversation_id = a.conversation
      RETURNING a.conversation, last_seq - a.count AS before, last_at AS at, last_seq - a.count = handed_seq AS first),
  placed AS MATERIALIZED (
    SELECT i.*, m.before + i.nth AS seq, m.at, m.first,
           CASE WHEN is_message THEN jsonb_build_object('messageId', item->'messageId') ELSE '{}' END AS payload
    FROM input i JOIN moved m USING (conversation)),
  stored AS (
    INSERT INTO inbox (account_id, conversation_id, seq, type, payload, at, source_id, external_id)
      SELECT p_account, conversation, seq, CASE WHEN is_message THEN 'CustomerWrote' ELSE 'CustomerCancelled' END, payload, at,
             p_channel, item->>'externalId'
      FROM placed
      ON CONFLICT DO NOTHING RETURNING 1),
  worded AS (
    INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, guest, status, content, digest,
                          external_id, client_id, inbox_seq, created_at)
      SELECT p_account, (item->>'messageId')::uuid, conversation, 'in', 'customer', author, author <> contact, 'received',
             item->'content',
             CASE WHEN digest_key IS NOT NULL
                  THEN encode(hmac_sha256(digest_key, convert_to(item->>'content', 'UTF8')), 'hex') END,
             item->>'externalId', item->>'clientId', seq, at
      FROM placed WHERE is_message AND author IS NOT NULL
      RETURNING 1)
  SELECT jsonb_object_agg(n - 1, payload || jsonb_build_object('kind', 'stored', 'conversationId', conversation,
                                                               'seq', seq, 'at', ms_of(at))),
         bool_or(first),
         count(*) = cardinality(v_new) AND count(*) = (SELECT count(*) FROM stored)
           AND count(*) FILTER (WHERE is_message) = (SELECT count(*) FROM worded)
    INTO v_stored, v_first, v_whole FROM placed;
  IF NOT v_whole THEN
    RAISE EXCEPTION 'the contact was erased meanwhile, or the id has come by another thread' USING ERRCODE = 'deadlock_detected';
  END IF;
  IF v_first THEN
    PERFORM pg_notify('baton_inbox', '');
  END IF;
  -- The same id a second time in one webhook.
  FOR n IN 1 .. cardinality(p_items) LOOP
    IF p_items[n] ? 'thread' AND NOT coalesce(v_answers, '{}') ? (n - 1)::text AND NOT v_stored ? (n - 1)::text THEN
      v_answers := coalesce(v_answers, '{}') || jsonb_build_object(n - 1, known_input(p_account, p_channel, p_items[n]->>'externalId'));
    END IF;
  END LOOP;
  RETURN coalesce(v_answers, '{}') || v_stored;
END $$;

-- Stores what a channel's webhook brought: `p` is {account, source, at, items, kinds}; see store/inbound.ts, which sorts
-- the messages by customer: new ones are locked in that order. Their places are in the order of the webhook, which `no`
-- tells. Answers an object of one answer per item, by its index.
-- An item whose external id is known has no effect.
CREATE FUNCTION accept_inbound(p jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid := (p->>'account')::uuid;
  v_channel uuid := (p->>'source')::uuid;
  v_at timestamptz := at_ms((p->>'at')::bigint);
  -- Arrays, since reading one place of a jsonb costs as much as the whole of it.
  v_items jsonb[] := ARRAY(SELECT value FROM jsonb_array_elements(p->'items'));
  v_answers jsonb := '{}';
  v_conversations uuid[];
  v_met boolean := false;
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);

  IF p->'kinds' ?| ARRAY['message', 'cancel'] THEN
    v_conversations := known_threads(v_account, v_channel, v_items);
    FOR n IN 1 .. cardinality(v_items) LOOP
      IF v_conversations[n] IS NULL AND v_items[n]->>'kind' = 'message' THEN
        PERFORM meet_customer(v_account, v_channel, v_items[n], v_at);
        v_met := true;
      END IF;
    END LOOP;
    IF v_met THEN
      v_conversations := threads_of(v_account, v_channel, v_items);
    END IF;
  END IF;

  IF p->'kinds' ? 'receipt' THEN
    v_answers := accept_receipts(v_account, v_channel, v_at, p->'items');
  END IF;
  IF p->'kinds' ? 'unreadable' THEN
    v_answers := v_answers || park_items(v_account, v_channel, v_at, p->'items');
  END IF;
  IF p->'kinds' ?| ARRAY['message', 'cancel'] THEN
    v_answers := v_answers || append_inputs(v_account, v_channel, v_items, v_conversations, v_at);
  END IF;

  -- The conversations' own rows come after all mailboxes.
  IF p->'kinds' ?| ARRAY['stream', 'endChannel'] THEN
    v_answers := note_threads(v_account, v_at, p->'items', v_answers);
  END IF;
  RETURN v_answers;
END $$;

-- What the first coming of an input was answered with; null: it is new. Of one whose words were erased (0061) nothing more
-- is known.
CREATE FUNCTION known_input(p_account uuid, p_source uuid, p_external text) RETURNS jsonb
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_known jsonb;
  v_erased boolean;
BEGIN
  SELECT (SELECT payload || jsonb_build_object('kind', 'duplicate', 'conversationId', conversation_id, 'seq', seq, 'at', ms_of(at))
          FROM inbox WHERE account_id = p_account AND source_id = p_source AND external_id = p_external),
         EXISTS (SELECT 1 FROM erasure_keys WHERE account_id = p_account AND source_id = p_source)
    INTO v_known, v_erased;
  IF v_known IS NULL AND v_erased AND is_erased_id(p_account, p_source, p_external) THEN
    RETURN '{"kind": "duplicate"}';
  END IF;
  RETURN v_known;
END $$;

-- What could not be read is kept, and the others of its webhook go on.
CREATE FUNCTION park_items(p_account uuid, p_source uuid, p_at timestamptz, p_items jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_answers jsonb;
BEGIN
  WITH items AS (
    SELECT i.ordinality - 1 AS index, i.value AS item, (i.value->>'id')::uuid AS id
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i WHERE i.value->>'kind' = 'unreadable'),
  kept AS (
    INSERT INTO parked (account_id, id, source_id, external_id, item, error, parked_at)
      SELECT p_account, id, p_source, item->>'externalId', item->'item', item->>'because', p_at
      FROM items ORDER BY item->>'externalId', index
      ON CONFLICT DO NOTHING RETURNING id)
  SELECT jsonb_object_agg(index, jsonb_build_object('kind', CASE WHEN kept.id IS NULL THEN 'duplicate' ELSE 'parked' END))
    INTO v_answers FROM items LEFT JOIN kept USING (id);
  RETURN v_answers;
END $$;

-- Places in visitors' streams, and the end channel that a platform reports. Answers the answers, with the places.
CREATE FUNCTION note_threads(p_account uuid, p_at timestamptz, p_items jsonb, p_answers jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_answers jsonb := p_answers;
  v_entry record;
  v_place bigint;
BEGIN
  FOR v_entry IN
    SELECT a.key AS index, i.value AS item, (a.value->>'conversationId')::uuid AS conversation
    FROM jsonb_array_elements(p_items) WITH ORDINALITY AS i JOIN jsonb_each(p_answers) AS a ON a.key = (i.ordinality - 1)::text
    WHERE i.value->>'kind' = 'message' AND a.value->>'kind' = 'stored'
    ORDER BY 3, (i.value->>'no')::integer
  LOOP
    UPDATE conversations SET stream = stream + (v_entry.item ? 'stream')::int,
                             end_channel = coalesce(v_entry.item->>'endChannel', end_channel)
      WHERE account_id = p_account AND id = v_entry.conversation
        AND (v_entry.item ? 'stream' OR end_channel IS DISTINCT FROM v_entry.item->>'endChannel')
      RETURNING stream INTO v_place;
    IF v_entry.item ? 'stream' THEN
      INSERT INTO visitor_stream (account_id, conversation_id, place, kind, message_id, at)
        VALUES (p_account, v_entry.conversation, v_place, 'message', (v_entry.item->>'messageId')::uuid, p_at);
      PERFORM pg_notify('baton_feed', p_account::text);
      v_answers := jsonb_set(v_answers, ARRAY[v_entry.index, 'place'], to_jsonb(v_place));
    END IF;
  END LOOP;
  RETURN v_answers;
END $$;

-- Stores what a desk's webhook brought: `p` is {account, source, at, items}; see store/desk-events.ts. What is said of a
-- hand-over that is over, or by a desk that doesn't hold the chat, is stored too: its conversation discards it, visibly.
CREATE FUNCTION accept_desk_events(p jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid := (p->>'account')::uuid;
  v_desk uuid := (p->>'source')::uuid;
  v_at timestamptz := at_ms((p->>'at')::bigint);
  v_answers jsonb := '{}';
  v_answer jsonb;
  v_entry record;
  v_payload jsonb;
  v_row inbox;
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);
  IF p->'kinds' ? 'unreadable' THEN
    v_answers := park_items(v_account, v_desk, v_at, p->'items');
  END IF;

  FOR v_entry IN
    SELECT DISTINCT ON (2) (i.value #>> '{person,uuid}')::uuid AS id, i.value #>> '{person,id}' AS external_id,
                           i.value #>> '{person,name}' AS name
    FROM jsonb_array_elements(p->'items') WITH ORDINALITY AS i WHERE i.value ? 'person'
    ORDER BY 2, i.value #>> '{person,name}' IS NULL, i.ordinality DESC
  LOOP
    PERFORM 1 FROM desk_people WHERE account_id = v_account AND desk_id = v_desk AND external_id = v_entry.external_id
      AND name IS NOT DISTINCT FROM coalesce(v_entry.name, name);
    IF NOT FOUND THEN
      INSERT INTO desk_people (account_id, id, desk_id, external_id, name)
        VALUES (v_account, v_entry.id, v_desk, v_entry.external_id, v_entry.name)
        ON CONFLICT (account_id, desk_id, external_id) DO UPDATE SET name = coalesce(excluded.name, desk_people.name);
    END IF;
  END LOOP;

  FOR v_entry IN
    SELECT (i.ordinality - 1)::text AS index, i.value AS item, c.id AS conversation, c.contact_id, d.id AS person, d.name
    FROM jsonb_array_elements(p->'items') WITH ORDINALITY AS i
      LEFT JOIN conversations c ON c.account_id = v_account AND c.id = (i.value->>'conversationId')::uuid
      LEFT JOIN desk_people d ON d.account_id = v_account AND d.desk_id = v_desk AND d.external_id = i.value #>> '{person,id}'
    WHERE i.value->>'kind' <> 'unreadable'
    ORDER BY c.id, i.ordinality
  LOOP
    v_row := NULL;
    v_answer := known_input(v_account, v_desk, v_entry.item->>'externalId');
    IF v_answer IS NULL AND v_entry.conversation IS NULL THEN
      v_answer := '{"kind": "unknown"}';
    ELSIF v_answer IS NULL THEN
      v_payload := jsonb_build_object('deskId', v_desk);
      IF v_entry.item->>'kind' <> 'DeskTook' THEN
        v_payload := v_payload || jsonb_build_object('handover', v_entry.item->'handover');
      END IF;
      IF v_entry.item->>'kind' IN ('DeskTook', 'DeskAccepted', 'DeskAnswered') THEN
        v_payload := v_payload || jsonb_build_object('personId', v_entry.person);
      END IF;
      IF v_entry.item->>'kind' = 'DeskAnswered' THEN
        v_payload := v_payload || jsonb_build_object('messageId', v_entry.item->'messageId');
      END IF;
      v_row := append_to_inbox(v_account, v_entry.conversation, v_entry.item->>'kind', v_payload, v_at, v_desk,
                               v_entry.item->>'externalId');
      IF v_row.seq IS NULL THEN
        v_answer := known_input(v_account, v_desk, v_entry.item->>'externalId');
      ELSE
        IF v_entry.item->>'kind' = 'DeskAnswered' THEN
          INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, author_name, status,
                                content, digest, external_id, inbox_seq, created_at)
            VALUES (v_account, (v_entry.item->>'messageId')::uuid, v_entry.conversation, 'out', 'desk', v_entry.person, v_entry.name,
                    'draft', v_entry.item->'content', content_digest(v_account, v_entry.contact_id, v_entry.item->'content'),
                    v_entry.item->>'externalId', v_row.seq, v_row.at);
        END IF;
        v_answer := v_payload || jsonb_build_object('kind', 'stored', 'conversationId', v_entry.conversation,
                                                    'seq', v_row.seq, 'at', ms_of(v_row.at));
      END IF;
    END IF;
    v_answers := jsonb_set(v_answers, ARRAY[v_entry.index], v_answer);
  END LOOP;
  RETURN v_answers;
END $$;

-- What a command is accepted against: the last inbox place that its sender can have seen, a time that runs neither behind
-- what is stored nor behind what is recorded, and who holds the chat by the read model. Null: not of this account.
CREATE FUNCTION accept_command(p_account uuid, p_conversation uuid, p_now timestamptz) RETURNS jsonb
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  RETURN (
    SELECT jsonb_build_object('after', m.last_seq, 'at', ms_of(greatest(p_now, m.last_at, a.last_at)), 'phase', c.phase,
                              'holder', jsonb_build_object('kind', c.holder_kind, 'id', c.holder_id), 'epoch', c.epoch,
                              'contactId', c.contact_id, 'channelId', c.channel_id)
    FROM conversations c
      JOIN mailboxes m ON m.account_id = c.account_id AND m.conversation_id = c.id
      JOIN actors a ON a.account_id = c.account_id AND a.conversation_id = c.id
    WHERE c.account_id = p_account AND c.id = p_conversation);
END $$;
