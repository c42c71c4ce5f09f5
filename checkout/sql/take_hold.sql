-- One hold, one statement, one round trip: the order, its tickets, its first line of history, and last,
-- so that the hot rows are locked for microseconds, one guarded update per quota in id order.
--
-- Answers jsonb, one of:
--   {"token": …}                 the order; also when this key made it before ("replayed": true)
--   {"faults": [{slug, code, limit}]}   nothing was written. Codes: unknown, not_yet, closed, too_few,
--                                too_many, too_little, paused, repeated (limit: the bound broken), short
--                                (limit: how many of that ticket type are left); with an empty slug, of the
--                                code: code_unknown, code_off, code_not_yet, code_over, code_too_few (limit: the
--                                fewest tickets), code_short (limit: how many uses are left)
--   {"closed": true}             the event is not selling
-- Raises SQLSTATE TT001 (TT002) when a racer took the last units (uses of the code) between the look and the take;
-- everything is undone, and calling again gives the shortfall in words.

-- Functions name columns that are younger than the migration which installed them first.
SET LOCAL check_function_bodies = off;

-- A short reference that people can read out: the order's number, scattered over all words of that
-- length in twenty consonants, so that neighbours do not look alike and no two are the same.
CREATE OR REPLACE FUNCTION checkout_reference(p_id bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    letters CONSTANT text := 'BCDFGHJKLMNPQRSTVWXZ';
    size bigint := 160000;          -- 20 ^ 4
    rest bigint := p_id;
    word text := '';
    places int := 4;
BEGIN
    WHILE rest >= size LOOP         -- longer words once the shorter are used up
        rest := rest - size;
        size := size * 20;
        places := places + 1;
    END LOOP;
    rest := (rest * 1234567891 % size + 48271) % size;   -- the factor shares no prime with 20, so this is one to one
    FOR place IN 1..places LOOP
        word := substr(letters, (rest % 20)::int + 1, 1) || word;
        rest := rest / 20;
    END LOOP;
    RETURN word;
END $$;

-- What is wrong with the lines asked for, as jsonb, or NULL. `p_amounts` holds what the buyer offers for
-- pay-what-you-want lines and NULL elsewhere; `p_opened` the secret types that a code opens.
DROP FUNCTION IF EXISTS checkout_line_faults(bigint, text, text[], int[], bigint[], timestamptz);  -- before codes
CREATE OR REPLACE FUNCTION checkout_line_faults(
    p_event_id bigint, p_secret text, p_opened bigint[], p_slugs text[], p_quantities int[], p_amounts bigint[],
    p_now timestamptz
) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('slug', slug, 'code', code, 'limit', bound) ORDER BY place)
      FROM (
        SELECT line.place, line.slug,
               CASE WHEN t.id IS NULL OR t.is_hidden OR (t.secret AND t.secret_key <> p_secret AND t.id <> ALL (p_opened)) THEN 'unknown'
                    WHEN line.times > 1 THEN 'repeated'
                    WHEN t.is_paused THEN 'paused'
                    WHEN p_now < t.sale_starts_at THEN 'not_yet'
                    WHEN p_now >= t.sale_ends_at THEN 'closed'
                    WHEN line.quantity < t.min_per_order THEN 'too_few'
                    WHEN line.quantity > t.max_per_order THEN 'too_many'
                    WHEN t.kind = 'pwyw' AND coalesce(line.amount, -1) < t.minimum_minor THEN 'too_little'
               END AS code,
               CASE WHEN line.quantity < t.min_per_order THEN t.min_per_order
                    WHEN line.quantity > t.max_per_order THEN t.max_per_order
                    ELSE t.minimum_minor
               END AS bound
          FROM (SELECT slug, quantity, amount, place, count(*) OVER (PARTITION BY slug) AS times
                  FROM unnest(p_slugs, p_quantities, p_amounts) WITH ORDINALITY AS asked (slug, quantity, amount, place)
               ) AS line
          LEFT JOIN events_tickettype t ON t.event_id = p_event_id AND t.slug = line.slug
      ) AS judged
     WHERE code IS NOT NULL
$$;

