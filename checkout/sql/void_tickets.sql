-- Voids these tickets of an order that the caller has locked, and answers those that were live, with their prices' sum.
-- Their units go back on sale, or leave the quotas for good, and the uses of its code come back: as in checkout_give_back
-- and checkout_retire.
CREATE OR REPLACE FUNCTION checkout_void_tickets(p_order bigint, p_numbers int[], p_back_on_sale boolean, p_now timestamptz)
RETURNS TABLE (numbers int[], price bigint) LANGUAGE plpgsql AS $$
DECLARE
    back record;
    v_uses int;
BEGIN
    WITH gone AS (
        UPDATE checkout_ticket SET voided_at = p_now
         WHERE order_id = p_order AND number = ANY (p_numbers) AND voided_at IS NULL
        RETURNING number, price_minor, discount_minor
    )
    SELECT coalesce(array_agg(number ORDER BY number), '{}'), coalesce(sum(price_minor), 0)::bigint,
           count(discount_minor)::int
      INTO numbers, price, v_uses FROM gone;
    FOR back IN
        SELECT quota_id, count(*)::int AS units FROM checkout_ticket t, unnest(t.quota_ids) AS quota_id
         WHERE t.order_id = p_order AND t.number = ANY (numbers)
         GROUP BY quota_id ORDER BY quota_id
    LOOP
        UPDATE events_stock s
           SET taken = taken - back.units,
               capacity = capacity - CASE WHEN p_back_on_sale OR e.is_test THEN 0 ELSE back.units END
          FROM events_quota q JOIN events_event e ON e.id = q.event_id
         WHERE s.quota_id = back.quota_id AND q.id = s.quota_id;
    END LOOP;
    IF v_uses > 0 THEN
        UPDATE events_codeuse u SET used = used - v_uses
          FROM checkout_order o WHERE o.id = p_order AND u.code_id = o.code_id;
    END IF;
    RETURN NEXT;
END $$;
