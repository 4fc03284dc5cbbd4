package dev.underpin.benchmarks.idempotency;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.idempotency.KeyDatabase.Commit;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotencyStore.Entry;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import dev.underpin.persistence.idempotency.JdbiIdempotencyStore;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Jdbi;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Question: how many keys can two threads claim, and how many repeats can they answer?
 *
 * <p>Dimensions: what is done; contestant. Each thread has a connection; the time is that of one thread, so that there are
 * twice as many in it. PostgreSQL is on the same machine and its commits do not wait for the disk, which a store of keys does
 * not let {@code synchronous_commit} spare it. Repeats are those of 100 keys with answers of 200 bytes.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar report --preset idempotency --out <directory>}
 */
@Question("How many keys can two threads claim, and how many repeats can they answer?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@Threads(StoreBenchmark.THREADS)
@State(Scope.Benchmark)
public class StoreBenchmark {
    static final int THREADS = 2;

    private static final int ANSWERED = 100;

    private HikariDataSource pool;
    private IdempotencyStore store;
    private Form sameTransaction;
    private Form leased;
    private FormsByHand byHand;
    private IdempotentRequest[] answered;
    private boolean claiming;

    /** What belongs to one thread. */
    @State(Scope.Thread)
    public static class Client {
        private final Requests requests = new Requests();
        private int next;
    }

    /** Connects, and has the keys answered that are repeated. */
    @Setup(Level.Trial)
    public void prepare(BenchmarkParams params) throws SQLException {
        prepare(params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1));
    }

    void prepare(String method) throws SQLException {
        pool = KeyDatabase.pool(KeyDatabase.portOfThisRun(Commit.UNFLUSHED), THREADS);
        KeyDatabase.create(pool);
        store = JdbiIdempotencyStore.of(Jdbi.create(pool));
        var ours = new OurForms(pool);
        sameTransaction = ours.sameTransaction();
        leased = ours.leased();
        byHand = new FormsByHand(pool);
        claiming = List.of("claimOurs", "claimByHand").contains(method);
        if (!claiming) {
            answer(method.endsWith("ByHand") ? byHand::sameTransaction : sameTransaction);
        }
    }

    private void answer(Form form) throws SQLException {
        var requests = new Requests();
        answered = new IdempotentRequest[ANSWERED];
        for (int i = 0; i < ANSWERED; i++) {
            answered[i] = requests.fresh();
            form.execute(answered[i]);
        }
    }

    /** Removes what the last iteration claimed, so that no table grows with the speed of who claims. */
    @Setup(Level.Iteration)
    public void empty() throws SQLException {
        if (claiming) {
            KeyDatabase.empty(pool);
        }
    }

    /** Closes the connections. */
    @TearDown(Level.Trial)
    public void close() {
        pool.close();
    }

    private IdempotentRequest answered(Client client) {
        client.next = (client.next + 1) % ANSWERED;
        return answered[client.next];
    }

    private Entry claim(IdempotentRequest request, IdempotencyStore.State expected) {
        Entry entry = store.claim(
                IdempotencyStore.Key.of(request.tenant(), Requests.ORDER.name(), request.key()),
                request.fingerprint(),
                UUID.randomUUID(),
                Requests.ORDER.lease(),
                Requests.ORDER.ttl());
        if (entry.state() != expected) {
            throw new IllegalStateException(entry.toString());
        }
        return entry;
    }

    private static Replay<String> repeated(Replay<String> answer) {
        if (answer == null || !answer.replayed()) {
            throw new IllegalStateException("no repeat: " + answer);
        }
        return answer;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "IdempotencyStore.claim", role = Role.OURS, row = "claim")
    public Entry claimOurs(Client client) {
        return claim(client.requests.fresh(), IdempotencyStore.State.RUNNING);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "insert, on conflict do nothing", role = Role.LIMIT, row = "claim")
    public boolean claimByHand(Client client) throws SQLException {
        boolean claimed = byHand.claim(client.requests.fresh());
        if (!claimed) {
            throw new IllegalStateException("not claimed");
        }
        return claimed;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "IdempotencyStore.claim", role = Role.OURS, row = "claim of what has an answer")
    public Entry claimAnsweredOurs(Client client) {
        return claim(answered(client), IdempotencyStore.State.COMPLETED);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "select by primary key", role = Role.LIMIT, row = "claim of what has an answer")
    public Replay<String> claimAnsweredByHand(Client client) throws SQLException {
        return repeated(byHand.read(answered(client)));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "IdempotentTransactions", role = Role.OURS, row = "repeat")
    public Replay<String> repeatOurs(Client client) throws SQLException {
        return repeated(sameTransaction.execute(answered(client)));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Idempotency", role = Role.REFERENCE, row = "repeat")
    public Replay<String> repeatLeased(Client client) throws SQLException {
        return repeated(leased.execute(answered(client)));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "select by primary key", role = Role.LIMIT, row = "repeat")
    public Replay<String> repeatByHand(Client client) throws SQLException {
        return repeated(byHand.read(answered(client)));
    }
}
