-- Writes what is left of each ticket type, in words, and answers how many changed. Only a change is written,
-- and only a change raises the event's version, so a quiet second costs one read.
--
-- Few: at most a tenth of the tightest quota's capacity, or at most five. All held: nothing to be had now, but
-- somebody holds without having paid. A ticket type without a quota never runs out.
--
-- Nearly all ticket types have plenty left and say so, and those are not looked at. Looked at are: types that draw on a
-- quota of which little is left, types that say another word than plenty, and types of which the smallest order is so
-- large (over six) that a quota may have room and yet too little for them. The first two steps find what to look at, each
-- told how little the one before has found, so that it goes by index. The third judges: one statement, so one moment.
--
-- Rows that somebody else is just changing are skipped, not waited for: the next tick comes in a second, and a
-- ticker that never waits can lock nobody out.
CREATE OR REPLACE FUNCTION checkout_refresh_availability(p_event_id bigint DEFAULT NULL) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_low bigint[];         -- quotas of which little is left
    v_types bigint[];
    v_words text[];
    v_free bigint[];
    v_short bigint[];       -- quotas with too little left for the smallest order of a type that draws on them
    v_events bigint[];      -- and whose they are
    v_changed int;
BEGIN
    IF p_event_id IS NULL THEN
        -- The one read of a whole table: an index on what is left would have to be written by every hold.
        v_low := ARRAY(SELECT quota_id FROM events_stock WHERE capacity - taken <= greatest(5, capacity / 10));
    ELSE
        v_low := ARRAY(SELECT s.quota_id FROM events_quota q JOIN events_stock s ON s.quota_id = q.id
                        WHERE q.event_id = p_event_id AND s.capacity - s.taken <= greatest(5, s.capacity / 10));
    END IF;
    v_types := ARRAY(
        SELECT ticket_type_id FROM events_draw WHERE quota_id = ANY (v_low)
        UNION
        SELECT id FROM events_tickettype WHERE (availability <> 'plenty' OR min_per_order > 6)
                                           AND (p_event_id IS NULL OR event_id = p_event_id));
    SELECT array_agg(DISTINCT d.quota_id), array_agg(DISTINCT t.event_id) INTO v_short, v_events
      FROM events_tickettype t
      JOIN events_draw d ON d.ticket_type_id = t.id
      JOIN events_stock s ON s.quota_id = d.quota_id
     WHERE t.id = ANY (v_types) AND s.capacity - s.taken < t.min_per_order;

    -- Who holds is asked only where a quota is short, of its event's open orders. What has run short since we looked is
    -- left to the next tick.
    WITH held AS MATERIALIZED (
        SELECT DISTINCT unnest(t.quota_ids) AS quota_id
          FROM checkout_order o JOIN checkout_ticket t ON t.order_id = o.id AND t.voided_at IS NULL
         WHERE o.state IN ('held', 'paying') AND o.event_id = ANY (v_events)
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
          LEFT JOIN unnest(v_short) AS known (quota_id) ON known.quota_id = d.quota_id
         WHERE t.id = ANY (v_types)
         GROUP BY t.id
        HAVING bool_and(d.id IS NULL OR s.capacity - s.taken >= t.min_per_order OR known.quota_id IS NOT NULL)
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
