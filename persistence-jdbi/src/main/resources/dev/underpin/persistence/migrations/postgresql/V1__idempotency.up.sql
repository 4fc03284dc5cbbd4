-- Keys of requests that must take effect once, and the answers they got.
create sequence underpin_idempotency_token;

create table underpin_idempotency (
    k bytea not null, -- SHA-256 of tenant, operation and key
    fp bytea not null, -- fingerprint of the request
    state smallint not null, -- 0 running, 1 completed, 2 released, 3 indeterminate
    owner uuid not null, -- who runs it: only they may complete it
    token bigint not null, -- grows with each owner
    lease_until timestamp with time zone, -- how long the owner has it to themselves
    expires_at timestamp with time zone not null,
    created_at timestamp with time zone not null default clock_timestamp(),
    recovery text, -- the last step that is done
    recovery_data bytea,
    status smallint, -- the answer
    headers bytea,
    body bytea,
    label text, -- for people
    constraint underpin_idempotency_pk primary key (k)
) with (fillfactor = 80); -- a row is updated once or more, on its page

create index underpin_idempotency_expires_at on underpin_idempotency (expires_at);
