package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Many transactions at once, of which each is asked afterwards whether it ended as it was told to have. Each writes two
 * entries with the number of its attempt, and moves money between accounts in any order, so that some deadlock; some
 * decide against themselves, and some lose a part that is nested.
 */
final class Ledger {
    private static final ErrorCode REFUSED = ErrorCode.of(ErrorKind.UNPROCESSABLE, "REFUSED", "refused");
    private static final int ACCOUNTS = 8;
    private static final String COMMITTED = "committed";

    private final Transactions transactions;
    private final TxOptions options;
    private final Jdbi direct;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong runs = new AtomicLong();
    /** By the number of a transaction: the attempt that is committed, or the code of the error. */
    private final Map<Long, String> told = new ConcurrentHashMap<>();

    private final Semaphore ends = new Semaphore(0);
    private final Set<Long> hooked = ConcurrentHashMap.newKeySet();

    Ledger(Transactions transactions, TxOptions options, Jdbi direct) {
        this.transactions = transactions;
        this.options = options;
        this.direct = direct;
        direct.useHandle(handle -> {
            handle.execute("create table entries (id bigint, part integer, attempt integer, primary key (id, part))");
            handle.execute("create table balances (id integer primary key, balance bigint not null)");
            for (int i = 0; i < ACCOUNTS; i++) {
                handle.execute("insert into balances values (?, 1000)", i);
            }
        });
    }

    /** {@return threads that run transactions for as long as they may} */
    List<Future<?>> start(
            ExecutorService executor, int threads, RandomGenerator.SplittableGenerator random, BooleanSupplier goOn) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            RandomGenerator own = random.split();
            all.add(executor.submit(() -> {
                while (goOn.getAsBoolean()) {
                    one(ids.incrementAndGet(), own);
                }
            }));
        }
        return all;
    }

    /** Waits until so many more transactions have ended. */
    void awaitEnds(int more) throws InterruptedException {
        ends.acquire(more);
    }

    private void one(long id, RandomGenerator random) {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        int how = random.nextInt(10);
        Result<Integer, DomainError> result = transactions.inTransaction(options, tx -> {
            runs.incrementAndGet();
            tx.afterCommit(() -> hooked.add(id));
            enter(tx, id, 1);
            move(tx.handle(), from, -1);
            if (how == 1) {
                var unused = tx.nested(inner -> {
                    enter(inner, id, 3);
                    return Result.err(REFUSED.error());
                });
            }
            move(tx.handle(), to, 1);
            enter(tx, id, 2);
            return how == 0 ? Result.err(REFUSED.error()) : Result.ok(tx.attempt());
        });
        told.put(
                id,
                result.fold(
                        attempt -> COMMITTED + " " + attempt,
                        error -> error.code().name()));
        ends.release();
    }

    private static void enter(Tx tx, long id, int part) {
        tx.handle().execute("insert into entries values (?, ?, ?)", id, part, tx.attempt());
    }

    private static void move(Handle handle, int account, int amount) {
        handle.execute("update balances set balance = balance + ? where id = ?", amount, account);
    }

    /** Compares what was told with what is there. All transactions must have ended, on the server as well. */
    void assertTold() {
        Map<Long, List<Integer>> parts = new TreeMap<>();
        direct.useHandle(handle -> handle.createQuery("select id, attempt from entries order by id, part")
                .map((rs, context) -> parts.computeIfAbsent(rs.getLong(1), id -> new ArrayList<>())
                        .add(rs.getInt(2)))
                .list());
        List<String> lies = new ArrayList<>();
        told.forEach((id, what) -> {
            List<Integer> found = parts.getOrDefault(id, List.of());
            boolean whole = found.size() == 2 && found.get(0).equals(found.get(1));
            boolean asTold = what.startsWith(COMMITTED)
                    ? whole && what.equals(COMMITTED + " " + found.get(0)) && hooked.contains(id)
                    : !hooked.contains(id)
                            && (found.isEmpty() || (whole && what.equals(PersistenceErrors.OUTCOME_UNKNOWN.name())));
            if (!asTold) {
                lies.add(id + " was " + what + ", there is " + found + ", hook " + hooked.contains(id));
            }
        });
        assertThat(lies).isEmpty();
        assertThat(told.keySet()).containsAll(parts.keySet());
        long sum = direct.withHandle(handle -> handle.createQuery("select sum(balance) from balances")
                .mapTo(Long.class)
                .one());
        assertThat(sum).isEqualTo(1000L * ACCOUNTS);
    }

    /** {@return how many ended how} */
    @Override
    public String toString() {
        Map<String, Integer> counts = new TreeMap<>();
        told.values().forEach(what -> counts.merge(what, 1, Integer::sum));
        return told.size() + " transactions, " + runs + " runs of bodies: " + counts;
    }
}
