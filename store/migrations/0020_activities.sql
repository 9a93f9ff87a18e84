-- What the attempts at the outside write and read, each in one round trip. Like the record, these functions bind
-- themselves to the account first. Locks: contact, conversation, outbound rows, as the record takes them.

-- A message that its channel takes only in parts (too long, text and files apart): the parts that are surely sent. The
-- last part is not here; its provider's id stands in `outbound`, and with it the message is sent.
CREATE TABLE outbound_parts (
  account_id      uuid NOT NULL,
  conversation_id uuid NOT NULL,
  seq             integer NOT NULL,
  part            integer NOT NULL,                -- from 1
  to_id           uuid NOT NULL,
  provider_id     text,
  sent_at         timestamptz NOT NULL,
  PRIMARY KEY (account_id, conversation_id, seq, part),
  FOREIGN KEY (account_id, conversation_id, seq) REFERENCES outbound
);
CREATE INDEX outbound_parts_by_provider ON outbound_parts (account_id, to_id, provider_id) WHERE provider_id IS NOT NULL;

ALTER TABLE outbound_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbound_parts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_account ON outbound_parts TO baton_api, baton_worker
  USING (account_id = current_setting('baton.account')::uuid)
  WITH CHECK (account_id = current_setting('baton.account')::uuid);

-- What a delivery state becomes by a receipt: it only rises, and `failed` is final.
CREATE FUNCTION risen_status(p_status text, p_receipt text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN p_status IN ('failed', 'read') THEN p_status
    WHEN p_status = 'delivered' THEN CASE WHEN p_receipt = 'read' THEN 'read' ELSE p_status END
    WHEN p_status = 'sent' AND p_receipt = 'sent' THEN p_status
    ELSE p_receipt
  END $$;

-- Whoever stores a provider's id and whoever stores a receipt for it take this first: else each could miss the other's
-- uncommitted row, and the receipt would never be joined.
CREATE FUNCTION lock_provider_id(p_channel uuid, p_provider text) RETURNS void
  LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended(p_provider, hashtext(p_channel::text))) $$;

-- Joins receipts that came before their message's provider id was known. A receipt of an earlier part moves its message
-- only by failing. They get a new place in the feed: before, nobody could say what they were about.
CREATE FUNCTION join_receipts(p_account uuid, p_channel uuid, p_provider text, p_conversation uuid, p_seq integer,
                              p_last boolean) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_receipt receipts%ROWTYPE;
  v_was text;
  v_is text;
BEGIN
  FOR v_receipt IN
    SELECT * FROM receipts WHERE account_id = p_account AND channel_id = p_channel AND provider_id = p_provider AND seq IS NULL
      ORDER BY at, status = 'failed', id FOR NO KEY UPDATE
  LOOP
    SELECT status INTO v_was FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq
      FOR NO KEY UPDATE;
    v_is := CASE WHEN p_last OR v_receipt.status = 'failed' THEN risen_status(v_was, v_receipt.status) ELSE v_was END;
    -- `sent` was told by nobody, where the network was faster in saying so (see `note_sent`).
    UPDATE receipts SET conversation_id = p_conversation, seq = p_seq, xid = pg_current_xact_id(), feed_id = nextval('feed_ids'),
                        raised = v_is <> v_was OR p_last AND v_was = 'sent' AND v_receipt.status = 'sent'
      WHERE account_id = p_account AND id = v_receipt.id;
    CONTINUE WHEN v_is = v_was;
    UPDATE outbound SET
        status = v_is,
        delivered_at = CASE WHEN v_is = 'delivered' THEN coalesce(delivered_at, v_receipt.at) ELSE delivered_at END,
        read_at = CASE WHEN v_is = 'read' THEN coalesce(read_at, v_receipt.at) ELSE read_at END,
        failure_class = CASE WHEN v_is = 'failed' THEN coalesce(v_receipt.class, 'permanent') ELSE failure_class END,
        settled_at = CASE WHEN v_is = 'failed' THEN coalesce(settled_at, v_receipt.at) END
      WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  END LOOP;
