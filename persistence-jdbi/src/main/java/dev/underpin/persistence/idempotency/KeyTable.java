package dev.underpin.persistence.idempotency;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.internal.Database;
import dev.underpin.persistence.internal.Framed;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.ColonPrefixSqlParser;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlParser;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/**
 * The statements of {@code underpin_idempotency}. What differs by database: what time it is, how a key is claimed, and how a
 * transaction finds out that another one has its key. Each statement stands for itself, and reads the clock of the server.
 */
abstract class KeyTable {
    static final String TABLE = "underpin_idempotency";

    // As the scripts of the table say.
    static final int RUNNING = 0;
    static final int COMPLETED = 1;
    static final int RELEASED = 2;
    static final int INDETERMINATE = 3;

    /** A name in clear is for people; no database is to refuse a claim for it. */
    private static final int MAX_LABEL = 400;

    private static final SqlParser PARSER = new ColonPrefixSqlParser();

    private final String find = "select " + columns() + " from " + TABLE + " where k = :k and expires_at > " + now();
    private final String advance = write("steps = " + appended());
    private final String complete = write(completed(":ttl"));
    private final String leave = write("state = :state");
    /** By the transaction that holds the row: however long that took, nobody else has it. */
    final String completeWithin = "update " + TABLE + " set " + completed(":ttl") + " where k = :k and owner = :owner";

    private final String settle = "update " + TABLE + " set " + completed(":ttl") + durably()
            + " where k = :k and state = " + INDETERMINATE + " and expires_at > " + now();
    private final String reopen = "update " + TABLE + " set state = " + RELEASED + ", steps = :steps, expires_at = "
            + after(":ttl") + durably() + " where k = :k and owner = :owner and state = " + INDETERMINATE
            + " and expires_at > " + now();

    /**
     * {@return the table in a database}
     *
     * @throws IllegalStateException if there are no statements for it
     */
    static KeyTable of(Connection connection) throws SQLException {
        Database database = Database.find(connection);
        KeyTable table = database == null ? null : of(database);
        if (table == null) {
            throw new IllegalStateException("Idempotency keys are kept in PostgreSQL, MariaDB, MySQL and H2, not in "
                    + connection.getMetaData().getDatabaseProductName());
        }
        return table;
    }

    static @Nullable KeyTable of(Database database) {
        return switch (database) {
            case POSTGRESQL -> PostgresKeys.POSTGRESQL;
            case MARIADB -> MySqlKeys.MARIADB;
            case MYSQL -> MySqlKeys.MYSQL;
            case H2 -> H2Keys.H2;
            case SQLITE, SQL_SERVER, ORACLE -> null;
        };
    }

    /* ---- what a store does ---- */

    /** {@return the entry after the claim; null if it has to be asked for once more} */
    abstract IdempotencyStore.@Nullable Entry claim(
            Handle handle, IdempotencyStore.Key key, Fingerprint fingerprint, UUID owner, Duration lease, Duration ttl);

    final Optional<IdempotencyStore.Entry> find(Handle handle, IdempotencyStore.Key key) {
        return query(handle, find)
                .bind("k", key.hash())
                .map((row, context) -> entry(row))
                .findOne();
    }

    final boolean advance(Handle handle, IdempotencyStore.Key key, UUID owner, byte[] note) {
        return update(handle, advance)
                        .bind("note", note)
                        .bind("k", key.hash())
                        .bind("owner", bound(owner))
                        .execute()
                == 1;
    }

    final boolean complete(Handle handle, IdempotencyStore.Key key, UUID owner, byte[] outcome, Duration ttl) {
        return update(handle, complete)
                        .bind("outcome", outcome)
                        .bind("ttl", micros(ttl))
                        .bind("k", key.hash())
                        .bind("owner", bound(owner))
                        .execute()
                == 1;
    }

    /** Ends the run of an owner without an answer. */
    final boolean leave(Handle handle, IdempotencyStore.Key key, UUID owner, int state) {
        return update(handle, leave)
                        .bind("state", state)
                        .bind("k", key.hash())
                        .bind("owner", bound(owner))
                        .execute()
                == 1;
    }

