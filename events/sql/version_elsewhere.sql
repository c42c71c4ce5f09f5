-- Event.version, raised by what pages show of other rooms' tables: the organiser's name and address, and grants.
-- A file of its own, because these tables are made after the first triggers are installed.

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

DROP TRIGGER IF EXISTS bump_insert ON flags_grant;
CREATE TRIGGER bump_insert AFTER INSERT ON flags_grant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_update ON flags_grant;
CREATE TRIGGER bump_update AFTER UPDATE ON flags_grant REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_delete ON flags_grant;
CREATE TRIGGER bump_delete AFTER DELETE ON flags_grant REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
