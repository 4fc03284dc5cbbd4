package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.internal.Framed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * MariaDB and MySQL, which has never been run. A transaction has its key by the lock of its row, which it inserts first. Times
 * are in UTC, whatever the zone of the session.
 */
final class MySqlKeys extends KeyTable {
    static final MySqlKeys MARIADB = new MySqlKeys(true);
    static final MySqlKeys MYSQL = new MySqlKeys(false);

    private static final int MOST_KEYS = 500;

    /** Between what a row was and what it becomes: assignments run from left to right, and see those before them. */
    private static final int CLAIMING = 4;

    private final boolean mariaDb;
    private final String claim;
    private final Template opening;

    private final Template closing = new Template(completeWithin);

    private MySqlKeys(boolean mariaDb) {
        this.mariaDb = mariaDb;
        String returned = mariaDb ? " returning " + columns() : "";
        this.claim = claim("convert(:label using utf8mb4)", "") + returned;
        // No "returning" here: it has begun its answer when it finds the row locked, and what the handler says is read
        // as that.
        this.opening = new Template("set @underpin_wait = @@innodb_lock_wait_timeout; set innodb_lock_wait_timeout = 0;"
                + " begin declare exit handler for 1205 select true as busy; "
                + claim("convert(:label using utf8mb4)", " and steps is null") + "; select " + columns() + " from "
                + TABLE
                + " where k = :k for update; savepoint " + Framed.SAVEPOINT
                + "; end; set innodb_lock_wait_timeout = @underpin_wait");
    }

    private String claim(String label, String steps) {
        String isMine = "if(state = " + CLAIMING + ", ";
        return "insert into " + TABLE + " (k, fp, state, owner, lease_until, expires_at, label) values (:k, :fp, "
                + RUNNING
                + ", :owner, " + after(":lease") + ", " + after("greatest(:lease, :ttl)") + ", " + label
                + ") on duplicate key update state = if(" + isFree("", "values(fp)", steps) + ", " + CLAIMING
                + ", state), fp = " + isMine + "values(fp), fp), owner = " + isMine
                + "values(owner), owner), lease_until = "
                + isMine + "values(lease_until), lease_until), outcome = " + isMine + "null, outcome), steps = "
                + isMine
                + "if(expires_at <= " + now() + ", null, steps), steps), created_at = " + isMine + "if(expires_at <= "
                + now()
                + ", values(created_at), created_at), created_at), expires_at = " + isMine
                + "values(expires_at), expires_at), state = " + isMine + RUNNING + ", state)";
    }

    @Override
    IdempotencyStore.@Nullable Entry claim(
            Handle handle,
            IdempotencyStore.Key key,
            Fingerprint fingerprint,
            UUID owner,
            Duration lease,
            Duration ttl) {
        Map<String, Object> values = values(key, fingerprint, owner, micros(lease), micros(ttl));
        if (mariaDb) {
            return query(handle, claim)
                    .bindMap(values)
                    .map((row, context) -> entry(row))
                    .one();
        }
        update(handle, claim).bindMap(values).execute();
        return find(handle, key).orElse(null);
    }

    @Override
    Set<IdempotencyStore.Key> renew(Handle handle, Map<IdempotencyStore.Key, UUID> held, Duration lease) {
        Set<IdempotencyStore.Key> renewed = new HashSet<>();
        List<Map.Entry<IdempotencyStore.Key, UUID>> all = List.copyOf(held.entrySet());
        for (int from = 0; from < all.size(); from += MOST_KEYS) {
            List<Map.Entry<IdempotencyStore.Key, UUID>> some =
                    all.subList(from, Math.min(all.size(), from + MOST_KEYS));
            renewed.addAll(renew(handle, some, micros(lease)));
        }
        return renewed;
    }

