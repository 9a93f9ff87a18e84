-- When a send over a rated connection may go. `p_rate`: {"perSecond", "burst"}. The row of the connection is what all
-- workers share, and each call is one decision on it: go now, or come back at a time that nobody else was given.

-- Null: it goes now, and counts. Else when it may come back; `p_turn` is what it was told before.
--
-- `free_at` is when the next might go if there were no burst (a "generic cell rate algorithm": it moves on by one interval
-- with each that goes, and may lie ahead of now by so many intervals as the burst has). Times are promised in the order of
-- asking, an interval apart, and who has none doesn't go before them, so nobody waits for ever. Who comes at a promised
-- time may be late by a second: else one that is would make all those behind it late. So in any time of s seconds there go
-- at most burst + perSecond × (s + 1).
CREATE FUNCTION take_turn(p_account uuid, p_connection uuid, p_at timestamptz, p_turn timestamptz, p_rate jsonb)
  RETURNS timestamptz
  LANGUAGE plpgsql AS $$
DECLARE
  v_interval interval := make_interval(secs => 1 / (p_rate->>'perSecond')::float8);
  v_ahead interval := v_interval * ((p_rate->>'burst')::int - 1);
  v_promised timestamptz;
BEGIN
  INSERT INTO connection_rates (account_id, connection_id) VALUES (p_account, p_connection) ON CONFLICT DO NOTHING;
  UPDATE connection_rates SET free_at = greatest(free_at, p_at) + v_interval
    WHERE account_id = p_account AND connection_id = p_connection
      AND (blocked_until IS NULL OR blocked_until <= p_at)
      AND (free_at IS NULL OR free_at - v_ahead <= p_at + CASE WHEN p_turn <= p_at THEN interval '1 second' ELSE interval '0' END)
      AND (promised_at IS NULL OR promised_at <= p_at OR p_turn <= p_at);
  IF FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE connection_rates SET promised_at = greatest(promised_at + v_interval, free_at - v_ahead, blocked_until, p_at)
    WHERE account_id = p_account AND connection_id = p_connection
    RETURNING promised_at INTO v_promised;
  RETURN v_promised;
END $$;

-- A message that goes in parts is as many sends: those after the first count too, and make others wait.
CREATE FUNCTION count_sends(p_account uuid, p_connection uuid, p_at timestamptz, p_rate jsonb, p_sends integer) RETURNS void
  LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('baton.account', p_account::text, true);
  UPDATE connection_rates SET free_at = greatest(free_at, p_at) + make_interval(secs => p_sends / (p_rate->>'perSecond')::float8)
    WHERE account_id = p_account AND connection_id = p_connection;
END $$;
