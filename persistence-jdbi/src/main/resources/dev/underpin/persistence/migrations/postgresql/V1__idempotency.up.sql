-- Keys of requests that must take effect once, and the answers they got: docs/formats/idempotency.md.
create table underpin_idempotency (
    k bytea not null, -- SHA-256 of tenant, operation and key
    fp bytea not null, -- fingerprint of the request
    state smallint not null, -- 0 running, 1 completed, 2 released, 3 indeterminate
    owner uuid not null, -- who claimed it last: only they may write it
    lease_until timestamp with time zone, -- how long a running one is with its owner alone
    expires_at timestamp with time zone not null,
    created_at timestamp with time zone not null default clock_timestamp(),
    steps bytea, -- what is known of its steps
    outcome bytea, -- the answer
    label text, -- tenant, operation and key in clear, for people
    constraint underpin_idempotency_pk primary key (k)
);

create index underpin_idempotency_expires_at on underpin_idempotency (expires_at);
