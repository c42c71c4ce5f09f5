-- The audit of flags: a row for each change of a flag, a grant or a prerequisite, whoever made it and by whatever way.
-- Our acts say first who, why and when (flags/audit.py, settings local to the transaction). Without that it is the
-- database role, now: somebody at a database prompt, or code that went past the acts.

-- The fields of one that are otherwise in the other; null if there is none of either.
CREATE OR REPLACE FUNCTION flags_differing(one jsonb, other jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT jsonb_object_agg(key, value) FROM jsonb_each(one) WHERE other -> key IS DISTINCT FROM value);
END $$;

-- TG_ARGV[0] is what the table's rows are called.
CREATE OR REPLACE FUNCTION flags_write_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- When it was last saved, asked for or used is no change.
    was jsonb := to_jsonb(OLD) - ARRAY['modified', 'last_asked_at', 'last_used_at'];
    is_now jsonb := to_jsonb(NEW) - ARRAY['modified', 'last_asked_at', 'last_used_at'];
    subject jsonb := coalesce(is_now, was);
    flag_name text := subject ->> 'name';
    done text := CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END;
BEGIN
    IF was = is_now THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[0] <> 'flag' THEN
        SELECT name INTO flag_name FROM flags_flag WHERE id = (subject ->> 'flag_id')::bigint;
    END IF;
    IF TG_ARGV[0] = 'prerequisite' THEN  -- by name, as numbers tell nobody anything once the flags are gone
        was := was || (SELECT jsonb_build_object('requires', name) FROM flags_flag WHERE id = (was ->> 'requires_id')::bigint);
        is_now := is_now
               || (SELECT jsonb_build_object('requires', name) FROM flags_flag WHERE id = (is_now ->> 'requires_id')::bigint);
    END IF;
    INSERT INTO flags_change (at, by, what, flag, event_id, organiser_id, before, after, reason)
    VALUES (coalesce(nullif(current_setting('tito.at', true), '')::timestamptz, clock_timestamp()),
            coalesce(nullif(current_setting('tito.by', true), ''), 'database: ' || session_user),
            TG_ARGV[0] || ' ' || done, coalesce(flag_name, '?'),
            (subject ->> 'event_id')::bigint, (subject ->> 'organiser_id')::bigint,
            CASE WHEN TG_OP = 'UPDATE' THEN flags_differing(was, is_now) ELSE was END,
            CASE WHEN TG_OP = 'UPDATE' THEN flags_differing(is_now, was) ELSE is_now END,
            coalesce(current_setting('tito.reason', true), ''));
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS audit ON flags_flag;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON flags_flag
    FOR EACH ROW EXECUTE FUNCTION flags_write_change('flag');
DROP TRIGGER IF EXISTS audit ON flags_grant;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON flags_grant
    FOR EACH ROW EXECUTE FUNCTION flags_write_change('grant');
DROP TRIGGER IF EXISTS audit ON flags_prerequisite;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON flags_prerequisite
    FOR EACH ROW EXECUTE FUNCTION flags_write_change('prerequisite');
