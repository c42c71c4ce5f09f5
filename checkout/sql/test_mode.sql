-- Test mode begins and ends while the event has no order: so no test order ever becomes a real one, nor the other way.
-- Holds share this lock per event (take_hold.sql), so none slips in between the look and the change.
CREATE OR REPLACE FUNCTION checkout_test_mode_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20261102, OLD.id::int);
    IF EXISTS (SELECT 1 FROM checkout_order WHERE event_id = OLD.id) THEN
        RAISE EXCEPTION 'event % has orders, so its test mode cannot change', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'test_mode_without_orders';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS test_mode ON events_event;
CREATE TRIGGER test_mode BEFORE UPDATE OF is_test ON events_event
    FOR EACH ROW WHEN (OLD.is_test IS DISTINCT FROM NEW.is_test) EXECUTE FUNCTION checkout_test_mode_step();
