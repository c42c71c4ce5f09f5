-- What events have sold and earned, kept by the worker and never counted for a page (checkout/models/numbers.py).
--
-- What one order adds to the numbers is a function of the books alone: checkout_numbers_of. The worker reads of which
-- orders there is new history, takes out what it had counted of them, and puts in what is true now. So to be told of an
-- order twice, or late, changes nothing; and an order counts as what it has become, by whichever way it came there.

-- What these orders add, by ticket type (0: the order as a whole), minute and fact. The rules of money: payments pay
-- for the tickets, and what is above their price is stray. What goes back is of the stray money first, then of the
-- voided tickets in the order in which they were voided, then of the others by number.
CREATE OR REPLACE FUNCTION checkout_numbers_of(p_orders bigint[])
RETURNS TABLE (order_id bigint, event_id bigint, type_id bigint, at timestamptz, fact text, amount bigint)
LANGUAGE sql STABLE AS $$
    -- Nothing here is joined but by an index: what is found is never held against all else that is found.
    WITH orders AS MATERIALIZED (
        SELECT o.id, o.event_id, o.state, o.created_at, o.completed_at, o.closed_at
          FROM checkout_order o WHERE o.id = ANY (p_orders)
    ), tickets AS MATERIALIZED (
        SELECT o.*, t.ticket_type_id, t.price_minor, t.voided_at
          FROM orders o JOIN checkout_ticket t ON t.order_id = o.id
    ), paid AS MATERIALIZED (  -- by order, with what is above the price of its tickets
        SELECT o.id, o.event_id, o.completed_at, max(p.paid_at) AS at,
               greatest(0, sum(p.amount_minor) - CASE WHEN o.completed_at IS NULL THEN 0 ELSE (
                   SELECT sum(t.price_minor) FROM checkout_ticket t WHERE t.order_id = o.id) END) AS stray
          FROM orders o JOIN checkout_payment p ON p.order_id = o.id AND p.state = 'paid'
         GROUP BY o.id, o.event_id, o.completed_at
    ), refunds AS MATERIALIZED (  -- the done ones reach from so far back to up_to, counted without the stray money
        SELECT paid.id, paid.event_id, paid.completed_at, paid.stray, r.state, r.amount_minor, r.created_at, r.done_at,
               sum(r.amount_minor) OVER (PARTITION BY paid.id, r.state ORDER BY r.done_at, r.id) - paid.stray AS up_to
          FROM paid JOIN checkout_payment p ON p.order_id = paid.id JOIN checkout_refund r ON r.payment_id = p.id
    ), facts (order_id, event_id, type_id, at, fact, amount) AS (
        SELECT id, event_id, 0::bigint, created_at, 'holds', 1::numeric FROM orders
        UNION ALL
        SELECT id, event_id, 0, closed_at, 'lapsed', 1
          FROM orders WHERE state IN ('expired', 'cancelled') AND completed_at IS NULL
        UNION ALL
        SELECT id, event_id, 0, completed_at, 'orders', 1 FROM orders WHERE completed_at IS NOT NULL
        UNION ALL
        SELECT id, event_id, ticket_type_id, created_at, 'held', 1
          FROM tickets WHERE state IN ('held', 'paying') AND voided_at IS NULL
        UNION ALL
        SELECT id, event_id, ticket_type_id, completed_at, 'sold', 1 FROM tickets WHERE completed_at IS NOT NULL
        UNION ALL
        SELECT id, event_id, ticket_type_id, completed_at, 'gross_minor', price_minor
          FROM tickets WHERE completed_at IS NOT NULL AND price_minor > 0
        UNION ALL
        SELECT id, event_id, ticket_type_id, voided_at, 'voided', 1
          FROM tickets WHERE completed_at IS NOT NULL AND voided_at IS NOT NULL
        UNION ALL
        SELECT r.id, r.event_id, t.ticket_type_id, r.done_at, 'refunded_minor',
               least(t.up_to, r.up_to) - greatest(t.up_to - t.price_minor, r.up_to - r.amount_minor)
          FROM refunds r, LATERAL (
              SELECT ticket_type_id, price_minor, sum(price_minor) OVER (ORDER BY voided_at NULLS LAST, number) AS up_to
                FROM checkout_ticket WHERE order_id = r.id) AS t
         WHERE r.state = 'done' AND r.completed_at IS NOT NULL
           AND least(t.up_to, r.up_to) > greatest(t.up_to - t.price_minor, r.up_to - r.amount_minor)
        UNION ALL
        SELECT id, event_id, 0, created_at, 'refunding_minor', amount_minor FROM refunds WHERE state <> 'done'
        UNION ALL
        SELECT id, event_id, 0, at, 'stray_minor', stray FROM paid WHERE stray > 0
        UNION ALL
        SELECT id, event_id, 0, done_at, 'stray_back_minor', least(up_to, 0) - (up_to - amount_minor)
          FROM refunds WHERE state = 'done' AND up_to - amount_minor < 0
    )
    SELECT f.order_id, f.event_id, f.type_id, date_trunc('minute', f.at, 'UTC'), f.fact, sum(f.amount)::bigint
      FROM facts f GROUP BY 1, 2, 3, 4, 5
