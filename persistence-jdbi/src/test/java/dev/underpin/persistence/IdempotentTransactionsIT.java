package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.persistence.idempotency.IdempotentTransactions;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class IdempotentTransactionsIT {
    /** What the network sees of a request. */
    abstract static class OverTheNetwork extends IdempotentTransactionsContract {
        abstract TestServers.Server server();

        String url;

        @Override
        String url() throws SQLException {
            url = server().newDatabase();
            return url;
        }

        @Override
        String user() {
            return server().user();
        }

        /** {@return how many round trips a bare transaction of one statement takes} */
        abstract int bare();

        /** {@return how many a request takes that is executed, and how many one that is told of another} */
        abstract int executed();

        abstract int told();

        @Test
        void roundTrips_ofAnExecutionAndOfWhatComesAfter_areCounted() throws Exception {
            try (var proxy = TcpProxy.to("127.0.0.1", server().port());
                    HikariDataSource pool = VendorErrorsContract.pool(
                            server().url(proxy.port(), url.substring(url.lastIndexOf('/') + 1)), user(), 1)) {
                var transactions = Transactions.named("shop").build(Jdbi.create(pool));
                var once = IdempotentTransactions.of(transactions);
                assertThat(transactions.inTransaction(tx -> effect(tx, "up")).isOk())
                        .isTrue(); // and connected
                long bare = trips(proxy, () -> transactions.inTransaction(tx -> effect(tx, "bare")));
                long executed = trips(proxy, () -> once.execute(PLACE, request("k"), tx -> effect(tx, "k")));
                long replayed = trips(proxy, () -> once.execute(PLACE, request("k"), tx -> effect(tx, "k")));
                long[] told = {0};
                assertThat(once.execute(PLACE, request("l"), tx -> {
                                    told[0] = toldBySecond();
                                    return Result.ok("l");
                                })
                                .isOk())
                        .isTrue();

                assertThat(bare).isEqualTo(bare());
                assertThat(executed).isEqualTo(executed());
                assertThat(replayed).isOne();
                assertThat(told[0]).isEqualTo(told());
            }
        }

        /** {@return the round trips of another process, which comes while a request is running} */
        private long toldBySecond() {
            try (var proxy = TcpProxy.to("127.0.0.1", server().port());
                    HikariDataSource pool = VendorErrorsContract.pool(
                            server().url(proxy.port(), url.substring(url.lastIndexOf('/') + 1)), user(), 1)) {
                var once = IdempotentTransactions.of(Transactions.named("shop").build(Jdbi.create(pool)));
                assertThat(Transactions.named("shop")
                                .build(Jdbi.create(pool))
                                .inTransaction(tx -> effect(tx, "another"))
                                .isOk())
                        .isTrue();
                long before = proxy.roundTrips();
                assertThat(code(once.execute(PLACE, request("l"), tx -> effect(tx, "l"))))
                        .isEqualTo(IdempotencyErrors.IDEMPOTENCY_IN_PROGRESS);
                return proxy.roundTrips() - before;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Result<String, DomainError> effect(Tx tx, String id) {
            tx.handle().execute("insert into effects (id) values (?)", id);
            return Result.ok(id);
        }

        /** {@return the round trips of a request on a connection that is open} */
        private long trips(TcpProxy proxy, Supplier<Result<?, DomainError>> request) {
            long before = proxy.roundTrips();
            assertThat(request.get().isOk()).isTrue();
            return proxy.roundTrips() - before;
        }
    }

    @Nested
    class OnPostgres extends OverTheNetwork {
        @Override
        TestServers.Server server() {
            return TestServers.postgres();
        }

        @Override
        String folder() {
            return "postgresql";
        }

        @Override
        String earlier(String column) {
            return column + " - :micros * interval '1 microsecond'";
        }

        @Override
        String ownerLiteral() {
            return "gen_random_uuid()";
        }

        @Override
        String ownerText() {
            return "replace(cast(owner as text), '-', '')";
        }

        @Override
        String bytesLiteral(String hex) {
            return "decode('" + hex + "', 'hex')";
        }

        @Override
        String inAnHour() {
            return "now() + interval '1 hour'";
        }

        @Override
        boolean claimsAtTheEnd() {
            return true;
        }

        @Override
        int bare() {
            return 3;
        }

        @Override
        int executed() {
            return 4;
        }

        @Override
        int told() {
            return 1;
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends OverTheNetwork {
        /** In a mode that lets pass what it can, and with a packet that few notes fill. */
        @Test
        void advance_moreThanTheServerCanPutTogether_failsAndLosesNothing() throws Exception {
            UUID owner = UUID.randomUUID();
            IdempotencyStore.Key key = key("large");
            int packet = packet(1 << 20);
            try (HikariDataSource pool = VendorErrorsContract.pool(url + "?sessionVariables=sql_mode=''", user(), 1)) {
                IdempotencyStore lenient = JdbiIdempotencyStore.of(Jdbi.create(pool));
                assertThat(lenient.claim(
                                        key,
                                        Fingerprint.ofBytes(new byte[0]),
                                        owner,
                                        Duration.ofMinutes(1),
                                        Duration.ofHours(1))
                                .owner())
                        .isEqualTo(owner);
                assertThat(lenient.advance(key, owner, "first", new byte[400_000]))
                        .isTrue();
                assertThat(lenient.advance(key, owner, "second", new byte[400_000]))
                        .isTrue();

                assertThatThrownBy(() -> lenient.advance(key, owner, "third", new byte[400_000]))
                        .isInstanceOf(UnableToExecuteStatementException.class);
                assertThat(lenient.find(key).orElseThrow().steps()).containsOnlyKeys("first", "second");
            } finally {
                packet(packet);
            }
        }

        /** Sets what the server takes and makes at once, on connections that are opened from then on. */
        @CanIgnoreReturnValue
        private int packet(int bytes) {
            return Jdbi.create(url, user(), "").withHandle(handle -> {
                int before = handle.createQuery("select @@global.max_allowed_packet")
                        .mapTo(Integer.class)
                        .one();
                handle.execute("set global max_allowed_packet = " + bytes);
                return before;
            });
        }

        @Override
        TestServers.Server server() {
            return TestServers.mariaDb();
        }

        @Override
        String folder() {
            return "mariadb";
        }

        @Override
        String earlier(String column) {
            return column + " - interval :micros microsecond";
        }

        @Override
        String ownerLiteral() {
            return "random_bytes(16)";
        }

        @Override
        String ownerText() {
            return "hex(owner)";
        }

        @Override
        String inAnHour() {
            return "utc_timestamp(6) + interval 1 hour";
        }

        @Override
        int bare() {
            return 4;
        }

        @Override
        int executed() {
            return 5;
        }

        @Override
        int told() {
            return 4;
        }
    }
}
