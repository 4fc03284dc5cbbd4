package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * H2. It claims by two statements: one decides, the other reads who has the key. A transaction has its key by the lock of its
 * row, for which nobody waits longer than a moment.
 */
final class H2Keys extends KeyTable {
    static final H2Keys H2 = new H2Keys();

    private final String claim = claim("");
    private final String claimWithin = claim(" and t.steps is null");

    private H2Keys() {}

    private String claim(String steps) {
        return "merge into " + TABLE + " t using (values (cast(:k as binary(32)), cast(:fp as varbinary(64)),"
                + " cast(:owner as uuid), cast(:lease as bigint), cast(:ttl as bigint), cast(:label as varchar)))"
                + " n (k, fp, owner, lease, ttl, label) on t.k = n.k when matched and " + isFree("t.", "n.fp", steps)
                + " then update set fp = n.fp, state = " + RUNNING + ", owner = n.owner, lease_until = "
                + after("n.lease")
                + ", expires_at = " + after("greatest(n.lease, n.ttl)") + ", outcome = null,"
                + " steps = case when t.expires_at <= " + now() + " then null else t.steps end,"
                + " created_at = case when t.expires_at <= " + now() + " then " + now() + " else t.created_at end"
                + " when not matched then insert (k, fp, state, owner, lease_until, expires_at, label) values (n.k, n.fp, "
                + RUNNING + ", n.owner, " + after("n.lease") + ", " + after("greatest(n.lease, n.ttl)") + ", n.label)";
    }

    @Override
    IdempotencyStore.@Nullable Entry claim(
            Handle handle,
            IdempotencyStore.Key key,
            Fingerprint fingerprint,
            UUID owner,
            Duration lease,
            Duration ttl) {
        update(handle, claim)
                .bindMap(values(key, fingerprint, owner, micros(lease), micros(ttl)))
                .execute();
        return find(handle, key).orElse(null);
    }

    @Override
    boolean claimsWithBegin() {
        return false;
    }

    @Override
    IdempotencyStore.@Nullable Entry claimWithin(Handle handle, Claim claim) {
        handle.execute("set @underpin_wait = lock_timeout()");
        handle.execute("set lock_timeout 1");
        try {
            update(handle, claimWithin)
                    .bindMap(values(claim.key(), claim.fingerprint(), claim.owner(), 0, claim.ttlMicros()))
                    .execute();
        } finally {
            handle.execute("set lock_timeout @underpin_wait");
        }
        return find(handle, claim.key()).orElse(null);
    }

    @Override
    Set<IdempotencyStore.Key> renew(Handle handle, Map<IdempotencyStore.Key, UUID> held, Duration lease) {
        Set<IdempotencyStore.Key> renewed = new HashSet<>();
        held.forEach((key, owner) -> {
            int rows = update(
                            handle,
                            "update " + TABLE + " set lease_until = " + after(":lease")
                                    + ", expires_at = greatest(expires_at, " + after(":lease")
                                    + ") where k = :k and owner = :owner and state = " + RUNNING + " and expires_at > "
                                    + now())
                    .bind("lease", micros(lease))
                    .bind("k", key.hash())
                    .bind("owner", owner)
                    .execute();
            if (rows == 1) {
                renewed.add(key);
            }
        });
        return renewed;
    }

    @Override
    int reap(Handle handle, int limit) {
        return update(
                        handle,
                        "delete from " + TABLE + " where k in (select k from " + TABLE + " where expires_at <= " + now()
                                + " order by expires_at fetch first :limit rows only)")
                .bind("limit", limit)
                .execute();
    }

    @Override
    Look probe(Handle handle, IdempotencyStore.Key key) {
        return new Look(/* busy= */ false, find(handle, key));
    }

    @Override
    String now() {
        return "current_timestamp(6)";
    }

    @Override
    String after(String micros) {
        return "dateadd(microsecond, " + micros + ", current_timestamp(6))";
    }

    @Override
    String leaseLeft() {
        return "greatest(0, datediff(microsecond, current_timestamp(6), lease_until))";
    }

    @Override
    String appended() {
        return "coalesce(steps, cast(x'' as varbinary)) || cast(:note as varbinary)";
    }
}
