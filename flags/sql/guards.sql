-- What foreign keys and CHECKs cannot say about flags.

-- The steps a flag may take; flags/models/flags.py says the same. This refuses all others.
CREATE OR REPLACE FUNCTION flags_stage_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ladder CONSTANT text[] := ARRAY['draft', 'trial', 'beta', 'general'];
    is_step boolean := NEW.stage <> 'unstaged' AND CASE
        WHEN OLD.stage = 'unstaged' OR NEW.stage = 'retired' THEN true
        WHEN OLD.stage = 'retired' THEN NEW.stage = 'draft'
        ELSE array_position(ladder, NEW.stage::text) <= array_position(ladder, OLD.stage::text) + 1
    END;
BEGIN
    -- A stage that is none is for the CHECK to refuse.
    IF is_step IS FALSE THEN
        RAISE EXCEPTION 'a flag cannot go from % to %', OLD.stage, NEW.stage
            USING ERRCODE = 'check_violation', CONSTRAINT = 'flag_stage_step';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS step ON flags_flag;
CREATE TRIGGER step BEFORE UPDATE OF stage ON flags_flag
    FOR EACH ROW WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION flags_stage_step();

-- No flag requires itself, by whatever way round. One change at a time, so that two halves of a circle cannot be written
-- by two transactions that do not see each other.
CREATE OR REPLACE FUNCTION flags_prerequisite_circle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20261113, 1);
    IF EXISTS (
        WITH RECURSIVE reached (id) AS (
            SELECT NEW.requires_id
            UNION
            SELECT p.requires_id FROM flags_prerequisite p JOIN reached ON p.flag_id = reached.id WHERE p.id <> NEW.id
        )
        SELECT FROM reached WHERE id = NEW.flag_id
    ) AND NEW.flag_id <> NEW.requires_id THEN  -- of one alone the CHECK says so
        RAISE EXCEPTION 'flag % would require itself', NEW.flag_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prerequisite_no_circle';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS no_circle ON flags_prerequisite;
CREATE TRIGGER no_circle BEFORE INSERT OR UPDATE ON flags_prerequisite
    FOR EACH ROW EXECUTE FUNCTION flags_prerequisite_circle();

-- The audit is only ever added to.
CREATE OR REPLACE FUNCTION flags_change_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit of flags is append-only'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'change_fixed';
END $$;

DROP TRIGGER IF EXISTS fixed ON flags_change;
CREATE TRIGGER fixed BEFORE UPDATE OR DELETE ON flags_change
    FOR EACH ROW EXECUTE FUNCTION flags_change_fixed();
