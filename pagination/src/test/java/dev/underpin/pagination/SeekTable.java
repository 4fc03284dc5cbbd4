package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A table of three keys, in every order of which walks must give what sorting all rows gives. Immutable. */
final class SeekTable {
    static final String SELECT = "select r.* from r";

    /** Two columns for each key: one that is never null, and one that is in two rows of five. */
    record R(long id, List<Long> solid, List<@Nullable Long> holey) {
        private List<@Nullable Object> values() {
            List<@Nullable Object> values = new ArrayList<>();
            values.add(id);
            values.addAll(solid);
            values.addAll(holey);
            return values;
        }

        private static R read(ResultSet rs) throws SQLException {
            List<Long> solid = new ArrayList<>(3);
            List<@Nullable Long> holey = new ArrayList<>(3);
            for (int key = 0; key < 3; key++) {
                solid.add(rs.getLong("s" + key));
                long value = rs.getLong("h" + key);
                holey.add(rs.wasNull() ? null : value);
            }
            return new R(rs.getLong("id"), solid, holey);
        }
    }

    private static final Paginator PAGINATOR =
            Paginator.builder(1, new byte[32]).build();
    private static final PageSpec<R> SPEC = spec();

    private final List<R> rows = new ArrayList<>();

    /**
     * Makes the rows, the same ones each time.
     *
     * @param count how many
     * @param distinct how many values a key has at most: few make ties
     */
    SeekTable(int count, int distinct) {
        var random = new Random(7);
        for (long id = 0; id < count; id++) {
            List<Long> solid = new ArrayList<>();
            List<@Nullable Long> holey = new ArrayList<>();
            for (int key = 0; key < 3; key++) {
                solid.add((long) random.nextInt(distinct));
                holey.add(random.nextInt(5) < 2 ? null : (long) random.nextInt(distinct));
            }
            rows.add(new R(id, solid, holey));
        }
        Collections.shuffle(rows, random);
    }

    private static PageSpec<R> spec() {
        var spec = PageSpec.named("r", R.class)
                .unique("id", "r.id", ColumnType.LONG, R::id)
                .size(20, 10_000)
                .allowOffset(1000);
        for (int i = 0; i < 3; i++) {
            int key = i;
            spec.sort(
                    "s" + key, "r.s" + key, ColumnType.LONG, row -> row.solid().get(key));
            spec.sortNullsFirst(
                    "f" + key, "r.h" + key, ColumnType.LONG, row -> row.holey().get(key));
            spec.sortNullsLast(
                    "l" + key, "r.h" + key, ColumnType.LONG, row -> row.holey().get(key));
        }
        return spec.build();
    }

    /** {@return every order of up to three keys, with the tie-breaker in both directions} */
    static List<String> sorts() {
        List<String> all = new ArrayList<>();
        List<String> sorts = List.of("");
        for (int keys = 0; keys <= 3; keys++) {
            sorts.forEach(sort -> all.addAll(List.of(sort + "id", sort + "-id")));
            int key = keys;
            sorts = sorts.stream()
                    .flatMap(sort -> Stream.of("s", "-s", "f", "-f", "l", "-l").map(kind -> sort + kind + key + ','))
                    .toList();
        }
        return all;
    }

    void createIn(TestDatabase database) throws SQLException {
        database.execute("create table r (id bigint primary key, s0 bigint not null, s1 bigint not null,"
                + " s2 bigint not null, h0 bigint, h1 bigint, h2 bigint)");
        database.insert("r", rows.stream().map(R::values).toList());
    }

    /** {@return all rows in an order} */
    List<R> sorted(String sort) {
        List<R> sorted = new ArrayList<>(rows);
        sorted.sort(comparator(sort));
        return sorted;
    }

    private static Comparator<R> comparator(String sort) {
        return Arrays.stream(sort.split(",", -1))
                .map(SeekTable::comparatorOfKey)
                .reduce(Comparator::thenComparing)
                .orElseThrow();
    }

    private static Comparator<R> comparatorOfKey(String part) {
        boolean descending = part.startsWith("-");
        String name = descending ? part.substring(1) : part;
        Comparator<Long> values = descending ? Comparator.reverseOrder() : Comparator.naturalOrder();
        return Comparator.comparing(
                value(name), name.startsWith("f") ? Comparator.nullsFirst(values) : Comparator.nullsLast(values));
    }

