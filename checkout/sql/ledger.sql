-- What check_ledger asks. Each function answers a row for each thing that disagrees; no rows is the proof.

-- taken = units of live tickets in orders that hold stock, for every quota.
CREATE OR REPLACE FUNCTION checkout_ledger_of_stock() RETURNS TABLE (quota_id bigint, taken int, counted bigint, capacity int)
LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT unit AS quota_id, count(*) AS units
          FROM checkout_order o
          JOIN checkout_ticket t ON t.order_id = o.id AND t.voided_at IS NULL, unnest(t.quota_ids) AS unit
         WHERE o.state IN ('held', 'paying', 'complete')
         GROUP BY unit
    )
    SELECT coalesce(s.quota_id, c.quota_id), coalesce(s.taken, 0), coalesce(c.units, 0), coalesce(s.capacity, 0)
      FROM events_stock s FULL JOIN counted c ON c.quota_id = s.quota_id
     WHERE coalesce(s.taken, 0) <> coalesce(c.units, 0) OR coalesce(s.taken, 0) > coalesce(s.capacity, 0)
     ORDER BY 1
$$;

-- paid − refunded = price of the live tickets of a complete order, and nothing for any other.
CREATE OR REPLACE FUNCTION checkout_ledger_of_money() RETURNS TABLE (
    order_id bigint, reference text, state text, paid bigint, refunded bigint, owed bigint
) LANGUAGE sql STABLE AS $$
    SELECT o.id, o.reference, o.state, coalesce(p.paid, 0), coalesce(p.refunded, 0), coalesce(t.price, 0)
      FROM checkout_order o
      LEFT JOIN (SELECT order_id, sum(amount_minor)::bigint AS paid, sum(refunded_minor)::bigint AS refunded
                   FROM checkout_payment WHERE state = 'paid' GROUP BY order_id) p ON p.order_id = o.id
      LEFT JOIN (SELECT order_id, sum(price_minor)::bigint AS price
                   FROM checkout_ticket WHERE voided_at IS NULL GROUP BY order_id) t
             ON t.order_id = o.id AND o.state = 'complete'
     WHERE coalesce(p.paid, 0) - coalesce(p.refunded, 0) <> coalesce(t.price, 0)
     ORDER BY 1
$$;

-- A payment's count of what went back is the sum of its refunds.
CREATE OR REPLACE FUNCTION checkout_ledger_of_refunds() RETURNS TABLE (payment_id bigint, claimed bigint, counted bigint)
LANGUAGE sql STABLE AS $$
    SELECT p.id, p.refunded_minor, coalesce(sum(r.amount_minor), 0)::bigint
      FROM checkout_payment p LEFT JOIN checkout_refund r ON r.payment_id = p.id
     GROUP BY p.id
    HAVING p.refunded_minor <> coalesce(sum(r.amount_minor), 0)
     ORDER BY 1
$$;

-- An order's total is the sum of its tickets, and it has some; a complete one owes or has sent its mail.
CREATE OR REPLACE FUNCTION checkout_ledger_of_orders() RETURNS TABLE (order_id bigint, reference text, fault text)
LANGUAGE sql STABLE AS $$
    SELECT o.id, o.reference, 'has no tickets' FROM checkout_order o
     WHERE NOT EXISTS (SELECT 1 FROM checkout_ticket t WHERE t.order_id = o.id)
    UNION ALL
    SELECT o.id, o.reference, 'total differs from its tickets' FROM checkout_order o
      JOIN (SELECT order_id, sum(price_minor) AS price FROM checkout_ticket GROUP BY order_id) t ON t.order_id = o.id
     WHERE t.price <> o.total_minor
    UNION ALL
    SELECT o.id, o.reference, 'is complete and no mail was owed' FROM checkout_order o
     WHERE o.state = 'complete' AND NOT EXISTS (
        SELECT 1 FROM checkout_mail m WHERE m.order_id = o.id AND m.kind IN ('tickets', 'found_tickets'))
    ORDER BY 1
$$;
