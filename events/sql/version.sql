-- Event.version: every change that a page could show raises it, in the transaction that makes the change.
-- Statement triggers, so a bulk update costs one bump per event and hand-written SQL cannot forget.
-- Stock is no change: pages show neither capacity nor what is taken. What is left is shown in words that the ticker
-- writes to the ticket type, and that is one. (A lock on the event in the middle of taking quotas would also let two
-- cancellations lock each other out.)

CREATE OR REPLACE FUNCTION events_bump_self() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS bump ON events_event;
CREATE TRIGGER bump BEFORE UPDATE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_bump_self();

CREATE OR REPLACE FUNCTION events_bump_by_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In id order, so two bulk changes cannot lock each other out.
    PERFORM 1 FROM events_event
     WHERE id IN (SELECT event_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event SET version = version WHERE id IN (SELECT event_id FROM changed);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION events_bump_by_quota() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM events_event
     WHERE id IN (SELECT q.event_id FROM changed c JOIN events_quota q ON q.id = c.quota_id)
     ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event SET version = version
     WHERE id IN (SELECT q.event_id FROM changed c JOIN events_quota q ON q.id = c.quota_id);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bump_insert ON events_tickettype;
CREATE TRIGGER bump_insert AFTER INSERT ON events_tickettype REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_update ON events_tickettype;
CREATE TRIGGER bump_update AFTER UPDATE ON events_tickettype REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_delete ON events_tickettype;
CREATE TRIGGER bump_delete AFTER DELETE ON events_tickettype REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();

DROP TRIGGER IF EXISTS bump_insert ON events_quota;
CREATE TRIGGER bump_insert AFTER INSERT ON events_quota REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_update ON events_quota;
CREATE TRIGGER bump_update AFTER UPDATE ON events_quota REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_delete ON events_quota;
CREATE TRIGGER bump_delete AFTER DELETE ON events_quota REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();

DROP TRIGGER IF EXISTS bump_insert ON events_draw;
CREATE TRIGGER bump_insert AFTER INSERT ON events_draw REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_quota();
DROP TRIGGER IF EXISTS bump_delete ON events_draw;
CREATE TRIGGER bump_delete AFTER DELETE ON events_draw REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_quota();
