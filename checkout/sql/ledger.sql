-- What check_ledger asks. Each function answers a row for each thing that disagrees; no rows is the proof.

-- The first migration that runs this has not all of these tables yet; a later one runs it again.
SET LOCAL check_function_bodies = off;

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

-- paid − refunded = price of the live tickets of a complete order, and nothing for any other; and what the organiser
-- has kept of voided tickets (below zero: goodwill), which the order's reversals say.
CREATE OR REPLACE FUNCTION checkout_ledger_of_money() RETURNS TABLE (
    order_id bigint, reference text, state text, paid bigint, refunded bigint, owed bigint
) LANGUAGE sql STABLE AS $$
    SELECT o.id, o.reference, o.state, coalesce(p.paid, 0), coalesce(p.refunded, 0),
           coalesce(t.price, 0) + coalesce(r.kept, 0)
      FROM checkout_order o
      LEFT JOIN (SELECT order_id, sum(amount_minor)::bigint AS paid, sum(refunded_minor)::bigint AS refunded
                   FROM checkout_payment WHERE state = 'paid' GROUP BY order_id) p ON p.order_id = o.id
      LEFT JOIN (SELECT order_id, sum(price_minor)::bigint AS price
                   FROM checkout_ticket WHERE voided_at IS NULL GROUP BY order_id) t
             ON t.order_id = o.id AND o.state = 'complete'
      LEFT JOIN (SELECT order_id, sum(tickets_minor - amount_minor)::bigint AS kept
                   FROM checkout_reversal GROUP BY order_id) r ON r.order_id = o.id
     WHERE coalesce(p.paid, 0) - coalesce(p.refunded, 0) <> coalesce(t.price, 0) + coalesce(r.kept, 0)
     ORDER BY 1
$$;

-- The same for one event's orders that have a buyer, for its organiser's page.
CREATE OR REPLACE FUNCTION checkout_ledger_of_event(p_event_id bigint) RETURNS TABLE (
    order_id bigint, reference text, state text, paid bigint, refunded bigint, owed bigint
) LANGUAGE sql STABLE AS $$
    WITH ours AS (SELECT id, reference, state FROM checkout_order WHERE event_id = p_event_id AND email <> ''),
    paid AS (SELECT p.order_id, sum(p.amount_minor)::bigint AS paid, sum(p.refunded_minor)::bigint AS refunded
               FROM checkout_payment p JOIN ours ON ours.id = p.order_id WHERE p.state = 'paid' GROUP BY p.order_id),
    priced AS (SELECT t.order_id, sum(t.price_minor)::bigint AS price FROM checkout_ticket t JOIN ours ON ours.id = t.order_id
                WHERE t.voided_at IS NULL AND ours.state = 'complete' GROUP BY t.order_id),
    kept AS (SELECT r.order_id, sum(r.tickets_minor - r.amount_minor)::bigint AS kept
               FROM checkout_reversal r JOIN ours ON ours.id = r.order_id GROUP BY r.order_id)
    SELECT ours.id, ours.reference, ours.state, coalesce(paid.paid, 0), coalesce(paid.refunded, 0),
           coalesce(priced.price, 0) + coalesce(kept.kept, 0)
      FROM ours
      LEFT JOIN paid ON paid.order_id = ours.id
      LEFT JOIN priced ON priced.order_id = ours.id
      LEFT JOIN kept ON kept.order_id = ours.id
     WHERE coalesce(paid.paid, 0) - coalesce(paid.refunded, 0) <> coalesce(priced.price, 0) + coalesce(kept.kept, 0)
     ORDER BY 1
$$;

-- A reversal's money is the sum of its refunds, and its tickets are void and cost what it says.
CREATE OR REPLACE FUNCTION checkout_ledger_of_reversals() RETURNS TABLE (
    order_id bigint, reference text, amount bigint, refunds bigint, tickets bigint, voided bigint
) LANGUAGE sql STABLE AS $$
    SELECT r.order_id, o.reference, r.amount_minor, coalesce(b.sent, 0), r.tickets_minor, coalesce(v.price, 0)
      FROM checkout_reversal r
      JOIN checkout_order o ON o.id = r.order_id
      LEFT JOIN (SELECT reversal_id, sum(amount_minor)::bigint AS sent
                   FROM checkout_refund GROUP BY reversal_id) b ON b.reversal_id = r.id
      LEFT JOIN LATERAL (SELECT sum(t.price_minor)::bigint AS price FROM checkout_ticket t
                          WHERE t.order_id = r.order_id AND t.number = ANY (r.ticket_numbers)
                            AND t.voided_at IS NOT NULL) v ON true
     WHERE r.amount_minor <> coalesce(b.sent, 0) OR r.tickets_minor <> coalesce(v.price, 0)
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
