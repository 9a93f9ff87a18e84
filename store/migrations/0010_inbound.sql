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

-- The conversation of a message that tells nothing new of its customer: then none of the above has to be locked or
-- written. Null: it does, or there is none yet.
CREATE FUNCTION known_thread(p_account uuid, p_channel uuid, p_item jsonb) RETURNS uuid
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_from jsonb := p_item->'contact';
  v_conversation uuid;
  v_contact uuid;
BEGIN
  SELECT c.id, k.id INTO v_conversation, v_contact
    FROM contact_identities i
      JOIN contacts k ON k.account_id = p_account AND k.id = i.contact_id
      JOIN conversations c ON c.account_id = p_account AND c.channel_id = p_channel AND c.external_thread = p_item->>'thread'
    WHERE i.account_id = p_account AND i.channel_id = p_channel AND i.external_id = v_from->>'externalId'
      AND NOT (k.name IS NULL AND v_from ? 'name')
      AND NOT (v_from ? 'pageUrl' AND k.attributes->'pageUrl' IS DISTINCT FROM v_from->'pageUrl');
  IF v_from ?| ARRAY['phones', 'emails'] THEN
    PERFORM 1 FROM told_addresses(v_from) AS t
      WHERE NOT EXISTS (SELECT 1 FROM contact_addresses a
                        WHERE a.account_id = p_account AND a.contact_id = v_contact AND a.kind = t.kind AND a.value = t.value);
    IF FOUND THEN
      RETURN NULL;
    END IF;
  END IF;
  RETURN v_conversation;
END $$;

-- The words of a customer's message that has its place in the inbox. Under the mailbox's lock: whoever erases a contact
-- takes those of all its conversations first; so a contact that was found, and is erased by now, writes anew: the whole
-- webhook is stored once more, as after a deadlock, and meets somebody new.
CREATE FUNCTION store_customer_message(p_channel uuid, p_row inbox, p_item jsonb) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, status, content, digest,
                        external_id, client_id, inbox_seq, created_at)
    SELECT p_row.account_id, (p_item->>'messageId')::uuid, p_row.conversation_id, 'in', 'customer', i.contact_id, 'received',
           p_item->'content',
           CASE WHEN k.digest_key IS NOT NULL
                THEN encode(hmac_sha256(k.digest_key, convert_to(p_item->>'content', 'UTF8')), 'hex') END,
           p_item->>'externalId', p_item->>'clientId', p_row.seq, p_row.at
    FROM conversations c
      JOIN contacts k ON k.account_id = p_row.account_id AND k.id = c.contact_id AND k.erased_at IS NULL
      JOIN contact_identities i ON i.account_id = p_row.account_id AND i.channel_id = p_channel
        AND i.external_id = p_item #>> '{contact,externalId}'
    WHERE c.account_id = p_row.account_id AND c.id = p_row.conversation_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the contact was erased meanwhile' USING ERRCODE = 'deadlock_detected';
  END IF;
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
  -- Arrays, since reading or writing one place of a jsonb costs as much as the whole of it.
  v_items jsonb[] := ARRAY(SELECT value FROM jsonb_array_elements(p->'items'));
  v_said jsonb[] := array_fill(NULL::jsonb, ARRAY[cardinality(v_items)]);
  v_answers jsonb := '{}';
  v_answer jsonb;
  v_item jsonb;
  v_index integer;
  v_order integer[] := ARRAY[1];
  v_conversations uuid[];
  v_type text;
  v_payload jsonb;
  v_row inbox;
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);

  FOR v_index IN 1 .. cardinality(v_items) LOOP
    v_item := v_items[v_index];
    IF v_item->>'kind' = 'message' THEN
      v_conversations[v_index] := known_thread(v_account, v_channel, v_item);
      IF v_conversations[v_index] IS NULL THEN
        PERFORM meet_customer(v_account, v_channel, v_item, v_at);
      END IF;
    END IF;
    IF v_item ? 'thread' AND v_conversations[v_index] IS NULL THEN
      v_conversations[v_index] := (SELECT id FROM conversations
        WHERE account_id = v_account AND channel_id = v_channel AND external_thread = v_item->>'thread');
    END IF;
  END LOOP;

  IF p->'kinds' ? 'receipt' THEN
    v_answers := accept_receipts(v_account, v_channel, v_at, p->'items');
  END IF;
  IF p->'kinds' ? 'unreadable' THEN
    v_answers := v_answers || park_items(v_account, v_channel, v_at, p->'items');
  END IF;

  IF cardinality(v_items) > 1 THEN
    v_order := ARRAY(SELECT n::integer FROM unnest(v_items) WITH ORDINALITY AS i (item, n)
                     ORDER BY v_conversations[n], (item->>'no')::integer);
  END IF;
  FOREACH v_index IN ARRAY v_order LOOP
    v_item := v_items[v_index];
    CONTINUE WHEN NOT v_item ? 'thread';
    v_row := NULL;
    -- A webhook that comes again takes no place and no lock.
    v_answer := known_input(v_account, v_channel, v_item->>'externalId');
    IF v_answer IS NULL AND v_conversations[v_index] IS NULL THEN
      v_answer := '{"kind": "unknown"}';
    ELSIF v_answer IS NULL THEN
      IF v_item->>'kind' = 'message' THEN
        v_type := 'CustomerWrote';
        v_payload := jsonb_build_object('messageId', v_item->'messageId');
      ELSE
        v_type := 'CustomerCancelled';
        v_payload := '{}';
      END IF;
      v_row := append_to_inbox(v_account, v_conversations[v_index], v_type, v_payload, v_at, v_channel, v_item->>'externalId');
      IF v_row.seq IS NULL THEN
        v_answer := known_input(v_account, v_channel, v_item->>'externalId');
      ELSE
        IF v_type = 'CustomerWrote' THEN
          PERFORM store_customer_message(v_channel, v_row, v_item);
        END IF;
        v_answer := v_payload || jsonb_build_object('kind', 'stored', 'conversationId', v_conversations[v_index],
                                                    'seq', v_row.seq, 'at', ms_of(v_row.at));
      END IF;
    END IF;
    v_said[v_index] := v_answer;
  END LOOP;
  v_answers := v_answers || coalesce((SELECT jsonb_object_agg(n - 1, said) FROM unnest(v_said) WITH ORDINALITY AS s (said, n)
                                      WHERE said IS NOT NULL), '{}');

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
  v_known jsonb := (
    SELECT payload || jsonb_build_object('kind', 'duplicate', 'conversationId', conversation_id, 'seq', seq, 'at', ms_of(at))
    FROM inbox WHERE account_id = p_account AND source_id = p_source AND external_id = p_external);
BEGIN
  RETURN CASE WHEN v_known IS NULL AND is_erased_id(p_account, p_source, p_external) THEN '{"kind": "duplicate"}' ELSE v_known END;
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
