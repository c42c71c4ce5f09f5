-- One event with %(orders)s orders of two tickets each, every attendee with a name: for timing what organisers ask.
-- Nothing is random. The event, its ticket type and its quota have been made; their ids come as settings.
INSERT INTO checkout_order (id, event_id, token, reference, idempotency_key, state, total_minor, full_name, email,
                            renewals, created_at, expires_at, completed_at)
SELECT n, %(event)s, format('crowd-%%s', n), checkout_reference(n), md5(n::text)::uuid, 'complete', 2000,
       format('%%s %%s', first[1 + n %% 20], last[1 + n / 20 %% 500]),
       format('%%s.%%s@%%s.example.com', lower(first[1 + n %% 20]), n, 'firm-' || n %% 2000), 0,
       now() - make_interval(mins => %(orders)s - n), now(), now() - make_interval(mins => %(orders)s - n)
  FROM generate_series(1, %(orders)s) AS n,
       (SELECT ARRAY['Ada','Bob','Cleo','Dan','Eve','Finn','Grace','Hugo','Ines','Jon','Kim','Lena','Max','Nora','Otto',
                     'Pia','Quin','Rosa','Sven','Tess'] AS first,
               ARRAY(SELECT initcap(translate(lower(to_hex(1000 + i * 7919)), '0123456789', 'ghijklmnop'))
                       FROM generate_series(1, 500) AS i) AS last) AS names;

INSERT INTO checkout_ticket (order_id, ticket_type_id, number, code, price_minor, quota_ids, attendee_name)
SELECT o.id, %(ticket_type)s, number, lpad(upper(to_hex(o.id * 4 + number)), 12, '0'), 1000, ARRAY[%(quota)s::bigint],
       CASE number WHEN 1 THEN o.full_name ELSE format('Zoë %%s', initcap(translate(to_hex(o.id), '0123456789', 'qrstuvwxyz'))) END
  FROM checkout_order o, generate_series(1, 2) AS number WHERE o.event_id = %(event)s;

INSERT INTO checkout_payment (order_id, state, attempt, session_id, session_url, provider_reference, amount_minor,
                              refunded_minor, currency, last_error, created_at, paid_at)
SELECT id, 'paid', 1, 'cs_' || token, '', 'pi_' || token, 2000, 0, 'GBP', '', created_at, created_at
  FROM checkout_order WHERE event_id = %(event)s;

INSERT INTO checkout_mail (order_id, kind, "to", key, created_at, next_attempt_at, attempts, sent_at, last_error)
SELECT id, 'tickets', email, 'tickets', created_at, created_at, 1, created_at, ''
  FROM checkout_order WHERE event_id = %(event)s;

UPDATE events_stock SET taken = 2 * %(orders)s WHERE quota_id = %(quota)s;