-- Which lines draw on a quota without room for all of them together, and how many of that type are left.
CREATE OR REPLACE FUNCTION checkout_shortfalls(p_types bigint[], p_slugs text[], p_quotas bigint[], p_needs int[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('slug', slug, 'code', 'short', 'limit', room) ORDER BY place)
      FROM (
        SELECT line.place, line.slug, min(s.capacity - s.taken) AS room
          FROM unnest(p_types, p_slugs) WITH ORDINALITY AS line (type_id, slug, place)
          JOIN events_draw d ON d.ticket_type_id = line.type_id
          JOIN events_stock s ON s.quota_id = d.quota_id
         GROUP BY line.place, line.slug
        HAVING bool_or(d.quota_id IN (
            SELECT need.quota_id FROM unnest(p_quotas, p_needs) AS need (quota_id, units)
              JOIN events_stock hot ON hot.quota_id = need.quota_id
             WHERE hot.taken + need.units > hot.capacity))
      ) AS short
$$;

-- Takes units from quotas, which must be sorted by id. All or nothing: a shortfall raises TT001.
CREATE OR REPLACE FUNCTION checkout_take_stock(p_quotas bigint[], p_needs int[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR place IN 1..coalesce(cardinality(p_quotas), 0) LOOP
        UPDATE events_stock SET taken = taken + p_needs[place]
         WHERE quota_id = p_quotas[place] AND taken + p_needs[place] <= capacity;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no room left' USING ERRCODE = 'TT001', DETAIL = p_quotas[place]::text;
        END IF;
    END LOOP;
END $$;

-- Why a code cannot be used now, as one of the words above, or NULL.
CREATE OR REPLACE FUNCTION checkout_code_fault(p_is_on boolean, p_starts_at timestamptz, p_ends_at timestamptz, p_now timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_is_on IS NULL THEN 'code_unknown'
                WHEN NOT p_is_on THEN 'code_off'
                WHEN p_now < p_starts_at THEN 'code_not_yet'
                WHEN p_now >= p_ends_at THEN 'code_over'
           END
$$;

-- What a code takes off one ticket, 0 when it does no more than open it, NULL when it has no part in it. A price that
-- the buyer names themselves is left alone.
CREATE OR REPLACE FUNCTION checkout_cut(
    p_type_id bigint, p_price bigint, p_kind text, p_opens boolean,
    p_only bigint[], p_percent int, p_amount bigint, p_currency text
) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_cut bigint := 0;
BEGIN
    IF p_type_id <> ALL (p_only) THEN
        RETURN NULL;
    END IF;
    IF p_kind <> 'pwyw' THEN
        v_cut := events_discount(p_price, p_percent, p_amount, p_currency);
    END IF;
    RETURN CASE WHEN v_cut > 0 OR p_opens THEN v_cut END;
END $$;

CREATE OR REPLACE FUNCTION checkout_fault_of_code(p_fault text, p_limit int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(jsonb_build_object('slug', '', 'code', p_fault, 'limit', p_limit))
$$;

DROP FUNCTION IF EXISTS checkout_take_hold(bigint, text, uuid, text, text[], int[], bigint[], text[], timestamptz);
CREATE OR REPLACE FUNCTION checkout_take_hold(
    p_event_id bigint, p_token text, p_key uuid, p_secret text,
    p_slugs text[], p_quantities int[], p_amounts bigint[],
    p_codes text[],                     -- one for each ticket, line after line
    p_now timestamptz,
    p_code text                         -- the event's code to apply, in capitals, or ''
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_order_id bigint;
    v_token text;
    v_hold interval;
    v_currency text;
    v_type record;
    v_quota_id bigint;
    v_place int;
    v_number int := 0;
    v_total bigint := 0;
    v_types bigint[] := '{}';           -- per line: ticket type,
    v_prices bigint[] := '{}';          -- price of one, after what the code takes off,
    v_cuts bigint[] := '{}';            -- what it takes off, NULL where it has no part,
    v_drawn bigint[] := '{}';           -- quotas that it draws on, line after line,
    v_drawn_until int[] := '{0}';       -- and where each line's end, after a first 0
    v_quotas bigint[] := '{}';          -- per quota of the whole order:
    v_needs int[] := '{}';              -- units to take
    v_code record;                      -- the code, where one was given,
    v_code_id bigint;                   -- NULL without,
    v_fault text;
    v_opened bigint[] := '{}';          -- the secret types that it opens,
    v_cut bigint;                       -- what it takes off the line in hand,
    v_uses int := 0;                    -- tickets that it changes,
    v_left int;                         -- and uses that are left, NULL without a limit
BEGIN
    -- A hold lost in a crash was never paid for, and its stock is lost with it: nothing can disagree.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- Takes the place of foreign keys to event and ticket type: who deletes one waits for the holds under way, and
    -- a hold that comes after does not find it any more (guards.sql).
    PERFORM pg_advisory_xact_lock_shared(20261102, p_event_id::int);

    SELECT make_interval(mins => hold_minutes), currency INTO v_hold, v_currency
      FROM events_event WHERE id = p_event_id AND state = 'live';
    IF NOT FOUND THEN
        RETURN jsonb_build_object('closed', true);
    END IF;

    SELECT token INTO v_token FROM checkout_order WHERE event_id = p_event_id AND idempotency_key = p_key;
    IF FOUND THEN
        RETURN jsonb_build_object('token', v_token, 'replayed', true);
    END IF;

    IF p_code <> '' THEN
        SELECT c.id, c.percent, c.amount_minor, c.ticket_type_ids, c.reveals_secret, c.fewest_tickets, c.is_on,
               c.starts_at, c.ends_at INTO v_code
          FROM events_code c WHERE c.event_id = p_event_id AND c.text = p_code;
        v_fault := checkout_code_fault(v_code.is_on, v_code.starts_at, v_code.ends_at, p_now);
        IF v_fault IS NOT NULL THEN
            RETURN jsonb_build_object('faults', checkout_fault_of_code(v_fault, NULL));
        END IF;
        v_code_id := v_code.id;
        IF v_code.reveals_secret THEN
            v_opened := ARRAY(SELECT t.id FROM events_tickettype t
                               WHERE t.event_id = p_event_id AND t.slug = ANY (p_slugs) AND t.secret
                                 AND (v_code.ticket_type_ids IS NULL OR t.id = ANY (v_code.ticket_type_ids)));
        END IF;
    END IF;

    -- Line by line: an order has few, and a look-up by key costs less than one clever statement over them all.
    FOR line IN 1..cardinality(p_slugs) LOOP
        SELECT t.id, t.secret, t.secret_key, t.kind, t.is_paused, t.sale_starts_at, t.sale_ends_at, t.min_per_order, t.max_per_order,
               coalesce(t.minimum_minor, 0) AS least,
               CASE WHEN t.kind = 'pwyw' THEN coalesce(p_amounts[line], -1) ELSE t.price_minor END AS price,
               ARRAY(SELECT d.quota_id FROM events_draw d WHERE d.ticket_type_id = t.id ORDER BY d.quota_id) AS quota_ids
          INTO v_type
          FROM events_tickettype t WHERE t.event_id = p_event_id AND t.slug = p_slugs[line];
        IF v_type.id IS NULL OR v_type.id = ANY (v_types)
           OR (v_type.secret AND v_type.secret_key <> p_secret AND v_type.id <> ALL (v_opened)) OR v_type.is_paused
           OR coalesce(p_now < v_type.sale_starts_at, false) OR coalesce(p_now >= v_type.sale_ends_at, false)
           OR p_quantities[line] < v_type.min_per_order OR p_quantities[line] > v_type.max_per_order
           OR v_type.price < v_type.least
        THEN
            RETURN jsonb_build_object('faults',
                checkout_line_faults(p_event_id, p_secret, v_opened, p_slugs, p_quantities, p_amounts, p_now));
        END IF;
        v_cut := NULL;
        IF v_code_id IS NOT NULL THEN
            v_cut := checkout_cut(v_type.id, v_type.price, v_type.kind, v_type.secret AND v_type.secret_key <> p_secret,
                                  v_code.ticket_type_ids, v_code.percent, v_code.amount_minor, v_currency);
            v_uses := v_uses + CASE WHEN v_cut IS NULL THEN 0 ELSE p_quantities[line] END;
        END IF;
        v_types := v_types || v_type.id;
        v_cuts := v_cuts || v_cut;
        v_prices := v_prices || (v_type.price - coalesce(v_cut, 0));
        v_total := v_total + (v_type.price - coalesce(v_cut, 0)) * p_quantities[line];
        v_drawn := v_drawn || v_type.quota_ids;
        v_drawn_until := v_drawn_until || cardinality(v_drawn);
        FOREACH v_quota_id IN ARRAY v_type.quota_ids LOOP
            v_place := array_position(v_quotas, v_quota_id);
            IF v_place IS NULL THEN
                v_quotas := v_quotas || v_quota_id;
                v_needs := v_needs || p_quantities[line];
            ELSE
                v_needs[v_place] := v_needs[v_place] + p_quantities[line];
            END IF;
        END LOOP;
    END LOOP;
    IF cardinality(v_types) > 1 THEN    -- one line's are in id order already
        SELECT array_agg(quota_id ORDER BY quota_id), array_agg(units ORDER BY quota_id) INTO v_quotas, v_needs
          FROM unnest(v_quotas, v_needs) AS need (quota_id, units);
    END IF;

    -- A look without a lock, so that the crowd after the last ticket writes nothing.
    FOR place IN 1..coalesce(cardinality(v_quotas), 0) LOOP
        PERFORM 1 FROM events_stock WHERE quota_id = v_quotas[place] AND taken + v_needs[place] > capacity;
        IF FOUND THEN
            -- Perhaps it is this very click, sent twice, that took the last ones since we looked for its key.
            SELECT token INTO v_token FROM checkout_order WHERE event_id = p_event_id AND idempotency_key = p_key;
            IF FOUND THEN
                RETURN jsonb_build_object('token', v_token, 'replayed', true);
            END IF;
            RETURN jsonb_build_object('faults', checkout_shortfalls(v_types, p_slugs, v_quotas, v_needs));
        END IF;
    END LOOP;

    IF v_uses > 0 THEN
        IF v_uses < v_code.fewest_tickets THEN
            RETURN jsonb_build_object('faults', checkout_fault_of_code('code_too_few', v_code.fewest_tickets));
        END IF;
        SELECT capacity - used INTO v_left FROM events_codeuse WHERE code_id = v_code_id;
        IF v_left < v_uses THEN         -- as above
            SELECT token INTO v_token FROM checkout_order WHERE event_id = p_event_id AND idempotency_key = p_key;
            IF FOUND THEN
                RETURN jsonb_build_object('token', v_token, 'replayed', true);
            END IF;
            RETURN jsonb_build_object('faults', checkout_fault_of_code('code_short', v_left));
        END IF;
    ELSE
        v_code_id := NULL;              -- it changes nothing of what was chosen: the order goes on without it
    END IF;

    v_order_id := nextval('checkout_order_id_seq');
    INSERT INTO checkout_order (id, event_id, token, reference, idempotency_key, state, total_minor, full_name,
                                email, code_id, code_text, renewals, created_at, expires_at)
    VALUES (v_order_id, p_event_id, p_token, checkout_reference(v_order_id), p_key, 'held', v_total,
            '', '', v_code_id, CASE WHEN v_code_id IS NULL THEN '' ELSE p_code END, 0, p_now, p_now + v_hold)
    ON CONFLICT (event_id, idempotency_key) DO NOTHING;
    IF NOT FOUND THEN   -- the same click arrived twice at once, and the other won
        SELECT token INTO v_token FROM checkout_order WHERE event_id = p_event_id AND idempotency_key = p_key;
        RETURN jsonb_build_object('token', v_token, 'replayed', true);
    END IF;

    FOR line IN 1..cardinality(p_slugs) LOOP
        INSERT INTO checkout_ticket (order_id, ticket_type_id, number, code, price_minor, discount_minor, quota_ids,
                                     attendee_name)
        SELECT v_order_id, v_types[line], number, p_codes[number], v_prices[line], v_cuts[line],
               v_drawn[v_drawn_until[line] + 1 : v_drawn_until[line + 1]], ''
          FROM generate_series(v_number + 1, v_number + p_quantities[line]) AS number;
        v_number := v_number + p_quantities[line];
    END LOOP;

    INSERT INTO checkout_orderevent (order_id, kind, at, by, note) VALUES (v_order_id, 'held', p_now, 'buyer', '');

    PERFORM checkout_take_stock(v_quotas, v_needs);
    IF v_code_id IS NOT NULL THEN
        PERFORM checkout_take_uses(v_code_id, v_uses);
    END IF;
    RETURN jsonb_build_object('token', p_token);
END $$;
