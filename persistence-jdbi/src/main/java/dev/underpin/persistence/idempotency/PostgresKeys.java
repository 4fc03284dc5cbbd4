package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.internal.Framed;
import java.nio.ByteBuffer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. The time is {@code clock_timestamp()}: {@code now()} stands still while a statement waits for another. A
 * transaction has its key by an advisory lock, which can be tried for without waiting and leaves nothing behind; the row is
 * inserted at its end, once and complete.
 */
final class PostgresKeys extends KeyTable {
    static final PostgresKeys POSTGRESQL = new PostgresKeys();

    private static final String DURABLE = "(select set_config('synchronous_commit', case"
            + " current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end,"
            + " true)) durable";

    /**
     * A row that was committed behind the snapshot of the statement conflicts, and is not found by the second part: then there
     * is no row, and the statement is to run again.
     */
    private final String claim = "with claimed as (insert into " + TABLE
            + " as t (k, fp, state, owner, lease_until, expires_at, label)"
            + " select cast(:k as bytea), cast(:fp as bytea), " + RUNNING + ", cast(:owner as uuid), " + after(":lease")
            + ", " + after("greatest(:lease, :ttl)") + ", cast(:label as text) from " + DURABLE
            + " on conflict (k) do update set fp = excluded.fp, state = " + RUNNING + ", owner = excluded.owner,"
            + " lease_until = excluded.lease_until, expires_at = excluded.expires_at, outcome = null,"
            + " steps = case when t.expires_at <= " + now() + " then null else t.steps end,"
            + " created_at = case when t.expires_at <= " + now() + " then excluded.created_at else t.created_at end"
            + " where " + isFree("t.", "excluded.fp", "")
            + " returning " + columns() + ")"
            + " select * from claimed union all select " + columns() + " from " + TABLE
            + " where k = :k and expires_at > " + now() + " and not exists (select 1 from claimed)";

    /** Two statements, so that the row is read after the lock was got, and not as it was before. */
    private final Template opening = new Template("select not pg_try_advisory_xact_lock(:lock) as busy; select "
            + columns() + " from " + TABLE + " where k = :k and expires_at > " + now() + "; savepoint "
            + Framed.SAVEPOINT);

    /** Divides by zero if the row is somebody else's, and so keeps the commit behind it from being run. */
    private final Template closing = new Template("with kept as (insert into " + TABLE
            + " as t (k, fp, state, owner, expires_at, outcome, label) values (:k, :fp, " + COMPLETED + ", :owner, "
            + after(":ttl") + ", :outcome, :label) on conflict (k) do update set fp = excluded.fp, state = " + COMPLETED
            + ", owner = excluded.owner, lease_until = null, expires_at = excluded.expires_at,"
            + " created_at = excluded.created_at, steps = null, outcome = excluded.outcome where "
            + isFree("t.", "excluded.fp", " and t.steps is null") + " returning 1) select 1 / count(*) from kept");

    private static final String DIVISION_BY_ZERO = "22012";

    /** Shared, so that those who only look are not in the way of each other. */
    private final String probe = "select not pg_try_advisory_xact_lock_shared(?) as busy; select " + columns()
            + " from " + TABLE + " where k = ? and expires_at > " + now();

    private static final String WAIT = "select set_config('lock_timeout', ?, true); select pg_advisory_xact_lock(?)";

    private static final String LOCK_MILLIS = "500";

    private final String renew = "update " + TABLE + " t set lease_until = " + after("?")
            + ", expires_at = greatest(t.expires_at, " + after("?")
            + ") from unnest(?, ?) as held(k, owner), " + DURABLE
            + " where t.k = held.k and t.owner = held.owner and t.state = " + RUNNING + " and t.expires_at > " + now()
            + " returning t.k";

    /** By {@code now()}, which an index can be searched for; whom somebody is writing is left to the next time. */
    private static final String REAP = "delete from " + TABLE + " where ctid = any (array(select ctid from " + TABLE
            + " where expires_at <= now() order by expires_at limit :limit for update skip locked))";

    private PostgresKeys() {}

