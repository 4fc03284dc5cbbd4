package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.pagination.SeekTable.R;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every order of up to three keys, walked page by page forward, backward and to and fro, gives what sorting all rows
 * gives: direction, place of nulls, ties and page size are all varied. {@code WholeWalk} does so on a larger table.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SeekWalk {
    private static final int ROWS = 200;

    private final SeekTable table = new SeekTable(ROWS, /* distinct= */ 3);
    private final List<TestDatabase> databases = new ArrayList<>();

    /** {@return the databases to walk on} */
    abstract List<Dialect> dialects();

    @BeforeAll
    void fill() throws SQLException {
        for (Dialect dialect : dialects()) {
            TestDatabase database = TestDatabase.open(dialect);
            databases.add(database);
            table.createIn(database);
        }
    }

    @AfterAll
    void close() throws SQLException {
        for (TestDatabase database : databases) {
            database.close();
        }
    }

    /* ---- all orders ---- */

    @Test
    void walk_anyOrderOfUpToThreeKeys_isTheSortedWhole() {
        assertThat(SeekTable.sorts()).hasSize(2 * (1 + 6 + 36 + 216));
        databases.parallelStream()
                .forEach(database -> SeekTable.sorts().forEach(sort -> table.walk(database, sort, /* size= */ 67)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, ROWS - 1, ROWS, ROWS + 1})
    void walk_anySize_isTheSortedWhole(int size) {
        List<String> some = new ArrayList<>(SeekTable.sorts());
        Collections.shuffle(some, new Random(size));
        databases.parallelStream()
                .forEach(database -> some.subList(0, 3).forEach(sort -> table.walk(database, sort, size)));
    }

    @Test
    void walk_toAndFro_isThatPartOfTheSortedWhole() {
        for (int seed = 0; seed < 30; seed++) {
            var random = new Random(seed);
            String sort = SeekTable.sorts().get(random.nextInt(SeekTable.sorts().size()));
            for (TestDatabase database : databases) {
                table.zigzag(database, sort, /* maxSize= */ 20, /* moves= */ 20, random);
            }
        }
    }

    /* ---- what changes meanwhile ---- */

    /** A row that is there all the time is seen once, whatever happens around it. */
    @ParameterizedTest
    @ValueSource(strings = {"s0,-s1,id", "-l0,s1,-id", "f0,-l1,s2,id"})
    void walk_whileRowsComeAndGo_seesTheOthersOnce(String sort) {
        List<Long> stay = SeekTable.ids(table.sorted("id")).stream()
                .filter(id -> id % 2 == 0)
                .toList();
        databases.parallelStream()
                .forEach(database -> assertThat(seenMeanwhile(database, sort).stream()
                                .filter(id -> id % 2 == 0)
                                .sorted()
                                .toList())
                        .as("%s", database)
                        .isEqualTo(stay));
    }

    /** {@return the ids a walk saw} Only rows of odd ids are changed: between two pages, fifty of them. */
    private static List<Long> seenMeanwhile(TestDatabase database, String sort) {
        var random = new Random(11);
        List<Long> seen = new ArrayList<>();
        try {
            database.connection().setAutoCommit(false);
            Page<R> page = SeekTable.fetch(database, SeekTable.query("sort", sort, "size", "3"));
            seen.addAll(SeekTable.ids(page.items()));
            while (page.hasNext()) {
                // The row at the cursor too, if it is one that goes.
                R last = page.items().get(page.items().size() - 1);
                database.execute("delete from r where id = " + last.id() + " and mod(id, 2) = 1");
                for (int i = 0; i < 25; i++) {
                    database.execute("update r set s0 = 2 - s0, h0 = " + (random.nextBoolean() ? "null" : "1")
                            + " where id = " + (2 * random.nextInt(ROWS) + 1));
                    database.execute("delete from r where id = " + (2 * random.nextInt(ROWS) + 1));
                }
                database.execute("insert into r values (" + (2 * (ROWS + seen.size()) + 1) + ", 1, 1, 1, "
                        + (random.nextBoolean() ? "null" : "1") + ", null, 2)");
                String next = page.next().orElseThrow();
                page = SeekTable.fetch(database, SeekTable.query("sort", sort, "size", "3", "cursor", next));
                seen.addAll(SeekTable.ids(page.items()));
            }
            database.connection().rollback();
            database.connection().setAutoCommit(true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return seen;
    }

    /* ---- by number, and back from nothing ---- */

    @ParameterizedTest
    @ValueSource(strings = {"s0,-s1,id", "-l0,s1,-id", "f0,-l1,s2,id", "l0,f1,id"})
    void page_byNumber_isThatPartOfTheSortedWhole(String sort) {
        List<R> expected = table.sorted(sort).subList(14, 21);
        for (TestDatabase database : databases) {
            PageQuery<R> query = SeekTable.query("sort", sort, "size", "7", "page", "3");
            assertThat(SeekTable.fetch(database, query).items())
                    .as("%s", database)
                    .isEqualTo(expected);
        }
    }

    /** All behind the cursor is gone: the way back begins with the row the cursor is of. */
    @ParameterizedTest
    @ValueSource(strings = {"s0,-s1,id", "-l0,s1,-id", "f0,-l1,s2,id"})
    void previous_ofAnEmptyPage_losesNoRow(String sort) {
        List<R> expected = table.sorted(sort).subList(ROWS - 5, ROWS);
        PageQuery<R> behind = SeekTable.query("sort", sort, "size", "5").after(expected.get(4));
        for (TestDatabase database : databases) {
            Page<R> empty = SeekTable.fetch(database, behind);
            String back = empty.previous().orElseThrow();

            assertThat(empty.items()).isEmpty();
            assertThat(empty.hasPrevious()).isTrue();
            assertThat(SeekTable.fetch(database, SeekTable.query("sort", sort, "size", "5", "cursor", back))
                            .items())
                    .isEqualTo(expected);
        }
    }
}
