-- Event.version, raised by how many its page says are waiting: by that alone, and once for all lists of one statement.
-- A file of its own, because the table is younger than the other triggers.

CREATE OR REPLACE FUNCTION events_bump_by_waiting_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- In id order below, so two bulk changes cannot lock each other out.
    ids bigint[] := ARRAY(SELECT c.event_id FROM before b JOIN changed c USING (event_id) WHERE b.shown <> c.shown);
BEGIN
    PERFORM 1 FROM events_event WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event SET version = version WHERE id = ANY (ids);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bump_insert ON events_waitinglist;
CREATE TRIGGER bump_insert AFTER INSERT ON events_waitinglist REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_update ON events_waitinglist;
CREATE TRIGGER bump_update AFTER UPDATE ON events_waitinglist REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_waiting_changed();