END $$;

-- The row of an outbound message as an attempt needs it: where to, what, and how far it got.
CREATE FUNCTION outbound_words(p_account uuid, o outbound, p_type text) RETURNS jsonb
  LANGUAGE plpgsql STABLE AS $$ -- not sql: this one is planned once per connection
BEGIN
  RETURN (SELECT jsonb_build_object(
    'toId', o.to_id, 'type', p_type, 'handover', o.handover, 'authorKind', o.author_kind, 'authorName', m.author_name,
    'content', m.content, 'at', ms_of(m.created_at), 'thread', c.external_thread, 'generation', o.generation,
    'contactExternalId', (SELECT i.external_id FROM contact_identities i
       WHERE i.account_id = p_account AND i.channel_id = c.channel_id AND i.contact_id = c.contact_id
       ORDER BY i.external_id = c.external_thread DESC, i.external_id LIMIT 1),
    'partsSent', (SELECT count(*) FROM outbound_parts p
       WHERE p.account_id = p_account AND p.conversation_id = o.conversation_id AND p.seq = o.seq),
    'connection', CASE WHEN o.to_kind = 'desk'
       THEN (SELECT jsonb_build_object('settings', settings, 'secrets', secrets, 'disabled', disabled_at IS NOT NULL)
             FROM desks WHERE account_id = p_account AND id = o.to_id)
       ELSE (SELECT jsonb_build_object('settings', settings, 'secrets', secrets, 'disabled', disabled_at IS NOT NULL)
             FROM channels WHERE account_id = p_account AND id = o.to_id) END)
  FROM conversations c LEFT JOIN messages m ON m.account_id = p_account AND m.id = o.message_id
  WHERE c.account_id = p_account AND c.id = o.conversation_id);
END $$;

