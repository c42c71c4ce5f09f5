-- An order that the organiser gives away: complete at once, at no price. Like a hold (take_hold.sql) it is one statement
-- and takes its stock last, never past the capacity; sale windows and limits for one order do not bind it.
--
-- Answers jsonb: {"id": …} (with "replayed": true when this key made it before), or {"faults": [{slug, code, limit}]}
-- with codes unknown and short. Raises TT001 when a racer took the last units; calling again tells.
CREATE OR REPLACE FUNCTION checkout_give_tickets(
    p_event_id bigint, p_token text, p_key uuid, p_slugs text[], p_quantities int[], p_codes text[],
    p_full_name text, p_email text, p_by text, p_note text, p_now timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_order_id bigint;
    v_types bigint[];
    v_faults jsonb;
    v_quotas bigint[];
    v_needs int[];
BEGIN
    PERFORM pg_advisory_xact_lock_shared(20261102, p_event_id::int);
    SELECT id INTO v_order_id FROM checkout_order WHERE event_id = p_event_id AND idempotency_key = p_key;
    IF FOUND THEN
        RETURN jsonb_build_object('id', v_order_id, 'replayed', true);
    END IF;
    SELECT array_agg(t.id ORDER BY place),
           jsonb_agg(jsonb_build_object('slug', line.slug, 'code', 'unknown', 'limit', NULL)) FILTER (WHERE t.id IS NULL)
      INTO v_types, v_faults
      FROM unnest(p_slugs) WITH ORDINALITY AS line (slug, place)
      LEFT JOIN events_tickettype t ON t.event_id = p_event_id AND t.slug = line.slug;
    IF v_faults IS NOT NULL THEN
        RETURN jsonb_build_object('faults', v_faults);
    END IF;
    SELECT array_agg(quota_id ORDER BY quota_id), array_agg(units ORDER BY quota_id) INTO v_quotas, v_needs
      FROM (SELECT d.quota_id, sum(line.quantity)::int AS units
              FROM unnest(v_types, p_quantities) AS line (type_id, quantity)
              JOIN events_draw d ON d.ticket_type_id = line.type_id GROUP BY d.quota_id) AS need;
    v_faults := checkout_shortfalls(v_types, p_slugs, v_quotas, v_needs);
    IF v_faults IS NOT NULL THEN
        RETURN jsonb_build_object('faults', v_faults);
    END IF;

    v_order_id := nextval('checkout_order_id_seq');
    INSERT INTO checkout_order (id, event_id, token, reference, idempotency_key, state, total_minor, full_name,
                                email, renewals, created_at, expires_at, completed_at)
    VALUES (v_order_id, p_event_id, p_token, checkout_reference(v_order_id), p_key, 'complete', 0, p_full_name,
            p_email, 0, p_now, p_now, p_now)
    ON CONFLICT (event_id, idempotency_key) DO NOTHING;
    IF NOT FOUND THEN   -- the same click arrived twice at once, and the other won
        SELECT id INTO v_order_id FROM checkout_order WHERE event_id = p_event_id AND idempotency_key = p_key;
        RETURN jsonb_build_object('id', v_order_id, 'replayed', true);
    END IF;
    INSERT INTO checkout_ticket (order_id, ticket_type_id, number, code, price_minor, quota_ids, attendee_name)
    SELECT v_order_id, type_id, number, p_codes[number], 0,
           ARRAY(SELECT d.quota_id FROM events_draw d WHERE d.ticket_type_id = type_id ORDER BY d.quota_id), ''
      FROM (SELECT line.type_id, row_number() OVER (ORDER BY line.place, one) AS number
              FROM unnest(v_types, p_quantities) WITH ORDINALITY AS line (type_id, quantity, place),
                   generate_series(1, line.quantity) AS one) AS wanted;
    INSERT INTO checkout_orderevent (order_id, kind, at, by, note)
    VALUES (v_order_id, 'given', p_now, p_by, p_note);
    PERFORM checkout_take_stock(v_quotas, v_needs);
    RETURN jsonb_build_object('id', v_order_id);
END $$;