    private static Function<R, @Nullable Long> value(String name) {
        int key = name.charAt(1) - '0';
        return switch (name.charAt(0)) {
            case 'i' -> R::id;
            case 's' -> row -> row.solid().get(key);
            default -> row -> row.holey().get(key);
        };
    }

    /** {@return a request, by its parameters: {@code sort}, {@code size}, ... each with its value} */
    static PageQuery<R> query(String... params) {
        Map<String, List<String>> lists = new HashMap<>();
        for (int i = 0; i < params.length; i += 2) {
            lists.put(params[i], List.of(params[i + 1]));
        }
        return PAGINATOR.parse(SPEC, lists, "").orElseThrow();
    }

    static Page<R> fetch(TestDatabase database, PageQuery<R> query) {
        return database.page(query, SELECT, R::read);
    }

    static List<Long> ids(List<R> rows) {
        return rows.stream().map(R::id).toList();
    }

    /* ---- walks ---- */

    /** Walks to the end and back by the cursors of the pages. */
    void walk(TestDatabase database, String sort, int size) {
        var to = new Walk(this, database, sort, size);
        while (to.hasNext()) {
            to.next();
        }
        while (to.hasPrevious()) {
            to.previous();
        }
    }

    /** Walks to and fro, by cursors of pages and of rows, and changes the size of the pages on the way. */
    void zigzag(TestDatabase database, String sort, int maxSize, int moves, Random random) {
        var walk = new Walk(this, database, sort, 1 + random.nextInt(maxSize));
        for (int i = 0; i < moves; i++) {
            walk.move(random, 1 + random.nextInt(maxSize));
        }
    }

    /** A page, and where it must be among all rows. Confined to one thread. */
    private static final class Walk {
        private final TestDatabase database;
        private final String sort;
        private final List<Long> all;
        private int size;
        private int from;
        private int to;
        private Page<R> page;

        Walk(SeekTable table, TestDatabase database, String sort, int size) {
            this.database = database;
            this.sort = sort;
            this.size = size;
            all = ids(table.sorted(sort));
            to = Math.min(size, all.size());
            page = fetch(database, query("sort", sort, "size", String.valueOf(size)));
            check();
        }

        boolean hasNext() {
            return to < all.size();
        }

        boolean hasPrevious() {
            return from > 0;
        }

        void next() {
            after(to, "cursor", page.next().orElseThrow());
        }

        void previous() {
            before(from, "cursor", page.previous().orElseThrow());
        }

        void move(Random random, int newSize) {
            size = newSize;
            int row = random.nextInt(to - from);
            switch (random.nextInt(4)) {
                case 0 -> {
                    if (hasNext()) {
                        next();
                    }
                }
                case 1 -> {
                    if (hasPrevious()) {
                        previous();
                    }
                }
                case 2 -> {
                    if (from + row + 1 < all.size()) {
                        after(from + row + 1, "cursor", page.cursor(row));
                    }
                }
                default -> {
                    if (from + row > 0) {
                        before(from + row, "before", page.cursor(row));
                    }
                }
            }
        }

        private void after(int index, String parameter, String cursor) {
            from = index;
            to = Math.min(index + size, all.size());
            go(parameter, cursor);
        }

        private void before(int index, String parameter, String cursor) {
            to = index;
            from = Math.max(index - size, 0);
            go(parameter, cursor);
        }

        private void go(String parameter, String cursor) {
            page = fetch(database, query("sort", sort, "size", String.valueOf(size), parameter, cursor));
            check();
        }

        private void check() {
            List<Long> expected = all.subList(from, to);
            List<Long> found = ids(page.items());
            boolean right =
                    found.equals(expected) && page.hasNext() == hasNext() && page.hasPrevious() == hasPrevious();
            // Described only where it is wrong: there are a million of these.
            assertThat(right)
                    .as(() -> database + " " + sort + " rows " + from + " to " + to + ": expected " + expected
                            + " and got " + found + ", " + page)
                    .isTrue();
        }
    }
}