-- Has the conversation taken these words back? Its record leaves a row that is being sent alone, so whoever ends the
-- sending asks. The caller holds the conversation still.
CREATE FUNCTION was_taken_back(p_account uuid, p_conversation uuid, p_seq integer) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM domain_events
    WHERE account_id = p_account AND conversation_id = p_conversation AND type = 'MessageCancelled'
      AND (data #>> '{event,seq}')::integer = p_seq);
END $$;

-- pending → sending, under the row's lock, or why not. A row that stands in `sending` was begun by an attempt that never
-- said what came of it: it becomes `ambiguous`. `p_resend` lets an ambiguous one be sent again. Where the channel
-- delivers by a stream (`p_streams`: their types), the words are put into the visitor's stream and are sent, here. Where
-- the connection has a rate (its own setting, or by `p_rates` that of its type), a send that would exceed it is told when
-- to come back, and nothing has begun.
CREATE FUNCTION begin_send(p_account uuid, p_conversation uuid, p_seq integer, p_attempt text, p_at timestamptz,
                           p_streams text[], p_rates jsonb, p_resend boolean) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_stream boolean;
  v_type text;
  v_epoch integer;
  v_holder text;
  v_place bigint;
  v_rate jsonb;
  v_until timestamptz;
  o outbound%ROWTYPE;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT * INTO o FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  IF NOT FOUND THEN
    RETURN jsonb_build_object('kind', 'absent');
  END IF;
  IF o.to_kind = 'desk' THEN
    SELECT type INTO v_type FROM desks WHERE account_id = p_account AND id = o.to_id;
  ELSE
    SELECT type, coalesce(settings->'rate', p_rates->type) INTO v_type, v_rate
      FROM channels WHERE account_id = p_account AND id = o.to_id;
    v_rate := nullif(v_rate, 'null');
  END IF;
  v_stream := o.to_kind = 'channel' AND v_type = ANY (p_streams);

  -- The conversation before its outbound rows. A bot's words hold the epoch still until they are begun, so a take-over is
  -- either before them (and fences them) or after.
  IF v_stream THEN
    SELECT epoch, holder_kind INTO v_epoch, v_holder FROM conversations
      WHERE account_id = p_account AND id = p_conversation FOR NO KEY UPDATE;
  ELSIF o.author_kind = 'bot' OR o.status = 'sending' THEN
    SELECT epoch, holder_kind INTO v_epoch, v_holder FROM conversations
      WHERE account_id = p_account AND id = p_conversation FOR SHARE;
  END IF;
  SELECT * INTO o FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq
    FOR NO KEY UPDATE;

  CASE
    WHEN o.status IN ('sent', 'delivered', 'read') THEN
      RETURN jsonb_build_object('kind', 'sent');
    WHEN o.status = 'cancelled' THEN
      RETURN jsonb_build_object('kind', 'superseded');
    WHEN o.status = 'failed' THEN
      RETURN jsonb_build_object('kind', 'failed', 'class', coalesce(o.failure_class, 'permanent'));
    WHEN o.status = 'unknown' THEN
      RETURN jsonb_build_object('kind', 'failed', 'class', 'ambiguous');
    WHEN o.status = 'sending' THEN
      INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome, class)
        VALUES (p_account, p_conversation, p_seq, coalesce(o.attempt_id, ''), p_at, 'unclear', 'ambiguous') ON CONFLICT DO NOTHING;
      IF was_taken_back(p_account, p_conversation, p_seq) THEN
        UPDATE outbound SET status = 'cancelled', settled_at = p_at
          WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
        RETURN jsonb_build_object('kind', 'superseded');
      END IF;
      UPDATE outbound SET status = 'ambiguous' WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
      RETURN outbound_words(p_account, o, v_type) || jsonb_build_object('kind', 'ambiguous', 'newly', true);
    WHEN o.status = 'ambiguous' AND NOT p_resend THEN
      RETURN outbound_words(p_account, o, v_type) || jsonb_build_object('kind', 'ambiguous', 'newly', false);
    ELSE
      NULL;
  END CASE;

  -- A bot's last words may follow it into the queue, but never a person: not while one has the chat, and what was begun
  -- before isn't begun anew unless nobody but the engine came in between (the record cancels only what isn't `sending`).
  IF o.author_kind = 'bot' AND o.epoch <> v_epoch
     AND (v_holder IN ('agent', 'desk') OR o.attempts > 0 AND NOT (v_holder = 'engine' AND v_epoch = o.epoch + 1)) THEN
    INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome)
      VALUES (p_account, p_conversation, p_seq, p_attempt, p_at, 'superseded') ON CONFLICT DO NOTHING;
    RETURN jsonb_build_object('kind', 'superseded');
  END IF;
  v_until := o.not_before;
  IF v_rate IS NULL THEN
    v_until := greatest(v_until, (SELECT blocked_until FROM connection_rates
                                  WHERE account_id = p_account AND connection_id = o.to_id));
  ELSIF o.turn_at > p_at THEN
    v_until := greatest(v_until, o.turn_at);
  ELSIF v_until IS NULL OR v_until <= p_at THEN
    v_until := take_turn(p_account, o.to_id, p_at, o.turn_at, v_rate);
    UPDATE outbound SET turn_at = v_until WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  END IF;
  IF v_until > p_at THEN
    RETURN jsonb_build_object('kind', 'throttled', 'retryAfterMs', ms_of(v_until) - ms_of(p_at));
  END IF;

  IF v_stream THEN
    UPDATE outbound SET status = 'sent', attempt_id = p_attempt, attempts = attempts + 1, sent_at = p_at
      WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
    UPDATE conversations SET stream = stream + 1 WHERE account_id = p_account AND id = p_conversation RETURNING stream INTO v_place;
    INSERT INTO visitor_stream (account_id, conversation_id, place, kind, message_id, at)
      VALUES (p_account, p_conversation, v_place, 'message', o.message_id, p_at);
    INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome)
      VALUES (p_account, p_conversation, p_seq, p_attempt, p_at, 'sent');
    PERFORM note_sent(p_account, o, NULL, p_at);
    RETURN jsonb_build_object('kind', 'sent');
  END IF;

  UPDATE outbound SET status = 'sending', attempt_id = p_attempt, attempts = attempts + 1, not_before = NULL
    WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome)
    VALUES (p_account, p_conversation, p_seq, p_attempt, p_at, 'begun') ON CONFLICT DO NOTHING;
  RETURN outbound_words(p_account, o, v_type) || jsonb_build_object('kind', 'begun');
