-- An organiser that has an owner keeps one: an owner of all its events, for one that is limited may not run the team.
-- Looked at when the transaction ends, so that an owner may be made and another unmade in any order. Two who take away
-- the last two owners at once wait for each other at the organiser's row, and the second one sees what the first did.
CREATE OR REPLACE FUNCTION accounts_keep_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_organiser WHERE id = OLD.organiser_id FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT 1 FROM accounts_membership WHERE organiser_id = OLD.organiser_id AND role = 'owner' AND NOT is_limited
    ) THEN
        RAISE EXCEPTION 'an organiser keeps an owner' USING ERRCODE = 'check_violation', CONSTRAINT = 'organiser_keeps_owner';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS keeps_owner ON accounts_membership;
CREATE CONSTRAINT TRIGGER keeps_owner AFTER UPDATE OR DELETE ON accounts_membership
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.role = 'owner' AND NOT OLD.is_limited)
    EXECUTE FUNCTION accounts_keep_an_owner();
