package dev.underpin.benchmarks.idempotency;

import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * JDBC on the same table, in the forms that one finds. Each refuses a key that is in progress or was sent with another
 * request, and gives the answer again of one that is completed; none waits, renews a lease, keeps errors or finds out what
 * became of a commit whose answer was lost. Transactions have the limits that ours have.
 */
final class FormsByHand {
    private static final String LIMITS = "set local statement_timeout = 10000; set local lock_timeout = 5000;"
            + " set local idle_in_transaction_session_timeout = 31000; ";
    private static final String SERIALIZABLE = "set transaction isolation level serializable; ";

    static final String READ =
            "select fp, state, outcome from underpin_idempotency" + " where k = ? and expires_at > clock_timestamp()";
    private static final String CLAIM = "insert into underpin_idempotency"
            + " (k, fp, state, owner, lease_until, expires_at, label) values (?, ?, 0, ?,"
            + " clock_timestamp() + interval '30 s', clock_timestamp() + interval '1 day', ?)";
    private static final String CLAIM_OR_NOTHING = CLAIM + " on conflict (k) do nothing";
    private static final String COMPLETE = "update underpin_idempotency set state = 1, outcome = ?, lease_until = null,"
            + " expires_at = clock_timestamp() + interval '1 day' where k = ? and owner = ? and state = 0";
    private static final String INSERT_COMPLETED = "with kept as (insert into underpin_idempotency as t"
            + " (k, fp, state, owner, expires_at, outcome, label) values (?, ?, 1, ?,"
            + " clock_timestamp() + interval '1 day', ?, ?) on conflict (k) do update set fp = excluded.fp, state = 1,"
            + " owner = excluded.owner, lease_until = null, expires_at = excluded.expires_at,"
            + " outcome = excluded.outcome where t.expires_at <= clock_timestamp() returning 1)"
            + " select 1 / count(*) from kept; commit";

    private final DataSource pool;

    FormsByHand(DataSource pool) {
        this.pool = pool;
    }

    private interface Body<T> {
        T run(Connection connection) throws SQLException;
    }