    private Set<IdempotencyStore.Key> renew(
            Handle handle, List<Map.Entry<IdempotencyStore.Key, UUID>> held, long leaseMicros) {
        // The keys once more by themselves: pairs alone would not be looked up by the index.
        String condition = " where k in (" + some("?", held.size()) + ") and (k, owner) in ("
                + some("(?, ?)", held.size()) + ") and state = " + RUNNING + " and expires_at > " + now();
        var update = update(
                handle,
                "update " + TABLE + " set lease_until = " + after("?") + ", expires_at = greatest(expires_at, "
                        + after("?") + ")" + condition);
        update.bind(0, leaseMicros).bind(1, leaseMicros);
        bind(update, 2, held);
        Set<IdempotencyStore.Key> keys = held.stream().map(Map.Entry::getKey).collect(Collectors.toUnmodifiableSet());
        if (update.execute() == held.size()) {
            return keys;
        }
        var query = query(handle, "select k from " + TABLE + condition);
        bind(query, 0, held);
        return keysOf(query.mapTo(byte[].class).list(), keys);
    }

    private void bind(SqlStatement<?> statement, int first, List<Map.Entry<IdempotencyStore.Key, UUID>> held) {
        List<Object> values = new ArrayList<>();
        held.forEach(one -> values.add(one.getKey().hash()));
        held.forEach(one -> {
            values.add(one.getKey().hash());
            values.add(bound(one.getValue()));
        });
        for (int i = 0; i < values.size(); i++) {
            statement.bind(first + i, values.get(i));
        }
    }

    private static String some(String one, int count) {
        return String.join(", ", Collections.nCopies(count, one));
    }

    /** What is read without a snapshot locks what it deletes, and not the gaps between, where others insert. */
    @Override
    int reap(Handle handle, int limit) throws SQLException {
        String delete =
                "delete from " + TABLE + " where expires_at <= " + now() + " order by expires_at limit " + limit;
        if (!mariaDb) {
            return update(handle, delete).execute();
        }
        try (Statement statement = handle.getConnection().createStatement()) {
            statement.execute("begin not atomic set transaction isolation level read committed; " + delete
                    + "; select row_count(); end");
            return count(statement);
        }
    }

    private static int count(Statement statement) throws SQLException {
        ResultSet count = statement.getResultSet();
        while (count == null) {
            boolean unused = statement.getMoreResults();
            count = statement.getResultSet();
        }
        count.next();
        return count.getInt(1);
    }

    @Override
    Framed.@Nullable Sql opening(Claim claim) {
        return mariaDb ? opening.inline(bytes(claim)) : null;
    }

    private Map<String, Object> bytes(Claim claim) {
        Map<String, Object> values = values(claim.key(), claim.fingerprint(), claim.owner(), 0, claim.ttlMicros());
        values.computeIfPresent("label", (name, label) -> ((String) label).getBytes(StandardCharsets.UTF_8));
        return values;
    }

    @Override
    Framed.@Nullable Sql closing(Claim claim, byte[] outcome) {
        if (!mariaDb) {
            return null;
        }
        Map<String, Object> values = bytes(claim);
        values.put("outcome", outcome);
        return closing.inline(values);
    }

    @Override
    boolean claimsWithBegin() {
        return mariaDb;
    }

    @Override
    IdempotencyStore.@Nullable Entry claimWithin(Handle handle, Claim claim) {
        return claim(handle, claim.key(), claim.fingerprint(), claim.owner(), Duration.ZERO, claim.ttl());
    }

    /** Without a lock: one that is tried for would be in the way of who claims. So a transaction is met by its claim. */
    @Override
    Look probe(Handle handle, IdempotencyStore.Key key) {
        return new Look(/* busy= */ false, find(handle, key));
    }

    @Override
    String now() {
        return "utc_timestamp(6)";
    }

    @Override
    String after(String micros) {
        return "utc_timestamp(6) + interval " + micros + " microsecond";
    }

    @Override
    String leaseLeft() {
        return "greatest(0, timestampdiff(microsecond, utc_timestamp(6), lease_until))";
    }

    /** More than {@code max_allowed_packet} is null, and an error in strict mode only: two rows for one are one in any mode. */
    @Override
    String appended() {
        return "coalesce(concat(coalesce(steps, ''), :note), (select x'' union all select x''))";
    }

    @Override
    Object bound(UUID owner) {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(owner.getMostSignificantBits())
                .putLong(owner.getLeastSignificantBits())
                .array();
    }

    @Override
    UUID owner(ResultSet row) throws SQLException {
        ByteBuffer bytes = ByteBuffer.wrap(row.getBytes("owner"));
        return new UUID(bytes.getLong(), bytes.getLong());
    }
}
