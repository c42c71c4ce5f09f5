-- Event.version, raised by its picture. A file of its own, because the table is younger than the other triggers.

DROP TRIGGER IF EXISTS bump_insert ON events_picture;
CREATE TRIGGER bump_insert AFTER INSERT ON events_picture REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_update ON events_picture;
CREATE TRIGGER bump_update AFTER UPDATE ON events_picture REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_delete ON events_picture;
CREATE TRIGGER bump_delete AFTER DELETE ON events_picture REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