    private <T> T inTransaction(Body<T> body) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T value = body.run(connection);
                connection.commit();
                return value;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private <T> T alone(Body<T> body) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return body.run(connection);
        }
    }

    /** {@return the transaction alone, of a request that has no key} */
    Replay<String> bare(IdempotentRequest request) throws SQLException {
        return inTransaction(connection -> effect(connection, LIMITS, request));
    }

    /**
     * {@return key, effect and answer in one transaction, with as few round trips as it takes} The lock and the row are asked
     * for along with begin, and the row is inserted along with commit.
     */
    Replay<String> sameTransaction(IdempotentRequest request) throws SQLException {
        byte[] hash = Requests.hash(request);
        return inTransaction(connection -> {
            Replay<String> before = locked(connection, hash, request);
            if (before != null) {
                return before;
            }
            Replay<String> answer = effect(connection, "", request);
            try (PreparedStatement statement = connection.prepareStatement(INSERT_COMPLETED)) {
                statement.setBytes(1, hash);
                statement.setBytes(2, request.fingerprint().toBytes());
                statement.setObject(3, UUID.randomUUID());
                statement.setBytes(4, answer.value().getBytes(StandardCharsets.UTF_8));
                statement.setString(5, label(request));
                statement.execute();
            }
            return answer;
        });
    }

    private static Replay<String> locked(Connection connection, byte[] hash, IdempotentRequest request)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(LIMITS + "select pg_try_advisory_xact_lock(?); " + READ)) {
            statement.setLong(1, ByteBuffer.wrap(hash).getLong());
            statement.setBytes(2, hash);
            boolean rows = statement.execute();
            while (!rows) {
                rows = statement.getMoreResults();
            }
            try (ResultSet locked = statement.getResultSet()) {
                if (!locked.next() || !locked.getBoolean(1)) {
                    throw new IllegalStateException("in progress");
                }
            }
            statement.getMoreResults();
            try (ResultSet row = statement.getResultSet()) {
                return answered(row, request);
            }
        }
    }

    /** {@return the same with a row that is claimed at the start and completed at the end} */
    Replay<String> claimAndUpdate(IdempotentRequest request) throws SQLException {
        byte[] hash = Requests.hash(request);
        UUID owner = UUID.randomUUID();
        return inTransaction(connection -> {
            if (!claim(connection, LIMITS + CLAIM_OR_NOTHING, hash, owner, request)) {
                return read(connection, READ, hash, request);
            }
            Replay<String> answer = effect(connection, "", request);
            complete(connection, hash, owner, answer);
            return answer;
        });
    }

    /**
     * {@return a {@code SERIALIZABLE} transaction that looks and claims, and another one for effect and answer}
     */
    Replay<String> serializable(IdempotentRequest request) throws SQLException {
        byte[] hash = Requests.hash(request);
        UUID owner = UUID.randomUUID();
        Replay<String> before = inTransaction(connection -> {
            Replay<String> found = read(connection, SERIALIZABLE + LIMITS + READ, hash, request);
            if (found == null) {
                claim(connection, CLAIM, hash, owner, request);
            }
            return found;
        });
        return before != null
                ? before
                : inTransaction(connection -> {
                    Replay<String> answer = effect(connection, SERIALIZABLE + LIMITS, request);
                    complete(connection, hash, owner, answer);
                    return answer;
                });
    }

    /** {@return a look, a claim, the transaction and the answer, each for itself} */
    Replay<String> threeCommits(IdempotentRequest request) throws SQLException {
        byte[] hash = Requests.hash(request);
        UUID owner = UUID.randomUUID();
        Replay<String> before = alone(connection -> read(connection, READ, hash, request));
        if (before != null) {
            return before;
        }
        alone(connection -> claim(connection, CLAIM, hash, owner, request));
        Replay<String> answer = bare(request);
        alone(connection -> {
            complete(connection, hash, owner, answer);
            return answer;
        });
        return answer;
    }

    /** {@return whether a key could be claimed, and nothing else} */
    boolean claim(IdempotentRequest request) throws SQLException {
        return alone(
                connection -> claim(connection, CLAIM_OR_NOTHING, Requests.hash(request), UUID.randomUUID(), request));
    }

    /** {@return the answer of a key that has one, else null} */
    Replay<String> read(IdempotentRequest request) throws SQLException {
        return alone(connection -> read(connection, READ, Requests.hash(request), request));
    }

    private static boolean claim(Connection connection, String sql, byte[] hash, UUID owner, IdempotentRequest request)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, hash);
            statement.setBytes(2, request.fingerprint().toBytes());
            statement.setObject(3, owner);
            statement.setString(4, label(request));
            statement.execute();
            return last(statement) == 1;
        }
    }

    private static void complete(Connection connection, byte[] hash, UUID owner, Replay<String> answer)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(COMPLETE)) {
            statement.setBytes(1, answer.value().getBytes(StandardCharsets.UTF_8));
            statement.setBytes(2, hash);
            statement.setObject(3, owner);
            if (statement.executeUpdate() != 1) {
                throw new IllegalStateException("somebody else has the key");
            }
        }
    }

    private static Replay<String> read(Connection connection, String sql, byte[] hash, IdempotentRequest request)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, hash);
            boolean rows = statement.execute();
            while (!rows) {
                rows = statement.getMoreResults();
            }
            try (ResultSet row = statement.getResultSet()) {
                return answered(row, request);
            }
        }
    }

    private static Replay<String> answered(ResultSet row, IdempotentRequest request) throws SQLException {
        if (!row.next()) {
            return null;
        }
        if (!Arrays.equals(row.getBytes(1), request.fingerprint().toBytes())) {
            throw new IllegalStateException("another request had this key");
        }
        if (row.getInt(2) != 1) {
            throw new IllegalStateException("in progress");
        }
        return new Replay<>(new String(row.getBytes(3), StandardCharsets.UTF_8), true);
    }

    private static Replay<String> effect(Connection connection, String before, IdempotentRequest request)
            throws SQLException {
        int account = Form.account(request);
        try (PreparedStatement order = connection.prepareStatement(before + Form.ORDER)) {
            order.setInt(1, account);
            order.setInt(2, Form.AMOUNT);
            order.execute();
        }
        try (PreparedStatement pay = connection.prepareStatement(Form.PAY)) {
            pay.setInt(1, Form.AMOUNT);
            pay.setInt(2, account);
            pay.executeUpdate();
        }
        return new Replay<>(Requests.ANSWER, false);
    }

    /** {@return how many rows the last of some statements wrote} */
    private static int last(PreparedStatement statement) throws SQLException {
        int last = -1;
        for (int count = statement.getUpdateCount(); count >= 0; count = statement.getUpdateCount()) {
            last = count;
            statement.getMoreResults();
        }
        return last;
    }

    private static String label(IdempotentRequest request) {
        return request.tenant() + '/' + Requests.ORDER.name() + '/' + request.key();
    }
}
