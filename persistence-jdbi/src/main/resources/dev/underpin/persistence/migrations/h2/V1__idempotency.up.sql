-- Keys of requests that must take effect once, and the answers they got.
create sequence underpin_idempotency_token;

create table underpin_idempotency (
    k binary(32) not null, -- SHA-256 of tenant, operation and key
    fp varbinary(64) not null, -- fingerprint of the request
    state smallint not null, -- 0 running, 1 completed, 2 released, 3 indeterminate
    owner uuid not null, -- who runs it: only they may complete it
    token bigint not null, -- grows with each owner
    lease_until timestamp(6) with time zone, -- how long the owner has it to themselves
    expires_at timestamp(6) with time zone not null,
    created_at timestamp(6) with time zone default current_timestamp not null,
    recovery varchar(255), -- the last step that is done
    recovery_data blob,
    status smallint, -- the answer
    headers blob,
    body blob,
    label varchar,
    constraint underpin_idempotency_pk primary key (k)
);

create index underpin_idempotency_expires_at on underpin_idempotency (expires_at);
