-- What foreign keys and CHECKs cannot say about orders.

-- The steps an order may take. Python's conditional updates ask for the same; this refuses all others.
CREATE OR REPLACE FUNCTION checkout_order_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('held', 'paying'), ('held', 'complete'), ('held', 'expired'), ('held', 'cancelled'),
        ('paying', 'complete'), ('paying', 'expired'), ('paying', 'cancelled'),
        ('expired', 'complete'),   -- a late payment found its stock again
        ('complete', 'cancelled')
    ) THEN
        RAISE EXCEPTION 'an order cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_step';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS step ON checkout_order;
CREATE TRIGGER step BEFORE UPDATE OF state ON checkout_order
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION checkout_order_step();

-- History is only ever added to. A rehearsal's or a test's goes with all else of it (remove_rehearsal.sql).
CREATE OR REPLACE FUNCTION checkout_history_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM checkout_order o JOIN events_event e ON e.id = o.event_id
         WHERE o.id = OLD.order_id AND (e.rehearsal_of_id IS NOT NULL OR e.is_test)
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an order''s history is append-only'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'history_fixed';
END $$;

DROP TRIGGER IF EXISTS fixed ON checkout_orderevent;
CREATE TRIGGER fixed BEFORE UPDATE OR DELETE ON checkout_orderevent
    FOR EACH ROW EXECUTE FUNCTION checkout_history_fixed();
-- What was taken back stays as it was written, too. (The table comes with a later migration than this file's first.)
DO $$
BEGIN
    IF to_regclass('checkout_reversal') IS NOT NULL THEN
        CREATE OR REPLACE TRIGGER fixed BEFORE UPDATE OR DELETE ON checkout_reversal
            FOR EACH ROW EXECUTE FUNCTION checkout_history_fixed();
    END IF;
END $$;

-- An event or ticket type that somebody has an order for cannot go. Takes the place of foreign keys on the hot
-- tables, whose checks would make every hold lock the same two rows. Holds share a lock per event that deleting
-- takes alone (take_hold.sql), so none slips in between the look and the deletion.
CREATE OR REPLACE FUNCTION checkout_event_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20261102, OLD.id::int);
    IF EXISTS (SELECT 1 FROM checkout_order WHERE event_id = OLD.id) THEN
        RAISE EXCEPTION 'event % has orders', OLD.id USING ERRCODE = 'restrict_violation', CONSTRAINT = 'event_in_use';
    END IF;
    RETURN OLD;
END $$;

DROP TRIGGER IF EXISTS in_use ON events_event;
CREATE TRIGGER in_use BEFORE DELETE ON events_event FOR EACH ROW EXECUTE FUNCTION checkout_event_in_use();

CREATE OR REPLACE FUNCTION checkout_ticket_type_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20261102, OLD.event_id::int);
    IF EXISTS (SELECT 1 FROM checkout_ticket WHERE ticket_type_id = OLD.id) THEN
        RAISE EXCEPTION 'ticket type % has tickets', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ticket_type_in_use';
    END IF;
    RETURN OLD;
END $$;

DROP TRIGGER IF EXISTS in_use ON events_tickettype;
CREATE TRIGGER in_use BEFORE DELETE ON events_tickettype
    FOR EACH ROW EXECUTE FUNCTION checkout_ticket_type_in_use();

-- Django makes foreign keys deferred: checked at commit, so after the hold has locked its stock. Checked with the
-- insert, they cost the same and keep that lock short.
DO $$
DECLARE
    key record;
BEGIN
    FOR key IN SELECT conrelid::regclass AS of_table, conname FROM pg_constraint
                WHERE contype = 'f' AND conrelid IN ('checkout_ticket'::regclass, 'checkout_orderevent'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', key.of_table, key.conname);
    END LOOP;
END $$;
