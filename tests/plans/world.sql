-- A few years of a busy house, as of now: 200 organisers, 1,000 events, 120,000 orders, 200,000 tickets. The books agree:
-- the ledger is clean. Nothing is random, so plans are the same at each run. Events come in the order of their dates,
-- and orders in the order of their events, as they do in life.

INSERT INTO accounts_user (id, password, is_superuser, is_staff, is_active, date_joined, email, full_name)
SELECT n, '', n = 1, n = 1, true, now(), format('member-%s@example.com', n), format('User %s', n)
  FROM generate_series(1, 400) AS n;

INSERT INTO accounts_organiser (id, slug, name, contact_email, created_at)
SELECT n, format('organiser-%s', n), format('Organiser %s', n), 'help@example.com', now()
  FROM generate_series(1, 200) AS n;

INSERT INTO accounts_membership (id, role, created_at, organiser_id, user_id)
SELECT n, 'owner', now(), (n + 1) / 2, n FROM generate_series(1, 400) AS n;

-- Events 1 to 6 are the ones that the walk visits. Two thirds of the rest are over. Drafts and closed ones are few.
INSERT INTO events_event (id, organiser_id, slug, title, description, venue, timezone, local_starts_at, local_ends_at,
                          currency, state, hold_minutes, accent, version, created_at)
SELECT n, (n - 1) % 200 + 1, format('event-%s', n), format('Event %s', n), repeat('Talks, food and friends. ', 30),
       'The Old Fire Station, Oxford', 'Europe/London', day, day + interval '8 hours', 'GBP',
       CASE WHEN n > 6 AND n % 20 = 7 THEN 'draft' WHEN n > 6 AND n % 20 = 8 THEN 'closed' ELSE 'live' END,
       15, '#4338ca', 1, day - interval '120 days'
  FROM generate_series(1, 1000) AS n,
       LATERAL (SELECT date_trunc('day', localtimestamp) + make_interval(days => CASE WHEN n <= 6 THEN 30 ELSE n - 670 END)
                       AS day) AS dated;

-- Ticket types of each event: 1,000, twice 300, and in the middle 5; they have the ids after `before`.
CREATE TEMPORARY TABLE shape AS
SELECT event_id, types, sum(types) OVER (ORDER BY event_id) - types AS before, starts_at, state
  FROM (SELECT id AS event_id, starts_at, state,
               CASE WHEN id = 1 THEN 1000 WHEN id IN (2, 709) THEN 300 WHEN id % 10 = 0 THEN 1 WHEN id % 10 = 1 THEN 12 ELSE 5 END
                    AS types
          FROM events_event) AS planned;

INSERT INTO events_tickettype (id, event_id, slug, name, description, group_heading, position, kind, price_minor,
                               sale_starts_at, min_per_order, max_per_order, secret, secret_key, availability)
SELECT before + k, event_id, format('type-%s', k), format('Ticket %s', k),
       'Entry for one, with lunch and a programme.', format('Group %s', (k - 1) / 20), k,
       CASE WHEN k % 4 = 1 THEN 'free' ELSE 'paid' END, CASE WHEN k % 4 = 1 THEN 0 ELSE 1000 + k END,
       CASE WHEN event_id % 50 = 9 AND starts_at > now() THEN now() + make_interval(mins => k * 20) END,
       1, 10, k = 4, format('secret-%s-%s', event_id, k), 'plenty'
  FROM shape, generate_series(1, types) AS k;

-- A quota for each ticket type, and one for the whole site.
INSERT INTO events_quota (id, event_id, slug, name, position)
SELECT id, event_id, slug, name, position FROM events_tickettype;
INSERT INTO events_quota (id, event_id, slug, name, position)
SELECT (SELECT max(id) FROM events_tickettype) + event_id, event_id, 'site', 'Whole site', 0 FROM shape;
INSERT INTO events_draw (id, ticket_type_id, quota_id)
SELECT row_number() OVER (ORDER BY t.id, q.id), t.id, q.id
  FROM events_tickettype t JOIN events_quota q ON q.event_id = t.event_id AND (q.id = t.id OR q.slug = 'site');

-- Orders: in life most are complete and old, and a few are under way.
CREATE TEMPORARY TABLE taken AS
SELECT n AS order_id, event_id, types, before,
       CASE WHEN n % 100 < 78 THEN 'complete' WHEN n % 100 < 94 THEN 'expired' WHEN n % 100 < 98 THEN 'cancelled'
            WHEN n % 100 = 98 THEN 'held' WHEN n % 500 = 99 THEN 'paying' ELSE 'complete' END AS planned,
       n % 100 >= 96 AND n % 100 < 98 AS was_voided,
       CASE WHEN n % 3 = 0 THEN 1 ELSE 2 END AS tickets
  FROM generate_series(1, 124000) AS n
  JOIN LATERAL (SELECT CASE WHEN n % 10 < 2 THEN 1 WHEN n % 10 = 2 THEN 2 WHEN n % 10 = 3 THEN 3 + n / 10 % 4
                            ELSE 7 + n * 19 / 2480 + n % 40 END AS event_id) AS chosen ON true
  JOIN shape USING (event_id)
 WHERE shape.state <> 'draft';

