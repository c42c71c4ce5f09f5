-- The ways stock comes back. Orders are locked before quotas, quotas in id order, everywhere.

-- Gives back what the live tickets of these orders took. The caller has already moved the orders out of the
-- states that hold stock, in the same transaction, by a conditional update that only one racer can win.
CREATE OR REPLACE FUNCTION checkout_give_back(p_orders bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    back record;
BEGIN
    FOR back IN
        SELECT quota_id, count(*)::int AS units
          FROM checkout_ticket t, unnest(t.quota_ids) AS quota_id
         WHERE t.order_id = ANY (p_orders) AND t.voided_at IS NULL
         GROUP BY quota_id ORDER BY quota_id
    LOOP
        UPDATE events_stock SET taken = taken - back.units WHERE quota_id = back.quota_id;
    END LOOP;
    PERFORM checkout_give_back_uses(p_orders);
END $$;

-- Takes again what an expired order's tickets once took, for a payment that came late. Raises TT001, or
-- TT002 when the uses of its code are gone (codes.sql).
CREATE OR REPLACE FUNCTION checkout_take_again(p_order bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_quotas bigint[];
    v_needs int[];
BEGIN
    SELECT array_agg(quota_id ORDER BY quota_id), array_agg(units ORDER BY quota_id) INTO v_quotas, v_needs
      FROM (SELECT quota_id, count(*)::int AS units
              FROM checkout_ticket t, unnest(t.quota_ids) AS quota_id
             WHERE t.order_id = p_order AND t.voided_at IS NULL
             GROUP BY quota_id) AS need;
    PERFORM checkout_take_stock(v_quotas, v_needs);
    PERFORM checkout_take_uses_again(p_order);
END $$;

-- Expires up to `p_most` holds that are past their time, and answers how many. Orders that another sweep or
-- a buyer is just working on are skipped, not waited for. Orders in `paying` are not touched: only the
-- payment provider can say how those ended.
CREATE OR REPLACE FUNCTION checkout_sweep(p_now timestamptz, p_most int, p_event_id bigint DEFAULT NULL)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_orders bigint[];
BEGIN
    WITH due AS (
        SELECT id FROM checkout_order
         WHERE state = 'held' AND expires_at <= p_now AND (p_event_id IS NULL OR event_id = p_event_id)
         ORDER BY expires_at LIMIT p_most
           FOR UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE checkout_order o SET state = 'expired', closed_at = p_now FROM due WHERE o.id = due.id RETURNING o.id
    )
    SELECT array_agg(id) INTO v_orders FROM gone;
    IF v_orders IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO checkout_orderevent (order_id, kind, at, by, note)
    SELECT id, 'expired', p_now, 'system', '' FROM unnest(v_orders) AS id ORDER BY id;
    PERFORM checkout_give_back(v_orders);
    RETURN cardinality(v_orders);
END $$;

-- Takes units out of the quotas for good: for a cancelled order whose places shall not be sold again. In test mode they
-- only go back, as nothing was sold. The uses of its code come back all the same: what limits a code is how many have its
-- tickets.
CREATE OR REPLACE FUNCTION checkout_retire(p_orders bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    gone record;
BEGIN
    FOR gone IN
        SELECT quota_id, count(*)::int AS units
          FROM checkout_ticket t, unnest(t.quota_ids) AS quota_id
         WHERE t.order_id = ANY (p_orders) AND t.voided_at IS NULL
         GROUP BY quota_id ORDER BY quota_id
    LOOP
        UPDATE events_stock s SET taken = taken - gone.units,
                                  capacity = capacity - CASE WHEN e.is_test THEN 0 ELSE gone.units END
          FROM events_quota q JOIN events_event e ON e.id = q.event_id
         WHERE s.quota_id = gone.quota_id AND q.id = s.quota_id;
    END LOOP;
    PERFORM checkout_give_back_uses(p_orders);
END $$;
