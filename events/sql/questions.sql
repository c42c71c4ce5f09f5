-- What foreign keys and CHECKs cannot say about questions, and Event.version raised by them.

-- How many questions an event asks is kept in its own row: whoever reads the event knows whether there are any.
CREATE OR REPLACE FUNCTION events_count_questions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In id order, so two bulk changes cannot lock each other out. The lock is held to the end, so that of two changes
    -- to one event's questions the second is checked below with the first in sight.
    PERFORM 1 FROM events_event WHERE id IN (SELECT event_id FROM changed) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event e
       SET question_count = (SELECT count(*) FROM events_question q WHERE q.event_id = e.id AND q.archived_at IS NULL)
     WHERE id IN (SELECT event_id FROM changed);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS count_insert ON events_question;
CREATE TRIGGER count_insert AFTER INSERT ON events_question REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_count_questions();
DROP TRIGGER IF EXISTS count_update ON events_question;
CREATE TRIGGER count_update AFTER UPDATE ON events_question REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_count_questions();
DROP TRIGGER IF EXISTS count_delete ON events_question;
CREATE TRIGGER count_delete AFTER DELETE ON events_question REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_count_questions();

CREATE OR REPLACE FUNCTION events_bump_by_question() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := ARRAY(SELECT q.event_id FROM changed c JOIN events_question q ON q.id = c.question_id);
BEGIN
    PERFORM 1 FROM events_event WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
    UPDATE events_event SET version = version WHERE id = ANY (ids);
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS bump_insert ON events_questionversion;
CREATE TRIGGER bump_insert AFTER INSERT ON events_questionversion REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_question();
DROP TRIGGER IF EXISTS bump_insert ON events_questiontarget;
CREATE TRIGGER bump_insert AFTER INSERT ON events_questiontarget REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_question();
DROP TRIGGER IF EXISTS bump_delete ON events_questiontarget;
CREATE TRIGGER bump_delete AFTER DELETE ON events_questiontarget REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION events_bump_by_question();

-- Words that somebody may have answered are not put into their mouth: a change is a new version.
CREATE OR REPLACE FUNCTION events_question_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'version % of question % does not change', OLD.number, OLD.question_id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'question_version_fixed';
END $$;

DROP TRIGGER IF EXISTS fixed ON events_questionversion;
CREATE TRIGGER fixed BEFORE UPDATE ON events_questionversion
    FOR EACH ROW EXECUTE FUNCTION events_question_version_fixed();

-- A question is asked for ticket types of its own event.
CREATE OR REPLACE FUNCTION events_question_target_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT event_id FROM events_tickettype WHERE id = NEW.ticket_type_id)
       IS DISTINCT FROM (SELECT event_id FROM events_question WHERE id = NEW.question_id) THEN
        RAISE EXCEPTION 'question % and ticket type % belong to different events', NEW.question_id, NEW.ticket_type_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_target_same_event';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS fits ON events_questiontarget;
CREATE TRIGGER fits BEFORE INSERT OR UPDATE ON events_questiontarget
    FOR EACH ROW EXECUTE FUNCTION events_question_target_fits();

-- A condition looks back: at a question of the same event that comes earlier (so there are no circles), that has been
-- asked by then, of the same ticket or of the order, and that is still asked. Looked at when the change is complete, so
-- that questions can change places. No file is asked for before payment: a hold that lapses would leave it behind.
CREATE OR REPLACE FUNCTION events_question_fits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_question bigint := CASE TG_TABLE_NAME WHEN 'events_question' THEN to_jsonb(NEW) ->> 'id'
                                            ELSE to_jsonb(NEW) ->> 'question_id' END;
BEGIN
    IF EXISTS (
        SELECT 1 FROM events_question q JOIN events_question earlier ON earlier.id = q.only_if_id
         WHERE v_question IN (q.id, earlier.id)
           AND (earlier.event_id <> q.event_id OR earlier.position >= q.position
                OR (earlier.is_per_ticket AND NOT q.is_per_ticket)
                OR (q.is_before_payment AND NOT earlier.is_before_payment)
                OR (q.archived_at IS NULL AND earlier.archived_at IS NOT NULL))
    ) THEN
        RAISE EXCEPTION 'the condition of question % does not look back', v_question
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_only_if_looks_back';
    END IF;
    IF EXISTS (
        SELECT 1 FROM events_question q JOIN events_questionversion v ON v.question_id = q.id
         WHERE q.id = v_question AND q.is_before_payment AND v.kind = 'file'
           AND v.number = (SELECT max(number) FROM events_questionversion WHERE question_id = q.id)
    ) THEN
        RAISE EXCEPTION 'question % asks for a file before payment', v_question
            USING ERRCODE = 'check_violation', CONSTRAINT = 'question_file_after_payment';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS fits ON events_question;
CREATE CONSTRAINT TRIGGER fits AFTER INSERT OR UPDATE ON events_question DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION events_question_fits();
DROP TRIGGER IF EXISTS fits ON events_questionversion;
CREATE CONSTRAINT TRIGGER fits AFTER INSERT ON events_questionversion DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION events_question_fits();
