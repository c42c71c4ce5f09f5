-- What check_ledger asks of the numbers (numbers.sql). Of an order whose whole history has been read, what was counted is
-- what the books say; and the numbers are the sums of what was counted. Both hold at any moment, in the middle of a sale
-- too. A row for each that does not; no rows is the proof.
CREATE OR REPLACE FUNCTION checkout_ledger_of_numbers() RETURNS TABLE (
    event_id bigint, type_id bigint, grain smallint, at timestamptz, fact text, kept numeric, counted numeric
) LANGUAGE sql STABLE AS $$
    WITH mark AS (
        SELECT coalesce(max(seen), 0) AS seen, coalesce(max(holes || old_holes), '{}') AS holes
          FROM checkout_numbersmark
    ), read AS MATERIALIZED (
        SELECT o.id FROM checkout_order o CROSS JOIN mark
         WHERE NOT EXISTS (SELECT 1 FROM checkout_orderevent h
                            WHERE h.order_id = o.id AND (h.id > mark.seen OR h.id = ANY (mark.holes)))
    ), lines AS MATERIALIZED (
        SELECT c.order_id, o.event_id, line.type_id, line.at, line.fact, line.amount
          FROM checkout_counted c LEFT JOIN checkout_order o ON o.id = c.order_id,
               jsonb_to_recordset(c.lines) AS line (type_id bigint, at timestamptz, fact text, amount bigint)
    ), of_orders AS (
        SELECT event_id, type_id, at, fact, 0 AS kept, amount AS counted
          FROM checkout_numbers_of(ARRAY(SELECT id FROM read))
        UNION ALL
        SELECT event_id, type_id, at, fact, amount, 0 FROM lines WHERE order_id IN (SELECT id FROM read)
    ), of_sums AS (
        SELECT lines.event_id, of.type_id, span.grain, span.at, lines.fact, 0 AS kept, lines.amount AS counted
          FROM lines, checkout_number_spans(lines.at) AS span, checkout_number_rows(lines.type_id) AS of
        UNION ALL
        SELECT n.event_id, coalesce(n.ticket_type_id, 0), n.grain, n.at, one.fact, one.amount, 0
          FROM checkout_number n, LATERAL (VALUES
                       ('holds', n.holds), ('lapsed', n.lapsed), ('orders', n.orders), ('held', n.held),
                       ('sold', n.sold), ('voided', n.voided), ('gross_minor', n.gross_minor),
                       ('refunded_minor', n.refunded_minor), ('refunding_minor', n.refunding_minor),
                       ('stray_minor', n.stray_minor), ('stray_back_minor', n.stray_back_minor)) AS one (fact, amount)
    )
    SELECT event_id, type_id, NULL::smallint, at, fact, sum(kept), sum(counted) FROM of_orders
     GROUP BY event_id, type_id, at, fact HAVING sum(kept) <> sum(counted)
    UNION ALL
    SELECT event_id, type_id, grain, at, fact, sum(kept), sum(counted) FROM of_sums
     GROUP BY event_id, type_id, grain, at, fact HAVING sum(kept) <> sum(counted)
     ORDER BY 1, 2, 3, 4, 5
$$;