CREATE TEMPORARY TABLE sold AS
SELECT order_id, taken.event_id, number, t.id AS type_id, t.price_minor, was_voided
  FROM taken, generate_series(1, tickets) AS number
  JOIN LATERAL (SELECT before + 1 + (order_id * 31 / 10 + CASE WHEN order_id % 5 = 0 THEN number ELSE 0 END) % types AS id)
       AS chosen ON true
  JOIN events_tickettype t ON t.id = chosen.id;

INSERT INTO checkout_order (id, event_id, token, reference, idempotency_key, state, total_minor, full_name, email,
                            renewals, created_at, expires_at, completed_at, closed_at)
SELECT order_id, event_id, format('order-%s', order_id), checkout_reference(order_id), md5(order_id::text)::uuid, state,
       total, CASE WHEN state IN ('held', 'expired') THEN '' ELSE 'Ada Lovelace' END,
       CASE WHEN state IN ('held', 'expired') THEN '' ELSE format('buyer-%s@example.com', order_id / 2) END, 0, at,
       CASE WHEN state = 'held' THEN now() + make_interval(secs => order_id % 1200 - 200)
            WHEN state = 'paying' THEN now() + make_interval(secs => order_id % 1170 - 70)
            ELSE at + interval '15 minutes' END,
       CASE WHEN state = 'complete' OR was_voided THEN at + interval '3 minutes' END,
       CASE WHEN state IN ('expired', 'cancelled') THEN at + interval '15 minutes' END
  FROM taken JOIN (SELECT order_id, sum(price_minor) AS total FROM sold GROUP BY order_id) AS priced USING (order_id),
       LATERAL (SELECT CASE WHEN planned = 'paying' AND total = 0 THEN 'held' ELSE planned END AS state) AS judged,
       LATERAL (SELECT CASE WHEN state IN ('held', 'paying') THEN now() - interval '10 minutes'
                            ELSE now() - make_interval(mins => (124100 - order_id) * 6) END AS at) AS dated
 ORDER BY order_id;

INSERT INTO checkout_ticket (order_id, ticket_type_id, number, code, price_minor, quota_ids, attendee_name, voided_at)
SELECT s.order_id, s.type_id, s.number, lpad(upper(to_hex(s.order_id * 4 + s.number)), 12, '0'), s.price_minor,
       ARRAY[s.type_id, site.id], '', CASE WHEN s.was_voided THEN o.closed_at END
  FROM sold s
  JOIN checkout_order o ON o.id = s.order_id
  JOIN events_quota site ON site.event_id = s.event_id AND site.slug = 'site'
 ORDER BY s.order_id, s.number;

-- One quota in 300 is sold out, one in 30 nearly, one has room.
INSERT INTO events_stock (quota_id, capacity, taken)
SELECT q.id, coalesce(units, 0) + CASE WHEN q.event_id <= 6 OR q.slug = 'site' THEN 500 + coalesce(units, 0)
                                       WHEN q.id % 300 = 11 THEN 0 WHEN q.id % 30 = 7 THEN 3 ELSE 100 END, coalesce(units, 0)
  FROM events_quota q
  LEFT JOIN (SELECT unit, count(*)::int AS units
               FROM checkout_ticket t JOIN checkout_order o ON o.id = t.order_id, unnest(t.quota_ids) AS unit
              WHERE o.state IN ('held', 'paying', 'complete') GROUP BY unit) AS counted ON unit = q.id;

INSERT INTO checkout_orderevent (order_id, kind, at, by, note)
SELECT id, kind, created_at, 'buyer', ''
  FROM checkout_order, unnest(CASE WHEN state = 'held' THEN ARRAY['held'] ELSE ARRAY['held', state] END) AS kind
 ORDER BY id;

INSERT INTO checkout_mail (order_id, kind, "to", key, created_at, next_attempt_at, attempts, sent_at, failed_at, last_error)
SELECT id, kind, email, kind, completed_at, completed_at, 1,
       CASE WHEN id % 400 NOT IN (7, 8) THEN completed_at END, CASE WHEN id % 4000 = 7 THEN completed_at END, ''
  FROM checkout_order, unnest(CASE WHEN state = 'complete' THEN ARRAY['tickets'] ELSE ARRAY['tickets', 'cancelled'] END) AS kind
 WHERE completed_at IS NOT NULL ORDER BY id;

