package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.idempotency.IdempotencyErrors;
import dev.underpin.idempotency.IdempotencyStore.Entry;
import dev.underpin.idempotency.IdempotencyStore.State;
import dev.underpin.persistence.Orders.Mode;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Many clients at once, each of which sends an order to any worker until it has an answer, some of them one that another
 * client sends as well. In the end what they were told is compared with what is there, in the database and downstream.
 */
final class Clients {
    /** Who takes an order, and says {@link WorkerProcess#OK} and the answer, or why there is none. */
    interface Worker {
        String place(Mode mode, String key);
    }

    private static final List<Mode> MODES = List.of(Mode.ONE_TRANSACTION, Mode.STEPS, Mode.TOLD_ONCE);

    private final Orders orders;
    private final Jdbi direct;
    private final List<Worker> workers;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<String, String> told = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> calls;
    private final Map<String, AtomicInteger> heard = new ConcurrentHashMap<>();
    private final List<String> lies = new ArrayList<>(); // guarded by itself
    private final CountDownLatch never = new CountDownLatch(1);

    /**
     * Clients.
     *
     * @param orders a worker that also is the operator's
     * @param workers all others
     * @param calls how often what was told downstream, by whichever worker
     */
    Clients(Orders orders, Jdbi direct, List<Worker> workers, Map<String, AtomicInteger> calls) {
        this.orders = orders;
        this.direct = direct;
        this.workers = new ArrayList<>(workers);
        this.workers.add(this::placeHere);
        this.calls = calls;
    }

    /** {@return what counts calls downstream} */
    static String count(Map<String, AtomicInteger> calls, String key) {
        calls.computeIfAbsent(key, unused -> new AtomicInteger()).incrementAndGet();
        return "told";
    }

    private String placeHere(Mode mode, String key) {
        try {
            return orders.place(mode, key)
                    .fold(
                            replay -> WorkerProcess.OK + replay.value(),
                            error -> WorkerProcess.ERROR + error.code().name());
        } catch (RuntimeException e) {
            return e.toString();
        }
    }

    /** {@return threads that place orders for as long as they may} */
    List<Future<?>> start(
            ExecutorService executor, int threads, RandomGenerator.SplittableGenerator random, BooleanSupplier goOn) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            RandomGenerator own = random.split();
            all.add(executor.submit(() -> {
                while (goOn.getAsBoolean()) {
                    boolean again = own.nextInt(3) == 0;
                    place(again ? Math.max(1, ids.get() - own.nextInt(10)) : ids.incrementAndGet(), own, workers);
                }
                return null;
            }));
        }
        return all;
    }

    private static Mode mode(int id) {
        return MODES.get(id % MODES.size());
    }

    /** Asks for an order until it has an answer. */
    private void place(int id, RandomGenerator random, List<Worker> any) throws InterruptedException {
        Mode mode = mode(id);
        String key = "k" + id;
        while (true) {
            String answer = any.get(random.nextInt(any.size())).place(mode, key);
            if (answer.startsWith(WorkerProcess.OK)) {
                heard("answers");
                String value = answer.substring(WorkerProcess.OK.length());
                String before = told.putIfAbsent(key, value);
                if (before != null && !before.equals(value)) {
                    lie(key + " was answered by " + before + " and then by " + value);
                }
                return;
            }
            heard(answer);
            if (answer.equals(WorkerProcess.ERROR + IdempotencyErrors.IDEMPOTENCY_OUTCOME_UNKNOWN.name())) {
                decide(mode, key);
            }
            boolean unused = never.await(10 + random.nextInt(150), TimeUnit.MILLISECONDS);
        }
    }

    private void heard(String what) {
        heard.computeIfAbsent(what, unused -> new AtomicInteger()).incrementAndGet();
    }

    private void lie(String what) {
        synchronized (lies) {
            lies.add(what);
        }
    }

    /** As an operator does: looks downstream, and says what became of it. One at a time, or one acts on old knowledge. */
    private synchronized void decide(Mode mode, String key) {
        try {
            Result<Optional<Entry>, DomainError> found =
                    orders.idempotency().inspect(orders.operation(mode), Orders.TENANT, key);
            if (!found.isOk()
                    || found.orElseThrow()
                            .filter(entry -> entry.state() == State.INDETERMINATE)
                            .isEmpty()) {
                return;
            }
            Result<Boolean, DomainError> decided = calls.containsKey(key)
                    ? orders.idempotency()
                            .resolve(
                                    orders.operation(mode),
                                    Orders.TENANT,
                                    key,
                                    Result.ok(Orders.written(direct, key).get(0) + " told"))
                    : orders.idempotency().release(orders.operation(mode), Orders.TENANT, key);
            heard(calls.containsKey(key) ? "resolved " + decided.isOk() : "released " + decided.isOk());
        } catch (JdbiException e) {
            // the server is down; the client asks again, and so does the operator
        }
    }

    /** Asks for all orders once more, and compares. The database must be up. */
    void assertEachTookEffectOnce() throws InterruptedException {
        Map<String, String> before = Map.copyOf(told);
        for (int id = 1; id <= ids.get(); id++) {
            place(id, RandomGenerator.getDefault(), List.of(this::placeHere));
        }
        assertThat(before).as("what was told, and what is told afterwards").isEqualTo(told);
        Map<String, List<String>> written = new TreeMap<>();
        direct.useHandle(handle -> handle.createQuery("select k, id from orders")
                .map((row, context) -> written.computeIfAbsent(row.getString(1), unused -> new ArrayList<>())
                        .add(row.getString(2)))
                .list());
        for (int id = 1; id <= ids.get(); id++) {
            String key = "k" + id;
            String answer = told.get(key);
            if (!List.of(answer.substring(0, 36), answer.substring(0, 36)).equals(written.get(key))) {
                lie(key + " was answered by " + answer + ", there is " + written.get(key));
            }
            int expected = mode(id) == Mode.ONE_TRANSACTION ? 0 : 1;
            String downstream =
                    mode(id) == Mode.STEPS ? Orders.key(Mode.STEPS, key).hex() + ":tell" : key;
            int counted = calls.getOrDefault(downstream, new AtomicInteger()).get();
            if (counted < expected || (mode(id) != Mode.STEPS && counted > expected)) {
                lie(key + " of " + mode(id) + " was told " + counted + " times");
            }
        }
        assertThat(lies).isEmpty();
        assertThat(written.keySet()).isEqualTo(new TreeMap<>(told).keySet());
        assertThat(heard.keySet())
                .as("an answer, an error that is known, or a worker that died")
                .allMatch(what -> what.matches("answers|died|(released|resolved) (true|false)|error [A-Z_]+"));
        long completed = direct.withHandle(
                handle -> handle.createQuery("select count(*) from underpin_idempotency where state = 1")
                        .mapTo(Long.class)
                        .one());
        assertThat(completed).isEqualTo(ids.get());
    }

    /** {@return how much there was of what} */
    @Override
    public String toString() {
        return ids + " keys, "
                + calls.values().stream().mapToInt(AtomicInteger::get).sum() + " calls downstream of " + calls.size()
                + " effects, " + new TreeMap<>(heard);
    }
}
