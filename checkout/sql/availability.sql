-- Writes what is left of each ticket type, in words, and answers how many changed. Only a change is written,
-- and only a change raises the event's version, so a quiet second costs one read.
--
-- Few: at most a tenth of the tightest quota's capacity, or at most five. All held: nothing to be had now, but
-- somebody holds without having paid. A ticket type without a quota never runs out.
--
-- Rows that somebody else is just changing are skipped, not waited for: the next tick comes in a second, and a
-- ticker that never waits can lock nobody out.
CREATE OR REPLACE FUNCTION checkout_refresh_availability(p_event_id bigint DEFAULT NULL) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_types bigint[];
    v_words text[];
    v_free bigint[];
    v_changed int;
BEGIN
    WITH held AS MATERIALIZED (
        SELECT DISTINCT quota_id
          FROM checkout_order o
          JOIN checkout_ticket t ON t.order_id = o.id AND t.voided_at IS NULL, unnest(t.quota_ids) AS quota_id
         WHERE o.state IN ('held', 'paying') AND (p_event_id IS NULL OR o.event_id = p_event_id)
    ), judged AS (
        SELECT t.id, t.availability,
               CASE WHEN bool_or(s.capacity - s.taken < t.min_per_order AND h.quota_id IS NULL) THEN 'sold_out'
                    WHEN bool_or(s.capacity - s.taken < t.min_per_order) THEN 'all_held'
                    WHEN bool_or(s.capacity - s.taken <= greatest(5, s.capacity / 10)) THEN 'few'
                    ELSE 'plenty'
               END AS word
          FROM events_tickettype t
          JOIN events_event e ON e.id = t.event_id AND e.state = 'live'
          LEFT JOIN events_draw d ON d.ticket_type_id = t.id
          LEFT JOIN events_stock s ON s.quota_id = d.quota_id
          LEFT JOIN held h ON h.quota_id = d.quota_id
         WHERE p_event_id IS NULL OR t.event_id = p_event_id
         GROUP BY t.id
    )
    SELECT array_agg(id), array_agg(word) INTO v_types, v_words FROM judged WHERE availability <> word;
    IF v_types IS NULL THEN
        RETURN 0;
    END IF;

    -- The event first, since changing a ticket type raises its version.
    SELECT array_agg(id) INTO v_free FROM (
        SELECT id FROM events_event WHERE id IN (SELECT event_id FROM events_tickettype WHERE id = ANY (v_types))
         ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) AS event;
    SELECT array_agg(id) INTO v_free FROM (
        SELECT id FROM events_tickettype WHERE id = ANY (v_types) AND event_id = ANY (v_free)
         ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) AS ticket_type;
    UPDATE events_tickettype t SET availability = judged.word
      FROM unnest(v_types, v_words) AS judged (id, word) WHERE judged.id = t.id AND t.id = ANY (v_free);
    GET DIAGNOSTICS v_changed = ROW_COUNT;
    RETURN v_changed;
END $$;
