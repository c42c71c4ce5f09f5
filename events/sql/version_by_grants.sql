-- Event.version, raised by grants: of a grant to an event that event's, of one to an organiser that of all their events.
-- A file of its own, because the column for organisers is younger than the other triggers.

CREATE OR REPLACE FUNCTION events_bump_granted(event_ids bigint[], organiser_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT unnest(event_ids) UNION SELECT id FROM events_event WHERE organiser_id = ANY (organiser_ids));
BEGIN
    -- In id order, so two bulk changes cannot lock each other out.
    PERFORM 1 FROM events_event WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event SET version = version WHERE id = ANY (ids);
END $$;

CREATE OR REPLACE FUNCTION events_bump_by_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM events_bump_granted(array_agg(event_id), array_agg(organiser_id)) FROM changed;
    RETURN NULL;
END $$;

-- That a grant was used changes no page.
CREATE OR REPLACE FUNCTION events_bump_by_grant_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM events_bump_granted(array_agg(event_id), array_agg(organiser_id))
       FROM (SELECT b.event_id, b.organiser_id FROM before b JOIN changed c USING (id)
              WHERE to_jsonb(b) - 'last_used_at' <> to_jsonb(c) - 'last_used_at'
             UNION
             SELECT c.event_id, c.organiser_id FROM before b JOIN changed c USING (id)
              WHERE to_jsonb(b) - 'last_used_at' <> to_jsonb(c) - 'last_used_at') AS touched;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bump_insert ON flags_grant;
CREATE TRIGGER bump_insert AFTER INSERT ON flags_grant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_grant();
DROP TRIGGER IF EXISTS bump_update ON flags_grant;
CREATE TRIGGER bump_update AFTER UPDATE ON flags_grant REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_grant_changed();
DROP TRIGGER IF EXISTS bump_delete ON flags_grant;
CREATE TRIGGER bump_delete AFTER DELETE ON flags_grant REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_grant();
