-- Keys of requests that must take effect once, and the answers they got: docs/formats/idempotency.md. Times are in UTC.
create table underpin_idempotency (
    k binary(32) not null, -- SHA-256 of tenant, operation and key
    fp varbinary(64) not null, -- fingerprint of the request
    state smallint not null, -- 0 running, 1 completed, 2 released, 3 indeterminate
    owner binary(16) not null, -- who claimed it last: only they may write it
    lease_until datetime(6), -- how long a running one is with its owner alone
    expires_at datetime(6) not null,
    created_at datetime(6) not null default (utc_timestamp(6)),
    steps longblob, -- what is known of its steps
    outcome longblob, -- the answer
    label text, -- tenant, operation and key in clear, for people
    primary key (k),
    index underpin_idempotency_expires_at (expires_at)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;
