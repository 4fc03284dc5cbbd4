package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@link SeekWalk} does, on 10 007 rows: every order in large pages, and in small ones a sample of them, with the
 * index that serves the order. Too long for each build; the profile {@code walk} runs it.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class WholeWalk {
    private static final List<Dialect> DIALECTS =
            List.of(Dialect.POSTGRESQL, Dialect.H2, Dialect.MARIADB, Dialect.SQLITE);
    private static final int ROWS = 10_007;
    /** How many orders are walked in pages of a size: a walk in pages of one row takes 40 000 statements. */
    private static final Map<Integer, Integer> SAMPLES = Map.of(1, 1, 2, 1, 7, 3, 50, 10);

    /** Keys of few values make runs of hundreds of ties, keys of many make almost none. */
    @ParameterizedTest
    @ValueSource(ints = {3, 5000})
    void walk_everyOrder_isTheSortedWhole(int distinct, TestReporter reporter) throws Exception {
        List<String> sorts = SeekTable.sorts();
        onEach(distinct, reporter, (table, database) -> {
            for (String sort : sorts) {
                index(database, sort);
                table.walk(database, sort, /* size= */ 2503);
            }
            return sorts.size();
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5000})
    void walk_smallPages_areTheSortedWhole(int distinct, TestReporter reporter) throws Exception {
        onEach(distinct, reporter, (table, database) -> {
            int walks = 0;
            for (Map.Entry<Integer, Integer> sample : SAMPLES.entrySet()) {
                int size = sample.getKey();
                for (String sort : sample(new Random(31L * distinct + size), sample.getValue())) {
                    index(database, sort);
                    table.walk(database, sort, size);
                    walks++;
                }
            }
            return walks;
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5000})
    void walk_toAndFro_isThatPartOfTheSortedWhole(int distinct, TestReporter reporter) throws Exception {
        onEach(distinct, reporter, (table, database) -> {
            var random = new Random(distinct);
            List<String> some = sample(random, 40);
            for (String sort : some) {
                index(database, sort);
                table.zigzag(database, sort, /* maxSize= */ 400, /* moves= */ 250, random);
            }
            return some.size();
        });
    }

    private static List<String> sample(Random random, int count) {
        List<String> shuffled = new ArrayList<>(SeekTable.sorts());
        Collections.shuffle(shuffled, random);
        return shuffled.subList(0, count);
    }

    /** Walks on a database, and says how often. */
    private interface Walks {
        int walk(SeekTable table, TestDatabase database) throws SQLException;
    }

    private static void onEach(int distinct, TestReporter reporter, Walks walks) throws Exception {
        SeekTable table = new SeekTable(ROWS, distinct);
        List<Callable<Integer>> work = new ArrayList<>();
        for (Dialect dialect : DIALECTS) {
            work.add(() -> on(dialect, table, walks, reporter));
        }
        List<Integer> counts = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            for (Future<Integer> count : threads.invokeAll(work)) {
                counts.add(count.get());
            }
        } finally {
            threads.shutdownNow();
        }
        // Each has walked, and as often as the others: nothing was left out.
        assertThat(counts).hasSize(DIALECTS.size()).containsOnly(counts.get(0)).allMatch(count -> count > 0);
    }

    private static int on(Dialect dialect, SeekTable table, Walks walks, TestReporter reporter) throws SQLException {
        long began = System.nanoTime();
        try (TestDatabase database = TestDatabase.open(dialect)) {
            table.createIn(database);
            int count = walks.walk(table, database);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
            reporter.publishEntry(
                    dialect.name(), count + " walks, " + database.executed() + " statements, " + seconds + " s");
            return count;
        }
    }

    /** The one index of the table, for one order. */
    private static void index(TestDatabase database, String sort) throws SQLException {
        String drop = "drop index if exists walked" + (database.dialect() == Dialect.MARIADB ? " on r" : "");
        String columns = Arrays.stream(sort.split(",", -1))
                .flatMap(key -> Stream.of(key.startsWith("-") ? column(key.substring(1)) + " desc" : column(key)))
                .collect(Collectors.joining(", "));
        database.execute(drop);
        database.execute("create index walked on r (" + columns + ')');
        database.execute(
                switch (database.dialect()) {
                    case POSTGRESQL -> "vacuum analyze r";
                    case MARIADB -> "analyze table r";
                    default -> "analyze";
                });
    }

    private static String column(String name) {
        return name.replaceFirst("^[fl](?=\\d)", "h");
    }
}
