package dev.underpin.pagination;

import dev.underpin.pagination.Dialect.Arms;
import dev.underpin.pagination.Dialect.Comparison;
import dev.underpin.pagination.SortKey.Order;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A part of the rows behind a position that one walk along an index finds: a condition, and which of the keys are null
 * in it. The arms of a position have no row in common and leave none out.
 *
 * @param condition the condition; null if there is none
 * @param nulls for each key whether it is null in all rows; null if both is possible, and the database sorts it right
 * @param fixed how many of the first keys have one value, or none, in all rows
 * @param named how many of the first keys the condition is about
 * @param start the part of the condition that fixes the first keys; null if there is none
 * @param groups what this arm has the first groups of; null if it is rows of the table
 */
record Arm(
        @Nullable String condition,
        List<@Nullable Boolean> nulls,
        int fixed,
        int named,
        @Nullable String start,
        @Nullable Groups groups) {
    /**
     * The rows of an arm that a page can need, in the order of the database: those that agree in the first keys, a group,
     * are next to each other in any order. All groups of them but the last are whole.
     *
     * @param name what a statement calls them
     * @param of the arm
     */
    record Groups(String name, Arm of) {}

    /** The parameters of the values of the keys; no order has more. */
    static final List<String> PARAMETERS = IntStream.rangeClosed(1, PageSpec.MAX_SORT_KEYS + 1)
            .mapToObj(key -> "pgn_v" + key)
            .toList();

    /** The parameters of what is next to the values of the keys: above it, and below. */
    static final List<String> ABOVE =
            PARAMETERS.stream().map(value -> value + "_above").toList();

    static final List<String> BELOW =
            PARAMETERS.stream().map(value -> value + "_below").toList();

    Arm(@Nullable String condition, List<@Nullable Boolean> nulls, int fixed, int named, @Nullable String start) {
        this(condition, nulls, fixed, named, start, null);
    }

    /**
     * {@return the arms of a position} The rows of one list come before those of the next; the arms of one list have to
     * be merged.
     *
     * @param dialect the database
     * @param orders the keys, in the direction of the walk
     * @param nulls which keys of the position are null; null to begin at the start
     * @param inclusive whether the row at the position is wanted, too
     */
    static List<List<Arm>> of(
            Dialect dialect, List<? extends Order<?>> orders, boolean @Nullable [] nulls, boolean inclusive) {
        List<Arm> steps = nulls == null
                ? List.of(new Arm(null, unknown(orders.size()), 0, 0, null))
                : new Steps(dialect, orders, nulls, inclusive).all();
        List<List<Arm>> arms = new ArrayList<>();
        Iterator<String> names =
                IntStream.iterate(1, i -> i + 1).mapToObj(i -> "pgn_g" + i).iterator();
        for (Arm step : steps) {
            arms.addAll(step.split(dialect, orders, 0, names));
        }
        if (dialect.seeksValues()) {
            arms.replaceAll(next ->
                    next.stream().map(arm -> arm.bounded(dialect, orders)).toList());
        }
        if (dialect.inTurn()) {
            return arms;
        }
        List<Arm> all = arms.stream().flatMap(List::stream).toList();
        return List.of(dialect.arms() == Arms.OR ? joined(dialect, orders, all) : all);
    }

    private static List<@Nullable Boolean> unknown(int size) {
        List<@Nullable Boolean> unknown = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            unknown.add(null);
        }
        return unknown;
    }

    /**
     * {@return this arm with a bound on the keys behind, which no row is beyond} Of indexes that begin alike, H2 takes
     * the one that has most of the columns the condition is about: that with all keys, then. The unique one is left
     * out, or it takes the primary key.
     */
    private Arm bounded(Dialect dialect, List<? extends Order<?>> orders) {
        if (groups != null) {
            Groups bounded = new Groups(groups.name, groups.of.bounded(dialect, orders));
            return new Arm(condition, nulls, fixed, named, start, bounded);
        }
        if (condition == null) {
            return this;
        }
        StringBuilder all = new StringBuilder(condition);
        for (Order<?> order : orders.subList(named, orders.size())) {
            if (!order.key().nullable() && !order.key().unique()) {
                all.append(" and ").append(dialect.hasValue(order.key()));
            }
        }
        return new Arm(all.toString(), nulls, fixed, orders.size(), start);
    }

    /** Where the database would put nulls on the wrong side, rows with and without a value become arms of their own. */
    private List<List<Arm>> split(Dialect dialect, List<? extends Order<?>> orders, int from, Iterator<String> names) {
        int key = from;
        while (key < orders.size() && (nulls.get(key) != null || dialect.isNative(orders.get(key)))) {
            key++;
        }
        if (key == orders.size()) {
            return List.of(List.of(this));
        }
        if (key > fixed && dialect.seeksWhatItFound() && areSolid(orders, fixed, key)) {
            return byGroups(dialect, orders, key, names);
        }
        String column = orders.get(key).key().column();
        boolean inTurn = key == fixed;
        Arm without = and(dialect.hasNone(column), key, true, inTurn ? key + 1 : fixed);
        Arm with = and(hasValue(dialect, orders.get(key).key(), key, inTurn), key, false, fixed);
        boolean nullsFirst = orders.get(key).nullsFirst();
        List<List<Arm>> both = new ArrayList<>((nullsFirst ? without : with).split(dialect, orders, key + 1, names));
        both.addAll((nullsFirst ? with : without).split(dialect, orders, key + 1, names));
        // Behind a key that varies, rows with and without a value alternate.
        return inTurn ? both : List.of(both.stream().flatMap(List::stream).toList());
    }

    private boolean areSolid(List<? extends Order<?>> orders, int from, int to) {
        return IntStream.range(from, to)
                .allMatch(i -> !orders.get(i).key().nullable() || Boolean.FALSE.equals(nulls.get(i)));
    }

    /**
     * {@return the rows of all groups but the last one that can be needed, which are fewer than a page; then that one,
     * in which the keys before the one whose nulls are on the wrong side have one value}
     */
    private List<List<Arm>> byGroups(
            Dialect dialect, List<? extends Order<?>> orders, int key, Iterator<String> names) {
        String name = names.next();
        Arm last = new Arm(start, nulls, fixed, fixed, start);
        StringJoiner isLast = new StringJoiner(" and ", "not (", ")");
        for (int i = fixed; i < key; i++) {
            String value = Template.last(dialect, orders, name, i, key);
            isLast.add("pgn_" + (i + 1) + " = " + value);
            last = last.and(orders.get(i).key().column() + " = " + value, i, false, i + 1);
        }
        List<List<Arm>> all = new ArrayList<>();
        all.add(List.of(new Arm(isLast.toString(), nulls, 0, orders.size(), null, new Groups(name, this))));
        all.addAll(last.split(dialect, orders, key, names));
        return all;
    }

    /**
     * {@return the condition that a key has a value, beside an arm where it has none} MariaDB 11.4 loses rows where it
     * makes a range of it: along an index of mixed directions, {@code a <= 2 and b is null and c is not null} gives some of
     * them only.
     */
    private static String hasValue(Dialect dialect, SortKey<?, ?> key, int index, boolean inTurn) {
        if (dialect.arms() == Arms.OR && index > 0) {
            return '(' + key.column() + " is null) = 0";
        }
        return inTurn ? dialect.hasValue(key) : key.column() + " is not null";
    }

    private Arm and(String more, int index, boolean isNull, int nowFixed) {
        List<@Nullable Boolean> known = new ArrayList<>(nulls);
        known.set(index, isNull);
        String all = condition == null ? more : condition + " and " + more;
        return new Arm(all, known, nowFixed, index + 1, nowFixed > index ? all : start);
    }

    /** {@return one arm for each choice of nulls, with a condition that holds where that of any of its parts does} */
    private static List<Arm> joined(Dialect dialect, List<? extends Order<?>> orders, List<Arm> arms) {
        Map<List<@Nullable Boolean>, Arm> joined = new LinkedHashMap<>();
        for (Arm arm : arms) {
            List<@Nullable Boolean> split = new ArrayList<>(arm.nulls);
            for (int i = 0; i < split.size(); i++) {
                if (dialect.isNative(orders.get(i))) {
                    split.set(i, null);
                }
            }
            joined.merge(
                    split,
                    new Arm(arm.condition, split, 0, 0, null),
                    (one, other) -> new Arm(one.condition + " or " + other.condition, split, 0, 0, null));
        }
        return joined.values().stream()
                .map(arm -> arm.condition == null ? arm : new Arm('(' + arm.condition + ')', arm.nulls, 0, 0, null))
                .toList();
    }

    /** The arms behind a position, before nulls on the wrong side are looked at. */
    private static final class Steps {
        private final Dialect dialect;
        private final List<? extends Order<?>> orders;
        private final boolean[] nulls;
        private final boolean inclusive;
        private final List<Arm> arms = new ArrayList<>();

        Steps(Dialect dialect, List<? extends Order<?>> orders, boolean[] nulls, boolean inclusive) {
            this.dialect = dialect;
            this.orders = orders;
            this.nulls = nulls;
            this.inclusive = inclusive;
        }

        List<Arm> all() {
            for (int from = 0; from < orders.size(); ) {
                int to = endOfRun(from);
                Order<?> order = orders.get(from);
                if (!order.key().nullable()) {
                    add(from, to, compared(from, to), null);
                } else if (nulls[from]) {
                    if (order.nullsFirst()) {
                        add(from, to, dialect.hasValue(order.key()), false);
                    }
                } else {
                    if (!order.nullsFirst()) {
                        add(from, to, dialect.hasNone(order.key().column()), true);
                    }
                    add(from, to, compared(from, to), false);
                }
                from = to;
            }
            // The rows next to the position are those that agree with it longest.
            Collections.reverse(arms);
            return arms;
        }

        private int endOfRun(int from) {
            Order<?> first = orders.get(from);
            int to = from + 1;
            while (dialect.comparison() != Comparison.ONE_KEY
                    && to < orders.size()
                    && !first.key().nullable()
                    && !orders.get(to).key().nullable()
                    && orders.get(to).descending() == first.descending()) {
                to++;
            }
            return to;
        }

        private void add(int from, int to, String condition, @Nullable Boolean isNull) {
            List<@Nullable Boolean> known = unknown(orders.size());
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < from; i++) {
                String column = orders.get(i).key().column();
                all.append(nulls[i] ? dialect.hasNone(column) : column + " = " + bind(i))
                        .append(" and ");
                known.set(i, nulls[i]);
            }
            for (int i = from; i < to; i++) {
                known.set(i, isNull);
            }
            String start = all.length() == 0 ? null : all.substring(0, all.length() - " and ".length());
            String whole = all.append(condition).toString();
            boolean fixed = Boolean.TRUE.equals(isNull);
            arms.add(new Arm(whole, known, fixed ? to : from, to, fixed ? whole : start));
        }

        private String compared(int from, int to) {
            char strict = orders.get(from).descending() ? '<' : '>';
            String end = inclusive && to == orders.size() ? " " + strict + "= " : " " + strict + ' ';
            if (to == from + 1) {
                Order<?> order = orders.get(from);
                boolean seeksNext = dialect.seeksValues() && !order.key().unique();
                String compared = seeksNext ? next(from, strict) : column(from) + end + bind(from);
                // On H2 what is smaller is there together with the nulls, and they are walked at its end.
                boolean nullsBelow = dialect.seeksValues() && order.key().nullable() && order.descending();
                return nullsBelow ? compared + " and " + dialect.hasValue(order.key()) : compared;
            }
            return switch (dialect.comparison()) {
                case ROW_VALUE -> rowValue(from, to, end);
                case WIDE_ROW_VALUE ->
                    inclusive || to < orders.size()
                            ? rowValue(from, to, end)
                            : rowValue(from, to, " " + strict + "= ") + " and " + rowValue(from, to, " <> ");
                case SPELLED_OUT -> '(' + spelledOut(from, to, strict, end) + ')';
                case ONE_KEY -> throw new IllegalStateException("a run of more than one key");
            };
        }

        /** {@return what is beyond a value, with a bound that is beyond it, too, where its type has a next one} */
        private String next(int index, char strict) {
            String parameter = (strict == '<' ? BELOW : ABOVE).get(index);
            return column(index) + ' ' + strict + "= :" + parameter + " and (" + column(index) + ' ' + strict + ' '
                    + bind(index) + ") is true";
        }

        private String rowValue(int from, int to, String end) {
            var columns = new StringJoiner(", ", "(", ")");
            var binds = new StringJoiner(", ", "(", ")");
            for (int i = from; i < to; i++) {
                columns.add(column(i));
                binds.add(bind(i));
            }
            return columns + end + binds;
        }

        private String spelledOut(int from, int to, char strict, String end) {
            if (from == to - 1) {
                return column(from) + end + bind(from);
            }
            return column(from) + ' ' + strict + ' ' + bind(from) + " or (" + column(from) + " = " + bind(from)
                    + " and (" + spelledOut(from + 1, to, strict, end) + "))";
        }

        private String column(int index) {
            return orders.get(index).key().column();
        }
    }

    /** {@return the placeholder of the value of a key} */
    private static String bind(int key) {
        return ":" + PARAMETERS.get(key);
    }
}
