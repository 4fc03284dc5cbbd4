package dev.underpin.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Programs made by chance, run in a scope, and one step after the other without one: what comes out must be the same. A
 * program is made from a seed alone, so that a failure names the seed and the size with which it happens again; of those
 * that fail, the smallest is told.
 */
class ProgramsConcurrencyTest {
    private static final int PROGRAMS = Integer.getInteger("stress.programs", 200);
    private static final int SIZES = 5;
    private static final int KEYS = 12;
    private static final int LOADERS = 3;
    private static final int UNRELATED = 1_000;

    @ParameterizedTest
    @EnumSource(TaskThreads.class)
    void program_inAScope_isAsOneStepAfterTheOther(TaskThreads threads) throws Exception {
        ExecutorService executor = threads.open();
        try {
            for (long seed = 0; seed < PROGRAMS; seed++) {
                for (int size = 1; size <= SIZES; size++) { // the smallest first
                    check(seed, size, executor);
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static void check(long seed, int size, ExecutorService executor) throws Exception {
        Step program = Programs.of(seed, size);
        Alone alone = new Alone(new Source(seed));
        long expected = program.run(alone, seed);

        Source once = new Source(seed);
        assertThat(run(program, once, executor))
                .as("seed %d, size %d", seed, size)
                .isEqualTo(expected);

        for (int loader = 0; loader < LOADERS; loader++) {
            List<List<Integer>> batches = once.batches.get(loader);
            assertThat(batches.size())
                    .as("batches of loader %d, seed %d, size %d", loader, seed, size)
                    .isLessThanOrEqualTo(alone.calls[loader]);
            assertThat(batches).noneMatch(List::isEmpty);
            assertThat(batches).allMatch(keys -> new HashSet<>(keys).size() == keys.size());
            Set<Integer> seen = new HashSet<>();
            for (int key :
                    once.batches.get(loader).stream().flatMap(List::stream).toList()) {
                assertThat(seen.add(key) || !once.isRemembered(loader, key))
                        .as("key %d of loader %d is loaded once, seed %d, size %d", key, loader, seed, size)
                        .isTrue();
                assertThat(alone.asked.get(loader)).contains(key);
            }
        }
        if (Programs.isFlat(seed)) {
            Source again = new Source(seed);
            assertThat(run(program, again, executor)).isEqualTo(expected);
            assertThat(again.composition())
                    .as("the same batches every time, seed %d, size %d", seed, size)
                    .isEqualTo(once.composition());
        }
    }

    private static long run(Step program, Source source, ExecutorService executor) throws Exception {
        try (LoadScope scope = LoadScope.builder().executor(executor).open()) {
            long result = program.run(new Together(source, scope), source.seed);
            if (source.seed % 15 == 1) { // it has loaded what was expected and is left
                QuiescenceConcurrencyTest.assertDispatchesAtOnce(scope.loader(source.plain), source.seed);
            }
            return result;
        }
    }

    /* ---- where values come from ---- */

    /** What keys load, by chance of a seed: a value, an error that is remembered, or one that is not. */
    private static final class Source {
        final long seed;
        final List<List<List<Integer>>> batches = new ArrayList<>();
        final List<Loader<Integer, Long>> loaders = new ArrayList<>();
        final Loader<Integer, Integer> plain = Loader.named("plain")
                .maxWait(Duration.ofMinutes(30))
                .build((List<Integer> keys) -> {
                    Map<Integer, Integer> all = new HashMap<>();
                    keys.forEach(key -> all.put(key, key));
                    return Result.ok(all);
                });

        Source(long seed) {
            this.seed = seed;
            for (int number = 0; number < LOADERS; number++) {
                int loader = number;
                batches.add(new CopyOnWriteArrayList<>());
                loaders.add(Loader.named("loader" + loader)
                        .maxWait(Duration.ofMinutes(30))
                        .buildPerKey((List<Integer> keys, LoadScope scope) -> load(loader, keys, scope)));
            }
        }

        boolean isBroken(int loader) {
            return loader == 2 && seed % 11 == 5;
        }

        boolean isRemembered(int loader, int key) {
            return !isBroken(loader)
                    && chance(loader, key) != 1
                    && (loader == 0 || isRemembered(loader - 1, inner(key)));
        }

        int chance(int loader, int key) {
            return new Random(seed * 31 + loader * 7919L + key).nextInt(8);
        }

        /** {@return the key of the loader before that the value of a key needs} */
        int inner(int key) {
            return (key * 5 + (int) (seed % KEYS)) % KEYS;
        }

        private Map<Integer, Result<Long, DomainError>> load(int loader, List<Integer> keys, LoadScope scope) {
            batches.get(loader).add(List.copyOf(keys));
            if (isBroken(loader)) {
                throw new IllegalStateException("broken");
            }
            Map<Integer, Result<Long, DomainError>> all = new HashMap<>();
            if (loader == 0) {
                keys.forEach(key -> all.put(key, own(0, key, 0)));
            } else {
                List<Integer> needed = keys.stream().map(this::inner).toList();
                var inner = scope.loader(loaders.get(loader - 1)).loadAll(needed);
                for (int key : keys) {
                    all.put(key, own(loader, key, number(inner.get(inner(key)))));
                }
            }
            return all;
        }

        Result<Long, DomainError> own(int loader, int key, long inner) {
            return switch (chance(loader, key)) {
                case 0 -> Result.err(ErrorKind.NOT_FOUND.code().error());
                case 1 -> Result.err(ErrorKind.UNAVAILABLE.code().error());
                default -> Result.ok(seed + key * 1_000L + loader + inner % 100_003);
            };
        }

        /** {@return what a key loads} Without a call. */
        Result<Long, DomainError> truth(int loader, int key) {
            return own(loader, key, loader == 0 ? 0 : number(truth(loader - 1, inner(key))));
        }

        Set<String> composition() {
            Set<String> all = new TreeSet<>();
            for (int loader = 0; loader < LOADERS; loader++) {
                List<List<Integer>> those = batches.get(loader);
                for (int i = 0; i < those.size(); i++) {
                    all.add(loader + "/" + i + ": " + new TreeSet<>(those.get(i)));
                }
            }
            return all;
        }
    }

    /* ---- programs ---- */

    /** A part of a program: it gets a number, on which depends what it loads, and makes one. */
    private interface Step {
        long run(Run run, long number) throws Exception;
    }

    private static final class Programs {
        private final Random random;
        private final boolean flat;

        private Programs(long seed) {
            random = new Random(seed);
            flat = isFlat(seed);
        }

        /** {@return whether nothing in a program depends on which of two tasks is first} */
        static boolean isFlat(long seed) {
            return seed % 3 == 0;
        }

        static Step of(long seed, int size) {
            return new Programs(seed).step(size);
        }

        private Step step(int depth) {
            int chance = random.nextInt(depth <= 0 ? 9 : 15);
            int loader = flat ? 0 : random.nextInt(LOADERS);
            int count = 1 + random.nextInt(4);
            return switch (flat && chance > 6 ? chance % 7 + (chance > 8 ? 9 : 0) : chance) {
                case 0, 1 -> (run, number) -> mixed(number, number(run.load(loader, key(number))));
                case 2 -> (run, number) -> mixed(number, run.inARow(loader, key(number)));
                case 3 -> (run, number) -> mixed(number, run.sideBySide(loader, key(number), key(number + 1)));
                case 4 -> (run, number) -> mixed(number, run.loadAll(loader, keys(number, count)));
                case 5 -> (run, number) -> mixed(number, run.mapKeyed(loader, keys(number, count)));
                case 6 ->
                    (run, number) -> {
                        run.expect(loader, keys(number, count));
                        return number + 1;
                    };
                case 7 ->
                    (run, number) -> {
                        run.prime(loader, key(number));
                        run.clear(loader, UNRELATED + key(number));
                        return number + 2;
                    };
                case 8 -> (run, number) -> run.blocking(number + 3);
                case 9, 10 -> sequence(steps(depth));
                case 11, 12 -> forks(steps(depth));
                default -> mapAll(step(depth - 1), count);
            };
        }

        private List<Step> steps(int depth) {
            List<Step> steps = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                steps.add(step(depth - 1));
            }
            return steps;
        }

        private static Step sequence(List<Step> steps) {
            return (run, number) -> {
                long result = number;
                for (Step step : steps) {
                    result = step.run(run, result);
                }
                return result;
            };
        }

        private static Step forks(List<Step> steps) {
            return (run, number) -> {
                List<Callable<Long>> tasks = new ArrayList<>();
                for (int i = 0; i < steps.size(); i++) {
                    Step step = steps.get(i);
                    long own = number + i;
                    tasks.add(() -> {
                        long result = step.run(run, own);
                        if (result % 7 == 3) {
                            throw new IllegalStateException("of a task");
                        }
                        return result;
                    });
                }
                return run.forks(tasks).stream().reduce(number, Programs::mixed);
            };
        }

        private static Step mapAll(Step step, int count) {
            return (run, number) -> run
                    .mapAll(keys(number, count), key -> {
                        try {
                            return step.run(run, key);
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    })
                    .stream()
                    .reduce(number, Programs::mixed);
        }

        static long mixed(long one, long other) {
            return one * 31 + other;
        }

        private static int key(long number) {
            return Math.floorMod(number, KEYS);
        }

        private static List<Integer> keys(long number, int count) {
            List<Integer> keys = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                keys.add(key(number + i * 3L)); // comes around
            }
            return keys;
        }
    }

    /** What steps are made of. */
    private interface Run {
        Result<Long, DomainError> load(int loader, int key);

        /** Two loads, the second of which depends on the first. */
        long inARow(int loader, int key);

        long sideBySide(int loader, int one, int other);

        long loadAll(int loader, List<Integer> keys);

        long mapKeyed(int loader, List<Integer> keys);

        void expect(int loader, List<Integer> keys);

        void prime(int loader, int key);

        void clear(int loader, int key);

        long blocking(long number);

        /** {@return what tasks return, or {@link #THROWN}} */
        List<Long> forks(List<Callable<Long>> tasks) throws Exception;

        List<Long> mapAll(List<Integer> items, Function<Integer, Long> f);

        long THROWN = 77;
    }

    /** One step after the other. */
    private static final class Alone implements Run {
        private final Source source;

        /** How many keys were asked for, each by a call of its own. */
        private final int[] calls = new int[LOADERS];

        private final List<Set<Integer>> asked = List.of(new HashSet<>(), new HashSet<>(), new HashSet<>());

        Alone(Source source) {
            this.source = source;
        }

        @Override
        public Result<Long, DomainError> load(int loader, int key) {
            calls[loader]++;
            asked.get(loader).add(key);
            if (source.isBroken(loader)) {
                return Result.err(BatchingErrors.BATCH_FAILED.error());
            }
            return source.own(loader, key, loader == 0 ? 0 : number(load(loader - 1, source.inner(key))));
        }

        @Override
        public long inARow(int loader, int key) {
            return number(load(loader, next(number(load(loader, key)))));
        }

        @Override
        public long sideBySide(int loader, int one, int other) {
            return number(load(loader, one)) - number(load(loader, other));
        }

        @Override
        public long loadAll(int loader, List<Integer> keys) {
            return keys.stream()
                    .distinct()
                    .mapToLong(key -> number(load(loader, key)))
                    .sum();
        }

        @Override
        public long mapKeyed(int loader, List<Integer> keys) {
            return keys.stream()
                    .mapToLong(key -> key * number(load(loader, key)))
                    .sum();
        }

        @Override
        public void expect(int loader, List<Integer> keys) {
            for (int key : keys) {
                var unused = load(loader, key);
            }
        }

        @Override
        public void prime(int loader, int key) {}

        @Override
        public void clear(int loader, int key) {}

        @Override
        public long blocking(long number) {
            return number;
        }

        @Override
        public List<Long> forks(List<Callable<Long>> tasks) throws Exception {
            List<Long> results = new ArrayList<>();
            for (Callable<Long> task : tasks) {
                try {
                    results.add(task.call());
                } catch (IllegalStateException e) {
                    results.add(THROWN);
                }
            }
            return results;
        }

        @Override
        public List<Long> mapAll(List<Integer> items, Function<Integer, Long> f) {
            return items.stream().map(f).toList();
        }
    }

    /** In a scope. */
    private record Together(Source source, LoadScope scope) implements Run {
        private ScopedLoader<Integer, Long> loader(int loader) {
            return scope.loader(source.loaders.get(loader));
        }

        @Override
        public Result<Long, DomainError> load(int loader, int key) {
            return loader(loader).load(key);
        }

        @Override
        public long inARow(int loader, int key) {
            return number(loader(loader)
                    .loadAsync(key)
                    .thenCompose(result -> loader(loader).loadAsync(next(number(result))))
                    .join());
        }

        @Override
        public long sideBySide(int loader, int one, int other) {
            return loader(loader)
                    .loadAsync(one)
                    .thenCombine(loader(loader).loadAsync(other), (first, second) -> number(first) - number(second))
                    .join();
        }

        @Override
        public long loadAll(int loader, List<Integer> keys) {
            return loader(loader).loadAll(keys).values().stream()
                    .mapToLong(ProgramsConcurrencyTest::number)
                    .sum();
        }

        @Override
        public long mapKeyed(int loader, List<Integer> keys) {
            return loader(loader).mapAll(keys, key -> key, (key, result) -> key * number(result)).stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }

        @Override
        public void expect(int loader, List<Integer> keys) {
            loader(loader).expect(keys);
        }

        @Override
        public void prime(int loader, int key) {
            if (!source.isBroken(loader) && source.truth(loader, key) instanceof Result.Ok<Long, DomainError> known) {
                loader(loader).prime(key, known.value());
            }
        }

        @Override
        public void clear(int loader, int key) {
            loader(loader).clear(key);
        }

        @Override
        public long blocking(long number) {
            return scope.<Long>blocking(() -> number);
        }

        @Override
        public List<Long> forks(List<Callable<Long>> tasks) throws Exception {
            List<Future<Long>> futures = new ArrayList<>();
            tasks.forEach(task -> futures.add(scope.fork(task)));
            List<Long> results = new ArrayList<>();
            for (Future<Long> future : futures) {
                try {
                    results.add(future.get());
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
                    results.add(THROWN);
                }
            }
            return results;
        }

        @Override
        public List<Long> mapAll(List<Integer> items, Function<Integer, Long> f) {
            return scope.mapAll(items, f);
        }
    }

    private static long number(Result<Long, DomainError> result) {
        return result.fold(value -> value, error -> (long) error.code().name().hashCode());
    }

    private static int next(long number) {
        return Math.floorMod(number, KEYS);
    }
}
