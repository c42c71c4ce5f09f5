-- What foreign keys and CHECKs cannot say about quotas.

-- A ticket type draws only on quotas of its own event.
CREATE OR REPLACE FUNCTION events_draw_same_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT event_id FROM events_tickettype WHERE id = NEW.ticket_type_id)
       IS DISTINCT FROM (SELECT event_id FROM events_quota WHERE id = NEW.quota_id) THEN
        RAISE EXCEPTION 'ticket type % and quota % belong to different events', NEW.ticket_type_id, NEW.quota_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draw_same_event';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS same_event ON events_draw;
CREATE TRIGGER same_event BEFORE INSERT OR UPDATE ON events_draw
    FOR EACH ROW EXECUTE FUNCTION events_draw_same_event();

-- A quota that somebody holds a unit of cannot go.
CREATE OR REPLACE FUNCTION events_stock_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'quota % has % units taken', OLD.quota_id, OLD.taken
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'stock_in_use';
END $$;

DROP TRIGGER IF EXISTS in_use ON events_stock;
CREATE TRIGGER in_use BEFORE DELETE ON events_stock
    FOR EACH ROW WHEN (OLD.taken > 0) EXECUTE FUNCTION events_stock_in_use();

-- Half-empty pages keep the hot row's new versions beside the old, so no index is touched by a hold.
ALTER TABLE events_stock SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);
