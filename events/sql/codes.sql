-- What foreign keys and CHECKs cannot say about codes, and the sum of what one takes off.

-- What comes off one price: never more than it, in steps that can be paid, halves rounded up. The same sum as
-- discount_minor in events/models/codes.py. The currencies are those with three decimals (CLDR), of which card payments
-- leave the last one 0.
CREATE OR REPLACE FUNCTION events_discount(p_price bigint, p_percent int, p_amount bigint, p_currency text)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    step CONSTANT bigint := CASE WHEN p_currency IN ('BHD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 10 ELSE 1 END;
BEGIN
    IF p_percent IS NULL THEN
        RETURN least(coalesce(p_amount, 0), p_price);
    END IF;
    RETURN least((p_price * p_percent + 50 * step) / (100 * step) * step, p_price);
END $$;

-- A code works only for ticket types of its own event.
CREATE OR REPLACE FUNCTION events_code_same_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM unnest(NEW.ticket_type_ids) AS named (id)
                 LEFT JOIN events_tickettype t ON t.id = named.id AND t.event_id = NEW.event_id WHERE t.id IS NULL) THEN
        RAISE EXCEPTION 'code % names a ticket type of another event', NEW.text
            USING ERRCODE = 'check_violation', CONSTRAINT = 'code_same_event';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS same_event ON events_code;
CREATE TRIGGER same_event BEFORE INSERT ON events_code
    FOR EACH ROW WHEN (NEW.ticket_type_ids IS NOT NULL) EXECUTE FUNCTION events_code_same_event();
DROP TRIGGER IF EXISTS same_event_still ON events_code;
CREATE TRIGGER same_event_still BEFORE UPDATE ON events_code
    FOR EACH ROW WHEN (NEW.ticket_type_ids IS DISTINCT FROM OLD.ticket_type_ids) EXECUTE FUNCTION events_code_same_event();

-- A code of which somebody holds a use cannot go.
CREATE OR REPLACE FUNCTION events_codeuse_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'code % has % uses taken', OLD.code_id, OLD.used
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'code_in_use';
END $$;

DROP TRIGGER IF EXISTS in_use ON events_codeuse;
CREATE TRIGGER in_use BEFORE DELETE ON events_codeuse
    FOR EACH ROW WHEN (OLD.used > 0) EXECUTE FUNCTION events_codeuse_in_use();

-- Half-empty pages keep the hot row's new versions beside the old, as for stock.
ALTER TABLE events_codeuse SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000);

-- Event.version, raised by what pages show of codes: that there are any, and what each does. Its uses raise nothing.
DROP TRIGGER IF EXISTS bump_insert ON events_code;
CREATE TRIGGER bump_insert AFTER INSERT ON events_code REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_update ON events_code;
CREATE TRIGGER bump_update AFTER UPDATE ON events_code REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
DROP TRIGGER IF EXISTS bump_delete ON events_code;
CREATE TRIGGER bump_delete AFTER DELETE ON events_code REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_row();