    @Override
    IdempotencyStore.@Nullable Entry claim(
            Handle handle,
            IdempotencyStore.Key key,
            Fingerprint fingerprint,
            UUID owner,
            Duration lease,
            Duration ttl) {
        return query(handle, claim)
                .bindMap(values(key, fingerprint, owner, micros(lease), micros(ttl)))
                .map((row, context) -> entry(row))
                .findOne()
                .orElse(null);
    }

    @Override
    Set<IdempotencyStore.Key> renew(Handle handle, Map<IdempotencyStore.Key, UUID> held, Duration lease)
            throws SQLException {
        List<Map.Entry<IdempotencyStore.Key, UUID>> all = List.copyOf(held.entrySet());
        Connection connection = handle.getConnection();
        Array keys = connection.createArrayOf(
                "bytea", all.stream().map(one -> one.getKey().hash()).toArray(byte[][]::new));
        Array owners = connection.createArrayOf(
                "uuid", all.stream().map(Map.Entry::getValue).toArray());
        try (PreparedStatement statement = connection.prepareStatement(renew)) {
            statement.setLong(1, micros(lease));
            statement.setLong(2, micros(lease));
            statement.setArray(3, keys);
            statement.setArray(4, owners);
            List<byte[]> renewed = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    renewed.add(rows.getBytes(1));
                }
            }
            return keysOf(renewed, held.keySet());
        }
    }

    @Override
    int reap(Handle handle, int limit) {
        return update(handle, REAP).bind("limit", limit).execute();
    }

    @Override
    boolean claimsByLock() {
        return true;
    }

    @Override
    Framed.Sql opening(Claim claim) {
        Map<String, Object> values = new HashMap<>();
        values.put("lock", lock(claim.key()));
        values.put("k", claim.key().hash());
        return opening.with(values);
    }

    @Override
    Framed.Sql closing(Claim claim, byte[] outcome) {
        Map<String, Object> values = values(claim.key(), claim.fingerprint(), claim.owner(), 0, claim.ttlMicros());
        values.put("outcome", outcome);
        return closing.with(values);
    }

    @Override
    boolean isRefusal(SQLException failure) {
        return DIVISION_BY_ZERO.equals(failure.getSQLState());
    }

    @Override
    Look probe(Handle handle, IdempotencyStore.Key key) throws SQLException {
        try (PreparedStatement statement = handle.getConnection().prepareStatement(probe)) {
            statement.setLong(1, lock(key));
            statement.setBytes(2, key.hash());
            statement.execute();
            try (ResultSet busy = statement.getResultSet()) {
                busy.next();
                if (busy.getBoolean(1)) {
                    return new Look(/* busy= */ true, Optional.empty());
                }
            }
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                return new Look(/* busy= */ false, row.next() ? Optional.of(entry(row)) : Optional.empty());
            }
        }
    }

    /** The row is read in a transaction of its own: one that had waited might have a snapshot from before. */
    @Override
    boolean isCompletedBy(Handle handle, IdempotencyStore.Key key, UUID owner) throws SQLException {
        Connection connection = handle.getConnection();
        try (PreparedStatement statement = connection.prepareStatement(WAIT)) {
            statement.setString(1, LOCK_MILLIS);
            statement.setLong(2, lock(key));
            statement.execute();
        }
        if (!connection.getAutoCommit()) {
            connection.commit();
        }
        return super.isCompletedBy(handle, key, owner);
    }

    /** Of two keys with the same number one is told that the other is in progress. */
    private static long lock(IdempotencyStore.Key key) {
        return ByteBuffer.wrap(key.hash()).getLong();
    }

    @Override
    String now() {
        return "clock_timestamp()";
    }

    @Override
    String after(String micros) {
        return "clock_timestamp() + " + micros + " * interval '1 microsecond'";
    }

    @Override
    String leaseLeft() {
        return "cast(greatest(0, ceil(extract(epoch from lease_until - clock_timestamp()) * 1000000)) as bigint)";
    }

    @Override
    String appended() {
        return "coalesce(steps, cast('' as bytea)) || :note";
    }

    @Override
    String durably() {
        return " from " + DURABLE;
    }
}
