-- The uses of codes, which move with the stock. Quotas are locked before codes, codes in id order, everywhere.
-- One use is one live ticket whose discount_minor is not NULL, in an order that is held, being paid or complete.

-- Takes uses of one code. Raises TT002 when there are not enough.
CREATE OR REPLACE FUNCTION checkout_take_uses(p_code bigint, p_uses int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events_codeuse SET used = used + p_uses
     WHERE code_id = p_code AND (capacity IS NULL OR used + p_uses <= capacity);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no uses left' USING ERRCODE = 'TT002', DETAIL = p_code::text;
    END IF;
END $$;

-- Gives back what the live tickets of these orders used.
CREATE OR REPLACE FUNCTION checkout_give_back_uses(p_orders bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    back record;
BEGIN
    FOR back IN
        SELECT o.code_id, count(*)::int AS uses
          FROM checkout_order o JOIN checkout_ticket t ON t.order_id = o.id
         WHERE o.id = ANY (p_orders) AND o.code_id IS NOT NULL AND t.discount_minor IS NOT NULL AND t.voided_at IS NULL
         GROUP BY o.code_id ORDER BY o.code_id
    LOOP
        UPDATE events_codeuse SET used = used - back.uses WHERE code_id = back.code_id;
    END LOOP;
END $$;

-- Takes again what an expired order's tickets once used, for a payment that came late. Raises TT002. Whether the code
-- is still on does not matter: it was when the buyer chose.
CREATE OR REPLACE FUNCTION checkout_take_uses_again(p_order bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_code bigint;
    v_uses int;
BEGIN
    SELECT o.code_id, count(*)::int INTO v_code, v_uses
      FROM checkout_order o JOIN checkout_ticket t ON t.order_id = o.id
     WHERE o.id = p_order AND o.code_id IS NOT NULL AND t.discount_minor IS NOT NULL AND t.voided_at IS NULL
     GROUP BY o.code_id;
    IF FOUND THEN
        PERFORM checkout_take_uses(v_code, v_uses);
    END IF;
END $$;

-- used = live tickets that the code changed, in orders that hold stock, for every code.
CREATE OR REPLACE FUNCTION checkout_ledger_of_codes() RETURNS TABLE (code_id bigint, used int, counted bigint, capacity int)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    WITH counted AS (
        SELECT o.code_id, count(*) AS uses
          FROM checkout_order o
          JOIN checkout_ticket t ON t.order_id = o.id AND t.voided_at IS NULL AND t.discount_minor IS NOT NULL
         WHERE o.code_id IS NOT NULL AND o.state IN ('held', 'paying', 'complete')
         GROUP BY o.code_id
    )
    SELECT coalesce(u.code_id, c.code_id), coalesce(u.used, 0), coalesce(c.uses, 0), u.capacity
      FROM events_codeuse u FULL JOIN counted c ON c.code_id = u.code_id
     WHERE coalesce(u.used, 0) <> coalesce(c.uses, 0) OR coalesce(u.used, 0) > coalesce(u.capacity, 2147483647)
     ORDER BY 1;
END $$;

-- A code that somebody has an order by cannot go, as an event or a ticket type cannot (guards.sql).
CREATE OR REPLACE FUNCTION checkout_code_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20261102, OLD.event_id::int);
    IF EXISTS (SELECT 1 FROM checkout_order WHERE code_id = OLD.id) THEN
        RAISE EXCEPTION 'code % has orders', OLD.id USING ERRCODE = 'restrict_violation', CONSTRAINT = 'code_in_use';
    END IF;
    RETURN OLD;
END $$;

DROP TRIGGER IF EXISTS in_use ON events_code;
CREATE TRIGGER in_use BEFORE DELETE ON events_code FOR EACH ROW EXECUTE FUNCTION checkout_code_in_use();
