-- A Retry-After binds a connection for up to a day. Whoever saves the connection (another address, other secrets, or nothing but
-- the wish to try) ends that pause: what is asked from then on goes, within the rate. What was put off keeps its time.
CREATE FUNCTION lift_pause() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  UPDATE connection_rates SET blocked_until = NULL, promised_at = NULL
    WHERE account_id = NEW.account_id AND connection_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER lift_pause AFTER UPDATE ON channels FOR EACH ROW EXECUTE FUNCTION lift_pause();
CREATE TRIGGER lift_pause AFTER UPDATE ON bots FOR EACH ROW EXECUTE FUNCTION lift_pause();
CREATE TRIGGER lift_pause AFTER UPDATE ON desks FOR EACH ROW EXECUTE FUNCTION lift_pause();
GRANT SELECT (account_id, connection_id), UPDATE (blocked_until, promised_at) ON connection_rates TO baton_api;