$$;

-- The spans that a minute is part of: 0 all of it, 1 its quarter of an hour, 2 itself.
CREATE OR REPLACE FUNCTION checkout_number_spans(p_at timestamptz) RETURNS TABLE (grain smallint, at timestamptz)
LANGUAGE sql IMMUTABLE AS $$
    VALUES (0::smallint, timestamptz '2000-01-01 00:00+00'),
           (1::smallint, date_bin('15 minutes', p_at, timestamptz '2000-01-01 00:00+00')),
           (2::smallint, p_at)
$$;

-- The rows that a fact of a ticket type is in: its own and, as 0, the whole event's.
CREATE OR REPLACE FUNCTION checkout_number_rows(p_type_id bigint) RETURNS TABLE (type_id bigint)
LANGUAGE sql IMMUTABLE AS $$
    SELECT 0::bigint UNION SELECT p_type_id
$$;

-- Counts these orders as they stand: adds what differs from what was counted of them. Whoever calls it has the lock
-- 20261103, so nobody else counts meanwhile.
CREATE OR REPLACE FUNCTION checkout_count_orders(p_orders bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH is_now AS MATERIALIZED (
        SELECT * FROM checkout_numbers_of(p_orders)
    ), was AS MATERIALIZED (
        SELECT o.event_id, line.type_id, line.at, line.fact, line.amount
          FROM checkout_counted c JOIN checkout_order o ON o.id = c.order_id,
               jsonb_to_recordset(c.lines) AS line (type_id bigint, at timestamptz, fact text, amount bigint)
         WHERE c.order_id = ANY (p_orders)
    ), kept AS (
        INSERT INTO checkout_counted AS c (order_id, lines)
        SELECT order_id, jsonb_agg(to_jsonb(line) - 'order_id' - 'event_id' ORDER BY type_id, at, fact)
          FROM is_now AS line GROUP BY order_id ORDER BY order_id
        ON CONFLICT (order_id) DO UPDATE SET lines = EXCLUDED.lines WHERE c.lines <> EXCLUDED.lines
    ), differing AS (
        SELECT event_id, type_id, at, fact, amount FROM is_now
        UNION ALL
        SELECT event_id, type_id, at, fact, -amount FROM was
    ), moved AS (
        SELECT event_id, span.grain, span.at, of.type_id, fact, sum(amount)::bigint AS amount
          FROM differing, checkout_number_spans(differing.at) AS span, checkout_number_rows(differing.type_id) AS of
         GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0
    )
    INSERT INTO checkout_number AS n (
        event_id, grain, at, ticket_type_id,
        holds, lapsed, orders, held, sold, voided, gross_minor, refunded_minor, refunding_minor, stray_minor,
        stray_back_minor)
    SELECT event_id, grain, at, nullif(type_id, 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'holds'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'lapsed'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'orders'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'held'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'sold'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'voided'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'gross_minor'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'refunded_minor'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'refunding_minor'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'stray_minor'), 0),
           coalesce(sum(amount) FILTER (WHERE fact = 'stray_back_minor'), 0)
      FROM moved GROUP BY event_id, grain, at, type_id ORDER BY event_id, grain, at, type_id
    ON CONFLICT (event_id, grain, at, ticket_type_id) DO UPDATE SET
        holds = n.holds + EXCLUDED.holds, lapsed = n.lapsed + EXCLUDED.lapsed, orders = n.orders + EXCLUDED.orders,
        held = n.held + EXCLUDED.held, sold = n.sold + EXCLUDED.sold, voided = n.voided + EXCLUDED.voided,
        gross_minor = n.gross_minor + EXCLUDED.gross_minor,
        refunded_minor = n.refunded_minor + EXCLUDED.refunded_minor,
        refunding_minor = n.refunding_minor + EXCLUDED.refunding_minor,
        stray_minor = n.stray_minor + EXCLUDED.stray_minor,
        stray_back_minor = n.stray_back_minor + EXCLUDED.stray_back_minor;