END $$;

-- `sent` as people's feeds see it, and whoever waits for the visitor's stream.
CREATE FUNCTION note_sent(p_account uuid, o outbound, p_provider text, p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  IF o.to_kind = 'channel' THEN
    INSERT INTO receipts (account_id, id, channel_id, provider_id, status, at, conversation_id, seq, raised)
      VALUES (p_account, gen_random_uuid(), o.to_id, coalesce(p_provider, o.conversation_id || ':' || o.seq), 'sent', p_at,
              o.conversation_id, o.seq, true)
      ON CONFLICT DO NOTHING;
    PERFORM pg_notify('baton_feed', p_account::text);
  END IF;
END $$;

-- A part that is not the last has surely arrived: no later attempt sends it again.
CREATE FUNCTION mark_part_sent(p_account uuid, p_conversation uuid, p_seq integer, p_part integer, p_provider text,
                               p_at timestamptz) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  v_to uuid;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT to_id INTO v_to FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  IF p_provider IS NOT NULL THEN
    PERFORM lock_provider_id(v_to, p_provider);
  END IF;
  INSERT INTO outbound_parts (account_id, conversation_id, seq, part, to_id, provider_id, sent_at)
    VALUES (p_account, p_conversation, p_seq, p_part, v_to, p_provider, p_at) ON CONFLICT DO NOTHING;
  IF p_provider IS NOT NULL THEN
    PERFORM join_receipts(p_account, v_to, p_provider, p_conversation, p_seq, false);
  END IF;
END $$;

-- The truth that words were sent is taken from whichever attempt knows it, also a late one, and joined with the receipts
-- that were faster. Answers what the row then says.
CREATE FUNCTION mark_sent(p_account uuid, p_conversation uuid, p_seq integer, p_attempt text, p_provider text,
                          p_at timestamptz) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  o outbound%ROWTYPE;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  IF p_provider IS NOT NULL THEN
    PERFORM lock_provider_id(to_id, p_provider) FROM outbound
      WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  END IF;
  UPDATE outbound SET
      status = CASE WHEN status IN ('sent', 'delivered', 'read', 'failed') THEN status ELSE 'sent' END,
      provider_id = coalesce(p_provider, provider_id),
      sent_at = coalesce(sent_at, p_at),
      failure_class = CASE WHEN status = 'failed' THEN failure_class END,
      settled_at = CASE WHEN status = 'failed' THEN settled_at END,
      not_before = NULL
    WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq
    RETURNING * INTO o;
  INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome)
    VALUES (p_account, p_conversation, p_seq, p_attempt, p_at, 'sent') ON CONFLICT DO NOTHING;
  IF o.status = 'sent' THEN
    PERFORM note_sent(p_account, o, p_provider, p_at);
  END IF;
  IF p_provider IS NOT NULL THEN
    PERFORM join_receipts(p_account, o.to_id, p_provider, p_conversation, p_seq, true);
  END IF;
  SELECT * INTO o FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  RETURN jsonb_build_object('status', o.status, 'class', o.failure_class);
END $$;