    abstract Set<IdempotencyStore.Key> renew(Handle handle, Map<IdempotencyStore.Key, UUID> held, Duration lease)
            throws SQLException;

    final boolean settle(Handle handle, IdempotencyStore.Key key, byte[] outcome, Duration ttl) {
        return update(handle, settle)
                        .bind("outcome", outcome)
                        .bind("ttl", micros(ttl))
                        .bind("k", key.hash())
                        .execute()
                == 1;
    }

    /** Releases an entry that nobody writes while it is indeterminate, but another operator: it has the owner it had. */
    final boolean reopen(Handle handle, IdempotencyStore.Key key, Duration ttl) {
        Optional<IdempotencyStore.Entry> found =
                find(handle, key).filter(entry -> entry.state() == IdempotencyStore.State.INDETERMINATE);
        return found.isPresent()
                && update(handle, reopen)
                                .bind("steps", Notes.withoutBegun(found.get().steps()))
                                .bind("ttl", micros(ttl))
                                .bind("k", key.hash())
                                .bind("owner", bound(found.get().owner()))
                                .execute()
                        == 1;
    }

    abstract int reap(Handle handle, int limit) throws SQLException;

    /* ---- what a transaction does ---- */

    /** {@return whether a key is claimed along with begin, and its answer stored along with commit} */
    boolean claimsWithBegin() {
        return true;
    }

    /** {@return whether a transaction has its key by a lock, and takes its row at the end} */
    boolean claimsByLock() {
        return false;
    }

    /** {@return what claims a key along with begin; null if {@link #claimWithin} does} */
    Framed.@Nullable Sql opening(Claim claim) {
        return null;
    }

    /** {@return what stores an answer along with commit; null if {@link #completeWithin} does} */
    Framed.@Nullable Sql closing(Claim claim, byte[] outcome) {
        return null;
    }

    /** {@return whether a closing failed since the key is somebody else's} */
    boolean isRefusal(SQLException failure) {
        return false;
    }

    /**
     * {@return the entry after the claim; null if another transaction has just ended} Where there is no opening. That another one
     * has the key is a lock that was not granted, or a row that is there already.
     */
    IdempotencyStore.@Nullable Entry claimWithin(Handle handle, Claim claim) {
        throw new IllegalStateException("The key is claimed along with begin");
    }

    /** Stores an answer where there is no closing. */
    void completeWithin(Handle handle, Claim claim, byte[] outcome) {
        update(handle, completeWithin)
                .bind("outcome", outcome)
                .bind("ttl", claim.ttlMicros())
                .bind("k", claim.key().hash())
                .bind("owner", bound(claim.owner()))
                .execute();
    }

    /** {@return what is known of a key} In one round trip, without waiting. */
    abstract Look probe(Handle handle, IdempotencyStore.Key key) throws SQLException;

    /** {@return whether the transaction of an owner has stored an answer; waits until it has ended} */
    boolean isCompletedBy(Handle handle, IdempotencyStore.Key key, UUID owner) throws SQLException {
        return query(handle, "select state, owner from " + TABLE + " where k = :k for update")
                .bind("k", key.hash())
                .map((row, context) -> row.getInt("state") == COMPLETED && owner.equals(owner(row)))
                .findOne()
                .orElse(false);
    }

    /**
     * What is known of a key.
     *
     * @param busy whether a transaction has it, as far as that can be told without trying to claim it
     * @param entry the entry, if there is one and it is not busy
     */
    record Look(boolean busy, Optional<IdempotencyStore.Entry> entry) {}

    /**
     * What a transaction claims.
     *
     * @param key the key
     * @param fingerprint of the request
     * @param owner an id of its own
     * @param ttl how long the answer is kept
     */
    record Claim(IdempotencyStore.Key key, Fingerprint fingerprint, UUID owner, Duration ttl) {
        long ttlMicros() {
            return micros(ttl);
        }
    }

    /* ---- the words of a database ---- */

    /** {@return the time} */
    abstract String now();

    /** {@return the time that is some microseconds from now} */
    abstract String after(String micros);

    /** {@return the microseconds left of the lease of a row that is running} */
    abstract String leaseLeft();

    /** {@return the notes of a row with one more} */
    abstract String appended();