END $$;

-- Counts the orders of which there is new history, up to `p_most` lines of it, and answers how many lines it read. Of
-- several workers one counts, and the others answer 0 without waiting.
--
-- Lines are committed in any order. A number below the highest one seen that is not to be seen yet is a hole: it is
-- looked for at each pass. Whoever was given it had written before (an order's row comes before its history,
-- everywhere), so it has a lower transaction than this function's next call has. Once all lower ones are over, a hole
-- that is still there belongs to nobody and is forgotten.
CREATE OR REPLACE FUNCTION checkout_count_numbers(p_most int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_mark checkout_numbersmark;
    v_self bigint;
    v_oldest bigint;        -- all lower transactions are over
    v_ids bigint[];         -- lines read, of these orders
    v_orders bigint[];
    v_fresh int;            -- how many of them are new, and from where to where
    v_first bigint;
    v_last bigint;
BEGIN
    PERFORM 1 FROM checkout_numbersmark m WHERE m.holes || m.old_holes = '{}'
                                            AND NOT EXISTS (SELECT 1 FROM checkout_orderevent WHERE id > m.seen);
    IF FOUND THEN
        RETURN 0;  -- a quiet second costs one read
    END IF;
    IF NOT pg_try_advisory_xact_lock(20261103, 1) THEN
        RETURN 0;
    END IF;
    INSERT INTO checkout_numbersmark (id, seen, holes, old_holes, old_since) VALUES (1, 0, '{}', '{}', 0)
    ON CONFLICT DO NOTHING;
    SELECT * INTO v_mark FROM checkout_numbersmark WHERE id = 1;
    v_self := pg_current_xact_id()::text::bigint;
    IF v_mark.old_holes = '{}' THEN
        v_mark.old_holes := v_mark.holes;
        v_mark.old_since := v_self;
        v_mark.holes := '{}';
    END IF;

    -- One statement, so the lines and who is still writing are of one moment.
    WITH fresh AS MATERIALIZED (
        SELECT id, order_id FROM checkout_orderevent WHERE id > v_mark.seen ORDER BY id LIMIT p_most
    ), found AS MATERIALIZED (
        SELECT id, order_id FROM fresh
        UNION ALL
        SELECT id, order_id FROM checkout_orderevent WHERE id = ANY (v_mark.holes || v_mark.old_holes)
    )
    SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(DISTINCT order_id), '{}'),
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
           (SELECT count(*) FROM fresh), (SELECT min(id) FROM fresh), (SELECT max(id) FROM fresh)
      INTO v_ids, v_orders, v_oldest, v_fresh, v_first, v_last FROM found;
    PERFORM set_config('synchronous_commit', 'off', true);  -- lost in a crash, mark and numbers are lost together
    PERFORM checkout_count_orders(v_orders);

    UPDATE checkout_numbersmark SET
        seen = coalesce(v_last, v_mark.seen),
        holes = ARRAY(SELECT unnest(v_mark.holes)
                      -- Not from the first that there ever was: nobody writes so many at once.
                      UNION SELECT generate_series(greatest(v_mark.seen + 1, v_first - 10000), v_last)
                      EXCEPT SELECT unnest(v_ids)),
        old_holes = CASE WHEN v_oldest >= v_mark.old_since THEN '{}'
                         ELSE ARRAY(SELECT unnest(v_mark.old_holes) EXCEPT SELECT unnest(v_ids)) END,
        old_since = v_mark.old_since
     WHERE id = 1;
    RETURN v_fresh;
END $$;

-- Counts one event anew, from nothing: for when its numbers are doubted.
CREATE OR REPLACE FUNCTION checkout_rebuild_numbers(p_event_id bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_orders bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(20261103, 1);
    v_orders := ARRAY(SELECT id FROM checkout_order WHERE event_id = p_event_id);
    DELETE FROM checkout_counted WHERE order_id = ANY (v_orders);
    DELETE FROM checkout_number WHERE event_id = p_event_id;
    FOR v_from IN 1..cardinality(v_orders) BY 1000 LOOP
        PERFORM checkout_count_orders(v_orders[v_from : v_from + 999]);
    END LOOP;
    RETURN cardinality(v_orders);
END $$;