-- Surely not sent: back to `pending`, the one step down, unless another attempt has the row by now. A connection that
-- asked to be left alone is left alone by every worker.
CREATE FUNCTION mark_not_sent(p_account uuid, p_conversation uuid, p_seq integer, p_attempt text, p_class text,
                              p_retry_at timestamptz, p_block_until timestamptz, p_at timestamptz) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_taken_back boolean;
  o outbound%ROWTYPE;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  PERFORM 1 FROM conversations WHERE account_id = p_account AND id = p_conversation FOR SHARE;
  v_taken_back := was_taken_back(p_account, p_conversation, p_seq);
  UPDATE outbound SET status = CASE WHEN v_taken_back THEN 'cancelled' ELSE 'pending' END, not_before = p_retry_at,
                      settled_at = CASE WHEN v_taken_back THEN p_at END
    WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq
      AND status = 'sending' AND attempt_id = p_attempt;
  INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome, class)
    VALUES (p_account, p_conversation, p_seq, p_attempt, p_at, 'not-sent', p_class) ON CONFLICT DO NOTHING;
  SELECT * INTO o FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  IF p_block_until IS NOT NULL THEN
    INSERT INTO connection_rates (account_id, connection_id, blocked_until) VALUES (p_account, o.to_id, p_block_until)
      ON CONFLICT (account_id, connection_id)
      DO UPDATE SET blocked_until = greatest(connection_rates.blocked_until, excluded.blocked_until);
  END IF;
  RETURN jsonb_build_object('status', o.status, 'class', o.failure_class);
END $$;

-- Nobody can say whether it arrived; a receipt may have said it meanwhile, and then that stands.
CREATE FUNCTION mark_unclear(p_account uuid, p_conversation uuid, p_seq integer, p_attempt text, p_at timestamptz) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_taken_back boolean;
  o outbound%ROWTYPE;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  PERFORM 1 FROM conversations WHERE account_id = p_account AND id = p_conversation FOR SHARE;
  v_taken_back := was_taken_back(p_account, p_conversation, p_seq);
  UPDATE outbound SET status = CASE WHEN v_taken_back THEN 'cancelled' ELSE 'ambiguous' END,
                      settled_at = CASE WHEN v_taken_back THEN p_at END
    WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq
      AND status = 'sending' AND attempt_id = p_attempt;
  INSERT INTO outbound_attempts (account_id, conversation_id, seq, attempt_id, at, outcome, class)
    VALUES (p_account, p_conversation, p_seq, p_attempt, p_at, 'unclear', 'ambiguous') ON CONFLICT DO NOTHING;
  SELECT * INTO o FROM outbound WHERE account_id = p_account AND conversation_id = p_conversation AND seq = p_seq;
  RETURN jsonb_build_object('status', o.status, 'class', o.failure_class);
END $$;

-- May an ambiguous send be repeated where nobody can be asked? By the policy under which the conversation runs.
CREATE FUNCTION resends_blindly(p_account uuid, p_conversation uuid) RETURNS boolean
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  RETURN (SELECT coalesce(p.groups #>> ARRAY[c.group_id::text, 'delivery', 'onAmbiguous'],
                          p.numbers #>> '{delivery,onAmbiguous}') = 'at-least-once'
          FROM conversations c JOIN policies p ON p.account_id = c.account_id AND p.version = c.policy_version
          WHERE c.account_id = p_account AND c.id = p_conversation);
END $$;

-- All that a bot is told of its turn, and the answer, if one of the tries has got it already.
CREATE FUNCTION bot_turn(p_account uuid, p_conversation uuid, p_turn integer, p_bot uuid, p_from bigint, p_to bigint) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_answer jsonb;
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  SELECT answer INTO v_answer FROM bot_answers
    WHERE account_id = p_account AND conversation_id = p_conversation AND turn = p_turn;
  IF FOUND THEN
    RETURN jsonb_build_object('answer', v_answer);
  END IF;
  RETURN (
    SELECT jsonb_build_object(
      'phase', c.phase,
      'contact', jsonb_build_object('id', k.id, 'name', k.name),
      'channel', jsonb_build_object('id', h.id, 'type', h.type, 'settings', h.settings),
      'bot', (SELECT jsonb_build_object('type', type, 'settings', settings, 'secrets', secrets, 'disabled', disabled_at IS NOT NULL,
                                        'blockedUntil', ms_of(r.blocked_until))
              FROM bots b LEFT JOIN connection_rates r ON r.account_id = b.account_id AND r.connection_id = b.id
              WHERE b.account_id = p_account AND b.id = p_bot),
      'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'content', content, 'at', ms_of(created_at))
                                             ORDER BY inbox_seq, id), '[]')
                   FROM messages WHERE account_id = p_account AND conversation_id = p_conversation
                     AND inbox_seq BETWEEN p_from AND p_to AND author_kind = 'customer' AND content IS NOT NULL))
    FROM conversations c
      JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
      JOIN channels h ON h.account_id = c.account_id AND h.id = c.channel_id
    WHERE c.account_id = p_account AND c.id = p_conversation);
