-- Whose money a payment is, said by the database: a buyer's never goes to an account that is not the organiser's at that
-- moment, and a test order's is play money and nothing else.

-- The account of a new payment is the organiser's current one, or none. Who replaces or removes an account takes the lock
-- alone (checkout/actions/stripe_accounts.py), so no payment slips in between the look and the change.
CREATE OR REPLACE FUNCTION checkout_payment_taker() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_event record;
    v_account bigint;
BEGIN
    SELECT e.organiser_id, e.is_test, e.rehearsal_of_id IS NOT NULL AS is_rehearsal INTO v_event
      FROM checkout_order o JOIN events_event e ON e.id = o.event_id WHERE o.id = NEW.order_id;
    IF TG_OP = 'UPDATE' THEN
        v_account := OLD.account_id;
    ELSIF NOT (v_event.is_test OR v_event.is_rehearsal) THEN
        PERFORM pg_advisory_xact_lock_shared(20261125, v_event.organiser_id::int);
        SELECT id INTO v_account FROM accounts_stripeaccount
         WHERE organiser_id = v_event.organiser_id AND retired_at IS NULL;
    END IF;
    IF NEW.account_id IS DISTINCT FROM v_account THEN
        RAISE EXCEPTION 'payment % goes to account %, and should to %', NEW.id, NEW.account_id, v_account
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_account_current';
    END IF;
    IF NEW.session_id IS NOT NULL AND v_event.is_test <> (NEW.session_id LIKE 'play\_%') THEN
        RAISE EXCEPTION 'a test order is paid with play money, and no other is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_play_money_for_tests';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER IF EXISTS taker_insert ON checkout_payment;
CREATE TRIGGER taker_insert BEFORE INSERT ON checkout_payment FOR EACH ROW EXECUTE FUNCTION checkout_payment_taker();
DROP TRIGGER IF EXISTS taker_update ON checkout_payment;
CREATE TRIGGER taker_update BEFORE UPDATE ON checkout_payment FOR EACH ROW
    WHEN (OLD.session_id IS DISTINCT FROM NEW.session_id OR OLD.account_id IS DISTINCT FROM NEW.account_id
          OR OLD.order_id IS DISTINCT FROM NEW.order_id)
    EXECUTE FUNCTION checkout_payment_taker();

-- Takes the place of a foreign key, whose check would have each payment lock the account's row.
CREATE OR REPLACE FUNCTION checkout_account_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20261125, OLD.organiser_id::int);
    IF EXISTS (SELECT 1 FROM checkout_payment WHERE account_id = OLD.id) THEN
        RAISE EXCEPTION 'account % has payments', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'account_in_use';
    END IF;
    RETURN OLD;
END $$;

DROP TRIGGER IF EXISTS in_use ON accounts_stripeaccount;
CREATE TRIGGER in_use BEFORE DELETE ON accounts_stripeaccount FOR EACH ROW EXECUTE FUNCTION checkout_account_in_use();