    /** {@return what makes an update survive a crash of the server, if the server is set not to care} */
    String durably() {
        return "";
    }

    /** {@return an id as the column has it} */
    Object bound(UUID owner) {
        return owner;
    }

    UUID owner(ResultSet row) throws SQLException {
        return row.getObject("owner", UUID.class);
    }

    /* ---- shared ---- */

    /** {@return a query as it is written, whatever the service has its own statements read by} */
    static Query query(Handle handle, String sql) {
        return plain(handle.createQuery(sql));
    }

    static Update update(Handle handle, String sql) {
        return plain(handle.createUpdate(sql));
    }

    private static <S extends SqlStatement<S>> S plain(S statement) {
        statement
                .getConfig(SqlStatements.class)
                .setTemplateEngine(TemplateEngine.NOP)
                .setSqlParser(PARSER);
        return statement;
    }

    final String columns() {
        return "state, owner, fp, case when state = " + RUNNING + " then " + leaseLeft()
                + " else 0 end as lease_left, steps, outcome";
    }

    final String completed(String ttl) {
        return "state = " + COMPLETED + ", outcome = :outcome, steps = null, lease_until = null, expires_at = "
                + after(ttl);
    }

    /**
     * {@return whether a row may be claimed for a request}
     *
     * @param fingerprint the fingerprint of the request
     * @param steps what is required of its notes
     */
    final String isFree(String row, String fingerprint, String steps) {
        return "(" + row + "expires_at <= " + now() + " or ((" + row + "fp = " + fingerprint + " or substring(" + row
                + "fp from 1 for 1) <> substring(" + fingerprint + " from 1 for 1))" + steps + " and (" + row
                + "state = " + RELEASED + " or (" + row + "state = " + RUNNING + " and " + row + "lease_until <= "
                + now() + "))))";
    }

    private String write(String change) {
        return "update " + TABLE + " set " + change + durably() + " where k = :k and owner = :owner and state = "
                + RUNNING + " and expires_at > " + now();
    }

    final IdempotencyStore.Entry entry(ResultSet row) throws SQLException {
        byte[] notes = row.getBytes("steps");
        return new IdempotencyStore.Entry(
                switch (row.getInt("state")) {
                    case RUNNING -> IdempotencyStore.State.RUNNING;
                    case COMPLETED -> IdempotencyStore.State.COMPLETED;
                    case RELEASED -> IdempotencyStore.State.RELEASED;
                    default -> IdempotencyStore.State.INDETERMINATE;
                },
                owner(row),
                Fingerprint.ofStored(row.getBytes("fp")),
                Duration.ofNanos(row.getLong("lease_left") * 1_000),
                notes == null ? Map.of() : Notes.read(notes),
                Optional.ofNullable(row.getBytes("outcome")));
    }

    /** {@return the values of a claim by their names} */
    final Map<String, Object> values(
            IdempotencyStore.Key key, Fingerprint fingerprint, UUID owner, long leaseMicros, long ttlMicros) {
        Map<String, Object> values = new HashMap<>();
        values.put("k", key.hash());
        values.put("fp", fingerprint.toBytes());
        values.put("owner", bound(owner));
        values.put("lease", leaseMicros);
        values.put("ttl", ttlMicros);
        values.put("label", label(key));
        return values;
    }

    private static String label(IdempotencyStore.Key key) {
        String label = key.label().replace('\0', ' '); // which PostgreSQL has in no text
        int end = Math.min(label.length(), MAX_LABEL);
        boolean splits = end < label.length() && Character.isHighSurrogate(label.charAt(end - 1));
        return label.substring(0, splits ? end - 1 : end);
    }

    static long micros(Duration duration) {
        return Math.addExact(Math.multiplyExact(duration.getSeconds(), 1_000_000L), duration.getNano() / 1_000);
    }

    static Set<IdempotencyStore.Key> keysOf(List<byte[]> hashes, Set<IdempotencyStore.Key> held) {
        Set<String> renewed =
                hashes.stream().map(hash -> HexFormat.of().formatHex(hash)).collect(Collectors.toSet());
        return held.stream().filter(key -> renewed.contains(key.hex())).collect(Collectors.toUnmodifiableSet());
    }
}