END $$;

-- The first answer of a turn's tries is the turn's; a later one leaves nothing behind. See store/turns.ts for `p`.
CREATE FUNCTION store_bot_answer(p jsonb) RETURNS jsonb
  LANGUAGE plpgsql AS $$
DECLARE
  v_account uuid := (p->>'account')::uuid;
  v_conversation uuid := (p->>'conversation')::uuid;
  v_at timestamptz := at_ms((p->>'at')::bigint);
  v_handover jsonb := nullif(p->'handover', 'null'::jsonb);
  v_contact contacts%ROWTYPE;
  v_answer jsonb;
BEGIN
  PERFORM set_config('baton.account', p->>'account', true);
  -- Held still, so that no words of a contact who is being erased are stored behind the erasure's back.
  SELECT k.* INTO v_contact FROM conversations c JOIN contacts k ON k.account_id = c.account_id AND k.id = c.contact_id
    WHERE c.account_id = v_account AND c.id = v_conversation FOR SHARE OF k;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such conversation' USING ERRCODE = 'no_data_found';
  END IF;
  INSERT INTO bot_answers (account_id, conversation_id, turn, answer, intake, answered_at)
    VALUES (v_account, v_conversation, (p->>'turn')::int, p->'answer',
            CASE WHEN v_contact.erased_at IS NULL THEN nullif(p->'intake', '[]') END, v_at) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT answer INTO v_answer FROM bot_answers
      WHERE account_id = v_account AND conversation_id = v_conversation AND turn = (p->>'turn')::int;
    RETURN jsonb_build_object('first', false, 'answer', v_answer);
  END IF;
  INSERT INTO messages (account_id, id, conversation_id, direction, author_kind, author_id, status, content, digest, created_at)
    SELECT v_account, (m->>'id')::uuid, v_conversation, 'out', 'bot', p->>'bot', 'draft',
           CASE WHEN v_contact.erased_at IS NULL THEN m->'content' END,
           content_digest(v_account, v_contact.id, m->'content'), v_at
    FROM jsonb_array_elements(p->'messages') AS m;
  IF v_handover IS NOT NULL THEN
    INSERT INTO handover_requests (account_id, conversation_id, id, reason, group_id, desk_id, skill, webstore, channel_tag,
                                   priority, history, data, created_at)
      VALUES (v_account, v_conversation, p->'answer'->'handover'->>'requestId',
              CASE WHEN v_contact.erased_at IS NULL THEN v_handover->>'reason' END,
              (SELECT id FROM groups WHERE account_id = v_account AND deleted_at IS NULL
                 AND lower(v_handover->>'groupId') IN (id::text, lower(name)) ORDER BY created_at, id LIMIT 1),
              (SELECT id FROM desks WHERE account_id = v_account AND disabled_at IS NULL
                 AND lower(v_handover->>'deskId') IN (id::text, lower(name)) ORDER BY created_at, id LIMIT 1),
              v_handover->>'skill', v_handover->>'webstore', v_handover->>'channelTag',
              (p->'answer'->'handover'->>'priority')::int, coalesce(v_handover->'history', '{"kind":"none"}'),
              CASE WHEN v_contact.erased_at IS NULL THEN coalesce(v_handover->'data', '{}') ELSE '{}' END, v_at)
      ON CONFLICT DO NOTHING;
  END IF;
  RETURN jsonb_build_object('first', true, 'answer', p->'answer');
END $$;
