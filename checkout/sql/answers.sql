-- What foreign keys and CHECKs cannot say about answers.

-- Order, ticket, question and version belong together; and a question is answered for what it is asked of.
CREATE OR REPLACE FUNCTION checkout_answer_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM checkout_order o
          JOIN events_question q ON q.id = NEW.question_id AND q.event_id = o.event_id
          JOIN events_questionversion v ON v.id = NEW.version_id AND v.question_id = q.id
         WHERE o.id = NEW.order_id AND q.is_per_ticket = (NEW.ticket_id IS NOT NULL)
    ) OR (NEW.ticket_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM checkout_ticket WHERE id = NEW.ticket_id AND order_id = NEW.order_id
    )) THEN
        RAISE EXCEPTION 'order %, ticket %, question % and version % do not belong together',
            NEW.order_id, NEW.ticket_id, NEW.question_id, NEW.version_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_fits';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS fits ON checkout_answer;
CREATE TRIGGER fits BEFORE INSERT OR UPDATE OF order_id, ticket_id, question_id, version_id ON checkout_answer
    FOR EACH ROW EXECUTE FUNCTION checkout_answer_fits();

-- Whom a question is asked of stays as it is once somebody has answered: the answers would hang in the air.
CREATE OR REPLACE FUNCTION checkout_question_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM checkout_answer WHERE question_id = OLD.id) THEN
        RAISE EXCEPTION 'question % has answers', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'question_answered';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS answered ON events_question;
CREATE TRIGGER answered BEFORE UPDATE ON events_question FOR EACH ROW
    WHEN (OLD.is_per_ticket IS DISTINCT FROM NEW.is_per_ticket OR OLD.event_id IS DISTINCT FROM NEW.event_id)
    EXECUTE FUNCTION checkout_question_answered();

-- The answers of one order for the tickets of another, number by number: when a hold that has lapsed is taken again.
CREATE OR REPLACE FUNCTION checkout_copy_answers(p_from bigint, p_to bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO checkout_answer (order_id, ticket_id, question_id, version_id, texts, answered_at)
    SELECT p_to, new.id, a.question_id, a.version_id, a.texts, a.answered_at
      FROM checkout_answer a
      LEFT JOIN checkout_ticket old ON old.id = a.ticket_id
      LEFT JOIN checkout_ticket new ON new.order_id = p_to AND new.number = old.number
                                   AND new.ticket_type_id = old.ticket_type_id
     WHERE a.order_id = p_from AND (a.ticket_id IS NULL OR new.id IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM checkout_answerfile f WHERE f.answer_id = a.id)
     ORDER BY a.question_id, new.id
        ON CONFLICT DO NOTHING
$$;