INSERT INTO checkout_payment (order_id, state, attempt, session_id, session_url, provider_reference, amount_minor,
                              refunded_minor, currency, last_error, created_at, paid_at)
SELECT id, CASE state WHEN 'paying' THEN 'open' ELSE 'paid' END, 1, format('cs_seed_%s', id), '', format('pi_seed_%s', id),
       total_minor, CASE state WHEN 'cancelled' THEN total_minor ELSE 0 END, 'GBP', '', created_at, completed_at
  FROM checkout_order WHERE total_minor > 0 AND (state = 'paying' OR completed_at IS NOT NULL) ORDER BY id;

INSERT INTO checkout_refund (payment_id, state, amount_minor, reason, key, provider_reference, attempts, next_attempt_at,
                             last_error, created_at, done_at)
SELECT id, CASE WHEN order_id % 400 = 97 THEN 'pending' WHEN order_id % 2000 = 96 THEN 'failed' ELSE 'done' END,
       refunded_minor, 'Cancelled', format('refund-%s', id), format('re_seed_%s', id), 1, created_at, '', created_at,
       created_at
  FROM checkout_payment WHERE refunded_minor > 0;

INSERT INTO checkout_webhookreceipt (provider_id, kind, session_id, received_at)
SELECT format('evt_seed_%s', id), 'checkout.session.completed', session_id, paid_at
  FROM checkout_payment WHERE state = 'paid';

-- Of those who wait, most wait for one large sale, which opens in some minutes.
INSERT INTO events_reminder (event_id, email, created_at, next_attempt_at, sent_at)
SELECT e.id, format('fan-%s@example.com', n), now() - interval '1 day', now() - interval '1 day',
       CASE WHEN e.id % 50 <> 9 THEN now() END
  FROM events_event e, generate_series(1, CASE e.id WHEN 709 THEN 1000 ELSE 10 END) AS n WHERE e.state = 'live';

-- Questions: of the order and of each ticket, one of them for a chosen ticket type; with answers where orders are complete.
INSERT INTO events_question (id, event_id, slug, position, is_per_ticket, is_required, is_before_payment, is_for_all,
                             only_if_id, only_if_values)
SELECT event_id * 4 + k, event_id, format('question-%s', k), k + 1, k > 0, k = 1, false, k <> 3,
       CASE WHEN k = 2 THEN event_id * 4 + 1 END, CASE WHEN k = 2 THEN ARRAY['Vegan'] ELSE ARRAY[]::text[] END
  FROM shape, generate_series(0, 3) AS k WHERE event_id > 6;
INSERT INTO events_questionversion (question_id, number, kind, label, help_text, choices, made_at)
SELECT id, number, CASE WHEN id % 4 = 1 THEN 'choice' ELSE 'text' END, format('Question %s', id), '',
       CASE WHEN id % 4 = 1 THEN ARRAY['Vegan', 'Any'] ELSE ARRAY[]::text[] END, now()
  FROM events_question, generate_series(1, 2) AS number;
INSERT INTO events_questiontarget (question_id, ticket_type_id)
SELECT q.id, min(t.id) FROM events_question q JOIN events_tickettype t ON t.event_id = q.event_id
 WHERE NOT q.is_for_all GROUP BY q.id;
INSERT INTO checkout_answer (order_id, ticket_id, question_id, version_id, texts, answered_at)
SELECT o.id, t.id, q.id, v.id, ARRAY['Vegan'], o.completed_at
  FROM checkout_order o
  JOIN checkout_ticket t ON t.order_id = o.id
  JOIN events_question q ON q.event_id = o.event_id AND q.id % 4 IN (1, 2)
  JOIN events_questionversion v ON v.question_id = q.id AND v.number = 1 + o.id % 2
 WHERE o.state = 'complete' AND o.id % 2 = 0
 ORDER BY o.id, t.id, q.id;

-- Waiting lists: of small events and one large; some of these people have left, some are owed a mail.
INSERT INTO events_waiting (event_id, email, wanted, token, created_at, is_counted, confirm_at, tell_at, told_at)
SELECT e.id, CASE WHEN n % 10 <> 3 THEN format('fan-%s@example.com', n) END, 1 + n % 4, format('waiting-%s-%s', e.id, n),
       now() - interval '1 day', n % 20 <> 7, CASE WHEN n % 100 = 9 THEN now() END, CASE WHEN n % 100 = 19 THEN now() END,
       CASE WHEN n % 5 = 0 THEN now() - make_interval(hours => n % 48) END
  FROM events_event e, generate_series(1, CASE e.id WHEN 709 THEN 1000 ELSE 20 END) AS n WHERE e.id % 4 = 1;
INSERT INTO events_waitinglist (event_id, shown, next_round_at)
SELECT event_id, count(email), now() - interval '1 minute' FROM events_waiting GROUP BY event_id;

