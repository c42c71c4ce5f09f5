-- Voids these tickets of an order that the caller has locked, and answers those that were live, with their prices' sum.
-- Their units go back on sale, or leave the quotas for good, as in checkout_give_back and checkout_retire.
CREATE OR REPLACE FUNCTION checkout_void_tickets(p_order bigint, p_numbers int[], p_back_on_sale boolean, p_now timestamptz)
RETURNS TABLE (numbers int[], price bigint) LANGUAGE plpgsql AS $$
DECLARE
    back record;
BEGIN
    WITH gone AS (
        UPDATE checkout_ticket SET voided_at = p_now
         WHERE order_id = p_order AND number = ANY (p_numbers) AND voided_at IS NULL
        RETURNING number, price_minor, quota_ids
    )
    SELECT coalesce(array_agg(number ORDER BY number), '{}'), coalesce(sum(price_minor), 0)::bigint
      INTO numbers, price FROM gone;
    FOR back IN
        SELECT quota_id, count(*)::int AS units FROM checkout_ticket t, unnest(t.quota_ids) AS quota_id
         WHERE t.order_id = p_order AND t.number = ANY (numbers)
         GROUP BY quota_id ORDER BY quota_id
    LOOP
        UPDATE events_stock
           SET taken = taken - back.units, capacity = capacity - CASE WHEN p_back_on_sale THEN 0 ELSE back.units END
         WHERE quota_id = back.quota_id;
    END LOOP;
    RETURN NEXT;
END $$;
