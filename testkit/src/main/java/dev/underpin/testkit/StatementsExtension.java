package dev.underpin.testkit;

import dev.underpin.persistence.StatementRecorder;
import dev.underpin.persistence.StatementRecorder.Finding;
import dev.underpin.persistence.StatementRecorder.Recording;
import dev.underpin.persistence.StatementRecorder.Statement;
import java.lang.annotation.Annotation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Records the statements of each test, and asserts how many there are. An extension of JUnit Jupiter, for a field with
 * {@code @RegisterExtension}:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final StatementsExtension sql = StatementsExtension.of(jdbi);
 * }</pre>
 *
 * <p>What is recorded is the body of the test, neither {@code @BeforeEach} nor {@code @AfterEach}, on all threads but those of
 * tests beside it; a body that seeds does so by {@link #pause}. What JDBI does not tell is not seen, as
 * {@link StatementRecorder} says. Repeated is what runs twice at one place, where a place is all of the service's and the
 * test's own code that is on the stack.
 *
 * <p>Needs {@code junit-jupiter-api}, {@code underpin-persistence-jdbi} and {@code jdbi3-core}. Thread-safe: tests may run side by
 * side.
 */
@SuppressWarnings("exports") // optional: see module-info
public final class StatementsExtension implements BeforeTestExecutionCallback, AfterTestExecutionCallback {
    private final Supplier<? extends Jdbi> jdbi;
    private final boolean everyTest;
    private final ThreadLocal<@Nullable Run> own;
    private final List<Run> running;

    private StatementsExtension(
            Supplier<? extends Jdbi> jdbi, boolean everyTest, ThreadLocal<@Nullable Run> own, List<Run> running) {
        this.jdbi = jdbi;
        this.everyTest = everyTest;
        this.own = own;
        this.running = running;
    }

    /** A test whose body runs; inside that of another, if this thread waits for a pool that runs tests, as JUnit's does. */
    private record Run(
            String test,
            StatementRecorder recorder,
            Recording recording,
            @Nullable AllowNPlusOne allowed,
            @Nullable Run around) {}

    /**
     * {@return an extension for the statements of a {@code Jdbi}}
     *
     * @param jdbi runs them, on handles that are opened from now on
     */
    public static StatementsExtension of(Jdbi jdbi) {
        var unused = StatementRecorder.install(jdbi); // so that a handle that is opened before a test is seen in it
        return of(() -> jdbi);
    }

    /**
     * {@return an extension for the statements of a {@code Jdbi} that each test makes before it begins}
     *
     * @param jdbi gives it; asked for right before the body of a test, and what runs on handles that are open then is not seen
     */
    public static StatementsExtension of(Supplier<? extends Jdbi> jdbi) {
        return new StatementsExtension(
                Objects.requireNonNull(jdbi, "jdbi"), false, new ThreadLocal<>(), new CopyOnWriteArrayList<>());
    }

    /** {@return an extension that also asserts {@link #assertNoNPlusOne} behind each test that passed} */
    public StatementsExtension forEveryTest() {
        return new StatementsExtension(jdbi, true, own, running);
    }

    /* ---- what is counted ---- */

    /**
     * How many statements of a kind.
     *
     * @param kind the kind: {@code select}, {@code insert}, {@code update} or {@code delete}
     * @param count how many
     * @param orFewer whether fewer will do
     */
    public record Count(String kind, int count, boolean orFewer) {
        private static final Set<String> KINDS = Set.of("select", "insert", "update", "delete");

        /** Checks kind and number. */
        public Count {
            if (!KINDS.contains(kind)) {
                throw new IllegalArgumentException("kind must be one of " + KINDS + ": " + kind);
            }
            if (count < 0) {
                throw new IllegalArgumentException("count must not be negative: " + count);
            }
        }

        private boolean holds(int actual) {
            return actual == count || (orFewer && actual < count);
        }
    }

    /** {@return that so many statements read} */
    public static Count select(int count) {
        return new Count("select", count, false);
    }

    /** {@return that so many statements insert: {@code insert ... returning} does, and {@code merge}; a batch is one} */
    public static Count insert(int count) {
        return new Count("insert", count, false);
    }

    /** {@return that so many statements update; a batch is one} */
    public static Count update(int count) {
        return new Count("update", count, false);
    }

    /** {@return that so many statements delete; a batch is one} */
    public static Count delete(int count) {
        return new Count("delete", count, false);
    }

    /** {@return that there are so many, or fewer} */
    public static Count atMost(Count count) {
        return new Count(count.kind(), count.count(), true);
    }

    /**
     * {@return the sizes of {@link #assertConstantStatements}}
     *
     * @throws IllegalArgumentException if there are not two or more, each larger than the one before, from 2 on: one row shows
     *     no loop
     */
    public static int[] sizes(int... sizes) {
        boolean grows = sizes.length > 1 && sizes[0] > 1;
        for (int i = 1; i < sizes.length; i++) {
            grows &= sizes[i] > sizes[i - 1];
        }
        if (!grows) {
            throw new IllegalArgumentException(
                    "sizes must be two or more that grow, from 2 on: " + Arrays.toString(sizes));
        }
        return sizes.clone();
    }

    /* ---- assertions ---- */

    /**
     * Asserts how many statements the body of the test has run so far.
     *
     * @param expected what there is of each kind; a kind that is not given is not asserted
     * @throws AssertionError if there are more or fewer
     */
    public void assertStatements(Count... expected) {
        assertStatements(run(), expected);
    }

    private static void assertStatements(Run run, Count... expected) {
        List<Statement> statements = run.recording().statements();
        for (Count count : expected) {
            int actual = countOf(statements, count.kind());
            if (!count.holds(actual)) {
                throw new AssertionError("expected " + (count.orFewer() ? "at most " : "")
                        + statements(count.count(), count.kind()) + ", but there " + (actual == 1 ? "was " : "were ")
                        + actual + ":\n" + StatementTable.of(statements) + StatementTable.ofFindings(findings(run)));
            }
        }
    }

    private static String statements(int count, String kind) {
        return count + " " + kind + (count == 1 ? " statement" : " statements");
    }

    private static int countOf(List<Statement> statements, String kind) {
        return statements.stream()
                .filter(statement -> kind.equals(statement.verb().equals("merge") ? "insert" : statement.verb()))
                .mapToInt(Statement::count)
                .sum();
    }

    /**
     * Asserts that the body of the test has repeated no read where one would do: neither with other values, nor with the same,
     * nor by a loader that is asked for one key after the other. {@link AllowNPlusOne} excepts what is meant. The test should
     * have data of which there is more than one.
     *
     * @throws AssertionError if a statement is repeated; or if none was recorded at all
     */
    public void assertNoNPlusOne() {
        Run run = run();
        if (run.recording().statements().isEmpty()) {
            throw new AssertionError("Nothing can be said of statements:\n" + StatementTable.of(List.of()));
        }
        assertNone(run);
    }

    private static void assertNone(Run run) {
        List<Finding> findings = findings(run);
        if (!findings.isEmpty()) {
            throw new AssertionError("expected no statement to be repeated where one would do, but:\n"
                    + StatementTable.ofFindings(findings));
        }
    }

    private static List<Finding> findings(Run run) {
        AllowNPlusOne allowed = run.allowed();
        return run.recording().findings().stream()
                .filter(finding -> allowed == null || !isMeant(allowed, finding))
                .toList();
    }

    private static boolean isMeant(AllowNPlusOne allowed, Finding finding) {
        String text = (finding.sql() + " " + finding.site() + " " + finding.method()).toLowerCase(Locale.ROOT);
        return allowed.match().length == 0
                || Arrays.stream(allowed.match()).anyMatch(match -> text.contains(match.toLowerCase(Locale.ROOT)));
    }

    /**
     * Asserts that an action runs the same statements however much data there is, the assertion that is wrong least often: it
     * knows no thresholds and no places. These statements are in no other assertion.
     *
     * @param sizes from {@link #sizes}
     * @param seed makes sure that there is as much as the given size of what the action reads; not recorded
     * @param action what the service does
     * @throws AssertionError if a statement ran more often for one size than for another, with the difference; or if none ran
     */
    public void assertConstantStatements(int[] sizes, IntConsumer seed, Runnable action) {
        Run run = run();
        Map<Integer, List<Statement>> bySize = new LinkedHashMap<>();
        for (int size : sizes(sizes)) {
            pause(run, () -> seed.accept(size));
            run.recorder().pause(() -> {
                try (Recording recording = run.recorder().startOnAllThreads("size " + size)) {
                    action.run();
                    bySize.put(size, recording.statements());
                }
            });
        }
        if (bySize.values().stream().anyMatch(List::isEmpty)) {
            throw new AssertionError("Nothing can be said of statements:\n" + StatementTable.of(List.of()));
        }
        String difference = StatementTable.difference(bySize);
        if (!difference.isEmpty()) {
            throw new AssertionError("expected the same statements for " + Arrays.toString(sizes) + " rows, but:\n"
                    + difference + "      hint: " + StatementRecorder.Verdict.N_PLUS_ONE.hint() + "\n");
        }
    }

    /**
     * Runs something that is not recorded, such as what seeds, or a loop that is meant to be one; nor is what other threads run
     * meanwhile, but for those of tests beside it.
     *
     * @param body runs on this thread
     */
    public void pause(Runnable body) {
        pause(run(), body);
    }

    private static void pause(Run run, Runnable body) {
        run.recorder().pause(() -> {
            Recording ofOtherThreads = run.recorder().startOnAllThreads("pause"); // in the place of that of the test
            try {
                run.recorder().pause(body);
            } finally {
                ofOtherThreads.close();
            }
        });
    }

    /* ---- when ---- */

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        StatementRecorder recorder = StatementRecorder.install(jdbi.get()).threshold(2);
        Run run = new Run(
                context.getUniqueId(),
                recorder,
                recorder.startOnAllThreads(context.getDisplayName()),
                annotation(context, AllowNPlusOne.class),
                own.get());
        own.set(run);
        running.add(run);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        Run run = own.get();
        if (run == null || !run.test().equals(context.getUniqueId())) {
            return; // it did not begin
        }
        if (run.around() == null) {
            own.remove();
        } else {
            own.set(run.around());
        }
        running.remove(run);
        try (Recording recording = run.recording()) {
            if (context.getExecutionException().isEmpty()) {
                ExpectStatements expected = annotation(context, ExpectStatements.class);
                if (expected != null) {
                    assertStatements(run, counts(expected));
                }
                if (everyTest && !recording.statements().isEmpty()) {
                    assertNone(run);
                }
            }
        }
    }

    private static Count[] counts(ExpectStatements expected) {
        Map<String, Integer> all = new TreeMap<>(Map.of(
                "select", expected.select(),
                "insert", expected.insert(),
                "update", expected.update(),
                "delete", expected.delete()));
        return all.entrySet().stream()
                .filter(entry -> entry.getValue() >= 0)
                .map(entry -> new Count(entry.getKey(), entry.getValue(), false))
                .toArray(Count[]::new);
    }

    private static <A extends Annotation> @Nullable A annotation(ExtensionContext context, Class<A> type) {
        A found = context.getTestMethod()
                .map(method -> method.getAnnotation(type))
                .orElse(null);
        Class<?> owner = context.getTestClass().orElse(null);
        while (found == null && owner != null) {
            found = owner.getAnnotation(type);
            owner = owner.getEnclosingClass();
        }
        return found;
    }

    private Run run() {
        Run run = own.get();
        if (run == null && running.size() == 1) {
            run = running.get(0); // of a body that JUnit runs on another thread, to limit its time
        }
        if (run == null) {
            throw new IllegalStateException(
                    "statements are recorded in the body of a test, and not here: is this extension"
                            + " registered, by @RegisterExtension?");
        }
        return run;
    }
}
