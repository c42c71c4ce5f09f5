-- A rehearsal stays one, and of the same event: else its orders would go to the real payment provider, and its mail out.
CREATE OR REPLACE FUNCTION events_rehearsal_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'whether event % is a rehearsal does not change', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'rehearsal_fixed';
END $$;

DROP TRIGGER IF EXISTS rehearsal_fixed ON events_event;
CREATE TRIGGER rehearsal_fixed BEFORE UPDATE ON events_event FOR EACH ROW
    WHEN (OLD.rehearsal_of_id IS DISTINCT FROM NEW.rehearsal_of_id) EXECUTE FUNCTION events_rehearsal_fixed();
