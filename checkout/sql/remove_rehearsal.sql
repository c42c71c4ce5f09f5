-- Removes all that buyers have left at a rehearsal, or at an event in test mode, and answers how many orders that were;
-- events and ticket types are then free to go. Refuses any other event. The lock has holds under way finish first; none
-- comes after, because a rehearsal is no longer live by then, and a test mode ends in the same transaction.
CREATE OR REPLACE FUNCTION checkout_remove_rehearsal(p_event_id bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_orders bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(20261102, p_event_id::int);
    PERFORM 1 FROM events_event WHERE id = p_event_id AND (rehearsal_of_id IS NOT NULL AND state <> 'live' OR is_test);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % is no rehearsal that is over, nor in test mode', p_event_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'only_rehearsals_go';
    END IF;
    PERFORM pg_advisory_xact_lock(20261103, 1);  -- nobody counts them meanwhile (numbers.sql)
    -- Orders before all that hangs on them, in id order, as everywhere.
    v_orders := ARRAY(SELECT id FROM checkout_order WHERE event_id = p_event_id ORDER BY id FOR UPDATE);
    DELETE FROM checkout_refund WHERE payment_id IN (SELECT id FROM checkout_payment WHERE order_id = ANY (v_orders));
    DELETE FROM checkout_reversal WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_pretendpayment WHERE payment_id IN (
        SELECT id FROM checkout_payment WHERE order_id = ANY (v_orders));
    DELETE FROM checkout_payment WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_job WHERE event_id = p_event_id;
    DELETE FROM checkout_mail WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_answerfile
     WHERE answer_id IN (SELECT id FROM checkout_answer WHERE order_id = ANY (v_orders));
    DELETE FROM checkout_answer WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_orderevent WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_ticket WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_counted WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_number WHERE event_id = p_event_id;
    DELETE FROM checkout_order WHERE id = ANY (v_orders);
    UPDATE events_stock SET taken = 0 WHERE quota_id IN (SELECT id FROM events_quota WHERE event_id = p_event_id);
    UPDATE events_codeuse SET used = 0 WHERE code_id IN (SELECT id FROM events_code WHERE event_id = p_event_id);
    RETURN cardinality(v_orders);
END $$;