-- Flags with grants to events and to organisers; the audit of all this is written by triggers.
INSERT INTO flags_flag (id, name, everyone, testing, superusers, staff, authenticated, languages, rollout, note, created,
                        modified, owner, purpose, kind, stage, is_killed, is_declared, only_warns)
SELECT n, format('flag-%s', n), NULL, false, false, false, false, '', false, '', now(), now(), 'owner@example.com',
       'Something new', 'operations', CASE WHEN n % 10 = 9 THEN 'general' ELSE 'trial' END, false, false,
       false
  FROM generate_series(1, 200) AS n;
INSERT INTO flags_prerequisite (flag_id, requires_id)
SELECT n, n / 2 FROM generate_series(2, 200, 4) AS n;
INSERT INTO flags_grant (is_on, switched_off_by, reason, created_at, event_id, flag_id, given_by_id)
SELECT true, '', 'Trial', now(), e.id, f.id, 1 FROM flags_flag f, events_event e
 WHERE f.id <= 10 AND ((e.id + f.id) % 5 = 0 OR e.id <= 6);
INSERT INTO flags_grant (is_on, switched_off_by, reason, created_at, expires_at, organiser_id, flag_id, given_by_id)
SELECT true, '', 'Trial', now(), now() + interval '14 days', o.id, f.id, 1
  FROM flags_flag f, accounts_organiser o WHERE f.id <= 20 AND (o.id + f.id) % 4 = 0;
INSERT INTO flags_evidence (flag_id, rehearsal, commit, ticket_types, requests_per_second, at, recorded_by_id, against)
SELECT f.id, format('Rehearsal %s', n), '0123abc', 300, 500, now() - make_interval(hours => n), 1,
       CASE WHEN n = 2 THEN '41 ms a request' ELSE '' END
  FROM flags_flag f, generate_series(1, 5) AS n;
INSERT INTO flags_hour (flag_id, event_id, at, requests, queries, rows, milliseconds, worst_queries, worst_ms, uses)
SELECT f.id, e.id, date_trunc('hour', now()) - make_interval(hours => n), 10, 20, 30, 40, 2, 4, f.id % 2
  FROM flags_flag f, events_event e, generate_series(1, 5) AS n WHERE f.id <= 10 AND (e.id + f.id) % 5 = 0;
INSERT INTO flags_override (flag_id, event_id, reason, refusal, asked_by_id, asked_at, open_until, decision)
SELECT f.id, e.id, 'Trial', 'Too large.', e.id % 40 + 1, now() - interval '2 days', now() - interval '1 day', ''
  FROM flags_flag f, events_event e WHERE f.id <= 40 AND (e.id + f.id) % 20 = 0;
INSERT INTO flags_override (flag_id, organiser_id, reason, refusal, asked_by_id, asked_at, open_until, decision,
                            decided_by_id, decided_at, is_approved)
SELECT f.id, o.id, 'Trial', 'Too large.', o.id % 40 + 1, now() - interval '2 days', now() - interval '1 day', 'Seen',
       o.id % 40 + 2, now() - interval '1 day', true
  FROM flags_flag f, accounts_organiser o WHERE f.id <= 20 AND (o.id + f.id) % 10 = 0;
INSERT INTO flags_keep (flag_id, event_id, on_sale_at, reason, kept_by_id, kept_at)
SELECT f.id, e.id, now() - interval '60 days', 'Needed', e.id % 40 + 1, now() - interval '61 days'
  FROM flags_flag f, events_event e WHERE f.id <= 40 AND (e.id + f.id) % 20 = 0;

-- What all this has sold and earned, as the worker would have counted it.
SELECT checkout_count_orders(ARRAY(SELECT id FROM checkout_order));
INSERT INTO checkout_numbersmark (id, seen, holes, old_holes, old_since)
SELECT 1, max(id), '{}', '{}', 0 FROM checkout_orderevent;

-- A log of what organisers did.
INSERT INTO accounts_logentry (organiser_id, event_id, event_title, at, by_id, by, kind, said, details)
SELECT e.organiser_id, e.id, e.title, now() - make_interval(hours => n), e.organiser_id * 2, 'User', 'quota-changed',
       'Raised a capacity.', '{}'
  FROM events_event e, generate_series(1, CASE WHEN e.id <= 6 THEN 2000 ELSE 20 END) AS n;

-- The words as the ticker would have left them, and every number after ours.
SELECT checkout_refresh_availability();
SELECT setval(pg_get_serial_sequence(name, 'id'), 1000000) FROM unnest(ARRAY[
    'accounts_user', 'accounts_organiser', 'accounts_membership', 'events_event', 'events_tickettype', 'events_quota',
    'events_draw', 'events_question', 'checkout_order', 'flags_flag']) AS name;
DROP TABLE shape, taken, sold;
