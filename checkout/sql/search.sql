-- Finding orders and attendees by the beginnings of words. Each word is kept as `<scope>/<word>`, where the scope is the
-- event of an order and the ticket type of a ticket, so that a search reads its own event's words and nobody else's.
-- Both indexes are partial: a hold has no buyer and no attendees yet, so it writes neither. They are kept up to date at
-- once (no list of pending entries, which one unlucky buyer would have to sort in for all others).

-- As people type it: small letters, no accents. Zoë is found by zoe.
CREATE OR REPLACE FUNCTION checkout_plain(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(normalize(lower(p_text), NFKD), '[\u0300-\u036f]', '', 'g')
$$;

-- The words of names and of an address: an address counts as itself, as its domain, and as every longer end of that.
-- In PL/pgSQL, whose plans stay for the session: what an index is made of is worked out at each change of a row.
-- (The letters are made plain as above, written out: an index can call nothing outside the catalogue.)
CREATE OR REPLACE FUNCTION checkout_words(p_scope bigint, p_names text, p_email text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    scope CONSTANT text := p_scope || '/';
    email text := lower(p_email);
    names text := lower(p_names || ' ' || split_part(p_email, '@', 1));
    ends text := split_part(email, '@', 2);
    words text[];
BEGIN
    IF octet_length(names || email) > length(names || email) THEN
        names := regexp_replace(normalize(names, NFKD), '[\u0300-\u036f]', '', 'g');
        email := regexp_replace(normalize(email, NFKD), '[\u0300-\u036f]', '', 'g');
        ends := split_part(email, '@', 2);
    END IF;
    IF names ~ '[''’]' THEN     -- O'Brien is typed as obrien, too
        names := names || ' ' || translate(names, '''’', '');
    END IF;
    words := string_to_array(scope || regexp_replace(names, '[^[:alnum:]]+', ' ' || scope, 'g'), ' ');
    IF email <> '' THEN
        words := words || (scope || email);
    END IF;
    WHILE ends <> '' LOOP
        words := words || (scope || ends);
        ends := substr(ends, nullif(strpos(ends, '.'), 0) + 1);
    END LOOP;
    RETURN array_to_tsvector(array_remove(words, scope));
END $$;

-- What was typed as a question to these words: every word must be there, in one of the scopes, as a beginning. A word
-- with a dot in it may also be an address or a domain.
CREATE OR REPLACE FUNCTION checkout_query(p_scopes bigint[], p_typed text) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    scope bigint;
    typed text;
    word text;
    ways text[];
    alike text[];
    asked text[];
    answer text[] := '{}';
BEGIN
    FOREACH scope IN ARRAY p_scopes LOOP
        asked := '{}';
        FOREACH typed IN ARRAY regexp_split_to_array(btrim(checkout_plain(left(p_typed, 200))), '\s+') LOOP
            typed := ltrim(typed, '@');
            ways := '{}';
            IF typed ~ '[.@]' THEN
                ways := ways || (quote_literal(replace(scope || '/' || typed, '\', '')) || ':*');
            END IF;
            alike := '{}';
            FOREACH word IN ARRAY regexp_split_to_array(typed, '[^[:alnum:]]+') LOOP
                IF word <> '' THEN
                    alike := alike || (quote_literal(scope || '/' || word) || ':*');
                END IF;
            END LOOP;
            IF cardinality(alike) > 0 AND strpos(typed, '@') = 0 THEN
                ways := ways || ('(' || array_to_string(alike, ' & ') || ')');
            END IF;
            IF cardinality(ways) > 0 THEN
                asked := asked || ('(' || array_to_string(ways, ' | ') || ')');
            END IF;
        END LOOP;
        IF cardinality(asked) > 0 THEN
            answer := answer || ('(' || array_to_string(asked, ' & ') || ')');
        END IF;
    END LOOP;
    RETURN array_to_string(answer, ' | ')::tsquery;
END $$;

CREATE INDEX IF NOT EXISTS order_words ON checkout_order
    USING gin (checkout_words(event_id, full_name, email)) WITH (fastupdate = off) WHERE email <> '';
CREATE INDEX IF NOT EXISTS ticket_words ON checkout_ticket
    USING gin (checkout_words(ticket_type_id, attendee_name, '')) WITH (fastupdate = off) WHERE attendee_name <> '';
