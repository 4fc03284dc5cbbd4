package dev.underpin.persistence;

import dev.underpin.idempotency.Execution;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.idempotency.IdempotentTransactions;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Jdbi;

/**
 * A service that takes orders, each of which is to be written once, and in some modes to be told once to a service downstream.
 * Nothing in its table keeps it from writing one twice: each run of a body writes an id of its own, in two parts.
 */
final class Orders {
    static final String TENANT = "t";
    static final Codec<String> TEXT = new Codec<>() {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };

    /** How an order is taken. */
    enum Mode {
        /** All in one transaction. */
        ONE_TRANSACTION,
        /** Written in a step, then told in one that may be repeated. */
        STEPS,
        /** Told in a step that may not be repeated. */
        TOLD_ONCE
    }

    /** Where it is just then. */
    enum Point {
        CLAIMED,
        WRITING,
        WRITTEN,
        /** The first step is committed. */
        STEPPED,
        CALLING,
        CALLED,
        ENDING
    }

    private final IdempotentTransactions once;
    private final Idempotency idempotency;
    private final UnaryOperator<String> downstream;
    private final Duration lease;
    private final Duration maxWait;
    private final AtomicInteger runs = new AtomicInteger();
    private final AtomicInteger committed = new AtomicInteger();

    /**
     * A service.
     *
     * @param downstream what is told of an order, by its key for downstream
     */
    Orders(
            Transactions transactions,
            TimeSource time,
            Duration lease,
            Duration maxWait,
            UnaryOperator<String> downstream) {
        this.once = IdempotentTransactions.of(transactions);
        this.idempotency = Idempotency.builder(JdbiIdempotencyStore.of(transactions.jdbi()))
                .time(time)
                .build();
        this.lease = lease;
        this.maxWait = maxWait;
        this.downstream = downstream;
    }

    static void createTables(Jdbi direct, String scripts) {
        try {
            String script = Files.readString(
                    MigrationsContract.scripts(scripts, ".up.sql").get(0));
            direct.useHandle(handle -> {
                handle.createScript(script).execute();
                handle.execute("create table orders (k varchar(40), part integer, id varchar(40))");
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Operation<String> operation(Mode mode) {
        return Operation.named("orders." + mode)
                .lease(lease)
                .ttl(Duration.ofHours(10))
                .maxWait(maxWait)
                .build(TEXT);
    }

    static IdempotencyStore.Key key(Mode mode, String key) {
        return IdempotencyStore.Key.of(TENANT, "orders." + mode, key);
    }

    Idempotency idempotency() {
        return idempotency;
    }

    /** {@return how often a body has run, and how many actions after commits} */
    int runs() {
        return runs.get();
    }

    int committed() {
        return committed.get();
    }

    void forget() {
        runs.set(0);
        committed.set(0);
    }

    Result<Replay<String>, DomainError> place(Mode mode, String key) {
        return place(mode, key, point -> {});
    }

    /** {@return what is answered to an order, the id that was written and what was said downstream} */
    Result<Replay<String>, DomainError> place(Mode mode, String key, Consumer<Point> at) {
        var request = new IdempotentRequest(TENANT, key, Fingerprint.ofBytes(new byte[] {1}));
        return switch (mode) {
            case ONE_TRANSACTION ->
                once.execute(operation(mode), request, tx -> {
                    runs.incrementAndGet();
                    at.accept(Point.CLAIMED);
                    return write(tx, key, at);
                });
            case STEPS, TOLD_ONCE ->
                idempotency.execute(operation(mode), request, run -> {
                    runs.incrementAndGet();
                    at.accept(Point.CLAIMED);
                    return once.step(run, "write", TEXT, tx -> write(tx, key, at))
                            .flatMap(id -> told(mode, key, run, at).map(said -> {
                                at.accept(Point.ENDING);
                                return id + " " + said;
                            }));
                });
        };
    }

    private Result<String, DomainError> write(Tx tx, String key, Consumer<Point> at) {
        String id = UUID.randomUUID().toString();
        tx.afterCommit(committed::incrementAndGet);
        tx.handle().execute("insert into orders values (?, 1, ?)", key, id);
        at.accept(Point.WRITING);
        tx.handle().execute("insert into orders values (?, 2, ?)", key, id);
        at.accept(Point.WRITTEN);
        return Result.ok(id);
    }

    private Result<String, DomainError> told(Mode mode, String order, Execution run, Consumer<Point> at) {
        at.accept(Point.STEPPED);
        Function<String, Result<String, DomainError>> call = key -> {
            at.accept(Point.CALLING);
            String said = downstream.apply(key);
            at.accept(Point.CALLED);
            return Result.ok(said);
        };
        return mode == Mode.STEPS ? run.step("tell", TEXT, call) : run.stepOnce("tell", TEXT, () -> call.apply(order));
    }

    /** {@return the ids of the parts of an order, those of all orders under its key} */
    static List<String> written(Jdbi direct, String key) {
        return direct.withHandle(handle -> handle.createQuery("select id from orders where k = ? order by id, part")
                .bind(0, key)
                .mapTo(String.class)
                .list());
    }
}
