-- Event.version, raised by what pages show of another room's table: the organiser's name and address.
-- A file of its own, because this table is made after the first triggers are installed.

CREATE OR REPLACE FUNCTION events_bump_by_organiser() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM events_event
     WHERE organiser_id IN (SELECT id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event SET version = version WHERE organiser_id IN (SELECT id FROM changed);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bump_update ON accounts_organiser;
CREATE TRIGGER bump_update AFTER UPDATE ON accounts_organiser REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_organiser();
