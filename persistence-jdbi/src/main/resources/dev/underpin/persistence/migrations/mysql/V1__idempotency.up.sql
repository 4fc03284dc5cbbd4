-- Never run on MySQL: no server was at hand.
-- Keys of requests that must take effect once, and the answers they got. Times are in UTC.
create table underpin_idempotency (
    k binary(32) not null, -- SHA-256 of tenant, operation and key
    fp varbinary(64) not null, -- fingerprint of the request
    state smallint not null, -- 0 running, 1 completed, 2 released, 3 indeterminate
    owner binary(16) not null, -- who runs it: only they may complete it
    token bigint not null, -- grows with each owner
    lease_until datetime(6), -- how long the owner has it to themselves
    expires_at datetime(6) not null,
    created_at datetime(6) not null default (utc_timestamp(6)),
    recovery varchar(255), -- the last step that is done
    recovery_data longblob,
    status smallint, -- the answer
    headers longblob,
    body longblob,
    label text, -- for people
    primary key (k),
    index underpin_idempotency_expires_at (expires_at)
) engine = InnoDB default character set utf8mb4 collate utf8mb4_bin;
