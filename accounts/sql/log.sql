-- The audit log is only ever added to.
CREATE OR REPLACE FUNCTION accounts_log_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'log_fixed';
END $$;

DROP TRIGGER IF EXISTS fixed ON accounts_logentry;
CREATE TRIGGER fixed BEFORE UPDATE OR DELETE ON accounts_logentry
    FOR EACH ROW EXECUTE FUNCTION accounts_log_fixed();
