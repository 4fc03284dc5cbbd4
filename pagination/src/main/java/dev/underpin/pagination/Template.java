package dev.underpin.pagination;

import dev.underpin.pagination.Arm.Groups;
import dev.underpin.pagination.Dialect.Arms;
import dev.underpin.pagination.SortKey.Order;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement of the service's own, into which conditions, order and limit are put; it is not parsed.
 *
 * @param select the statement up to its conditions, or with slots for what is put into it
 * @param conditions those that are there on every page; may be empty
 */
record Template(String select, List<String> conditions) {
    private static final Pattern SLOT = Pattern.compile("\\{(keys|seek|order|limit)}");
    /** Always true, and never about the same value: see {@link Dialect#repeatsArms}. */
    static final String CALL = "pgn_call";

    /** The empty text: as a literal, H2 writes it for some types in a way that it does not read. */
    static final String EMPTY = "pgn_empty";

    private static final String ONCE = ':' + CALL + " is not null";
    /** What H2 and MariaDB do not read behind a bracket. */
    private static final Pattern WITH = Pattern.compile("\\s*with\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern PLAIN_SELECT = Pattern.compile(
            "\\s*select\\s++(?!(?:distinct|all|unique|top|straight_join)\\b|/\\*)", Pattern.CASE_INSENSITIVE);

    /**
     * {@return the rows of some arms, in order}
     *
     * @param withKeys whether the columns of the sort are added even if this statement does not need them
     * @param limit the clause that says how many
     * @param limitOfArm the parameter that says how many of an arm can be needed
     */
    String statement(
            Dialect dialect,
            List<? extends Order<?>> orders,
            List<List<Arm>> arms,
            boolean withKeys,
            String limit,
            String limitOfArm) {
        if (arms.size() == 1 && arms.get(0).size() == 1) {
            Arm only = arms.get(0).get(0);
            String columns = withKeys ? keys(orders) + ranks(dialect, orders, only) : "";
            return filled(only.condition(), columns, order(orders, column -> column), limit);
        }
        String inOrder = inOrder(dialect, orders);
        StringJoiner cascade = new StringJoiner(", ", "with ", " ");
        cascade.setEmptyValue("");
        if (arms.size() == 1) {
            for (Arm arm : arms.get(0)) {
                if (arm.groups() != null) {
                    cascade.add(groups(dialect, orders, arm.groups(), limitOfArm));
                }
            }
            return cascade + union(dialect, orders, arms.get(0), limitOfArm) + inOrder + limit;
        }
        StringJoiner all = new StringJoiner(" union all ");
        String left = limitOfArm;
        for (int i = 0; i < arms.size(); i++) {
            String name = "pgn_a" + (i + 1);
            Groups groups = arms.get(i).get(0).groups();
            if (groups != null) {
                cascade.add(groups(dialect, orders, groups, left));
            }
            cascade.add(name + " as (" + next(dialect, orders, arms.get(i), limitOfArm, left) + ')');
            String rows = found(dialect, name);
            all.add("select * from " + rows);
            left += " - (select count(*) from " + rows + ')';
        }
        return cascade + all.toString() + inOrder + limit;
    }

    private String groups(Dialect dialect, List<? extends Order<?>> orders, Groups groups, String limit) {
        return groups.name() + " as (" + filled(dialect, orders, groups.of(), limit) + ')';
    }

    /** {@return where a part of a statement is read} */
    private static String found(Dialect dialect, String name) {
        return dialect.repeatsArms() ? name + " where " + ONCE : name;
    }

    /** {@return the value that a key has in the last of some groups} */
    static String last(Dialect dialect, List<? extends Order<?>> orders, String groups, int key, int keys) {
        StringJoiner fromTheEnd = new StringJoiner(", ");
        for (int i = 0; i < keys; i++) {
            fromTheEnd.add("pgn_" + (i + 1) + (orders.get(i).descending() ? "" : " desc"));
        }
        return "(select pgn_" + (key + 1) + " from " + found(dialect, groups) + " order by " + fromTheEnd
                + dialect.limit(PageQuery.ONE) + ')';
    }

    private String next(
            Dialect dialect, List<? extends Order<?>> orders, List<Arm> arms, String limitOfArm, String left) {
        // Where its own limit stays inside: who plans it does not know the other.
        String limit = dialect.arms() == Arms.CASCADE ? left : limitOfArm;
        String one = arms.size() == 1
                ? filled(dialect, orders, arms.get(0), limit)
                : union(dialect, orders, arms, limit) + inOrder(dialect, orders) + dialect.limit(limit);
        return limit.equals(left) ? one : "select * from (" + one + ") pgn_a" + dialect.limit(left);
    }

    private String union(Dialect dialect, List<? extends Order<?>> orders, List<Arm> arms, String limitOfArm) {
        boolean wrapped =
                dialect.arms() == Arms.UNION_OF_SELECTS || WITH.matcher(select).lookingAt();
        StringJoiner union = new StringJoiner(" union all ");
        for (int i = 0; i < arms.size(); i++) {
            String one = filled(dialect, orders, arms.get(i), limitOfArm);
            union.add(wrapped ? "select * from (" + one + ") pgn_a" + (i + 1) : '(' + one + ')');
        }
        return union.toString();
    }

    private String filled(Dialect dialect, List<? extends Order<?>> orders, Arm arm, String limitOfArm) {
        if (arm.groups() != null) {
            return "select * from " + found(dialect, arm.groups().name())
                    + (dialect.repeatsArms() ? " and " : " where ") + arm.condition();
        }
        String columns = keys(orders) + ranks(dialect, orders, arm);
        String once = arm.condition() == null ? ONCE : arm.condition() + " and " + ONCE;
        return filled(
                dialect.repeatsArms() ? once : arm.condition(),
                columns,
                order(orders, dialect::sortedBy),
                dialect.limit(limitOfArm));
    }

    /** {@return the order over several arms, by the columns that were added} */
    private static String inOrder(Dialect dialect, List<? extends Order<?>> orders) {
        StringJoiner order = new StringJoiner(", ", " order by ", "");
        for (int i = 0; i < orders.size(); i++) {
            if (!dialect.isNative(orders.get(i))) {
                order.add("pgn_n" + (i + 1));
            }
            order.add("pgn_" + (i + 1) + (orders.get(i).descending() ? " desc" : ""));
        }
        return order.toString();
    }

    private static String keys(List<? extends Order<?>> orders) {
        StringJoiner keys = new StringJoiner(", ");
        for (int i = 0; i < orders.size(); i++) {
            keys.add(orders.get(i).key().column() + " as pgn_" + (i + 1));
        }
        return keys.toString();
    }

    /** {@return for each key that has its nulls on the wrong side of the database, on which side those of an arm are} */
    private static String ranks(Dialect dialect, List<? extends Order<?>> orders, Arm arm) {
        StringBuilder ranks = new StringBuilder();
        for (int i = 0; i < orders.size(); i++) {
            if (!dialect.isNative(orders.get(i))) {
                ranks.append(", ")
                        .append(rank(orders.get(i), arm.nulls().get(i)))
                        .append(" as pgn_n")
                        .append(i + 1);
            }
        }
        return ranks.toString();
    }

    private static String rank(Order<?> order, @Nullable Boolean isNull) {
        int ofNull = order.nullsFirst() ? 0 : 1;
        return isNull == null
                ? "case when " + order.key().column() + " is null then " + ofNull + " else " + (1 - ofNull) + " end"
                : String.valueOf(isNull ? ofNull : 1 - ofNull);
    }

    private static String order(List<? extends Order<?>> orders, UnaryOperator<String> sortedBy) {
        StringJoiner order = new StringJoiner(", ", "order by ", "");
        for (Order<?> one : orders) {
            order.add(sortedBy.apply(one.key().column()) + (one.descending() ? " desc" : ""));
        }
        return order.toString();
    }

    private String filled(@Nullable String condition, String columns, String order, String limit) {
        StringJoiner where = new StringJoiner(" and ");
        conditions.forEach(where::add);
        if (condition != null) {
            where.add(condition);
        }
        Map<String, String> parts = Map.of(
                "keys",
                columns.isEmpty() ? "" : ", " + columns,
                "seek",
                where.length() == 0 ? "1 = 1" : where.toString(),
                "order",
                order,
                "limit",
                limit.strip());
        StringBuilder text = new StringBuilder();
        Matcher slots = SLOT.matcher(withColumns(columns));
        while (slots.find()) {
            slots.appendReplacement(text, Matcher.quoteReplacement(parts.getOrDefault(slots.group(1), "")));
        }
        slots.appendTail(text);
        if (!select.contains("{seek}")) {
            text = new StringBuilder(closed(text.toString()));
            text.append(where.length() == 0 ? "" : " where " + where);
        }
        text.append(select.contains("{order}") || order.isEmpty() ? "" : " " + order);
        return text.append(select.contains("{limit}") ? "" : limit).toString();
    }

    /**
     * {@return how many rows there are}
     *
     * @param limit the parameter that says how many are counted at most; null to count all
     */
    String count(Dialect dialect, @Nullable String limit) {
        String rows =
                limit == null ? filled(null, "", "", "") : filled(null, "", dialect.anyOrder(), dialect.limit(limit));
        return "select count(*) from (" + closed(rows) + ") pgn_c";
    }

    /** {@return SQL that something can stand behind: not in its last comment} */
    static String closed(String sql) {
        return sql.contains("--") ? sql + '\n' : sql;
    }

    private String withColumns(String columns) {
        if (columns.isEmpty() || select.contains("{keys}")) {
            return select;
        }
        Matcher start = PLAIN_SELECT.matcher(select);
        return start.lookingAt() ? start.group() + columns + ", " + select.substring(start.end()) : select;
    }

    /** {@return why the statement cannot be used; null if it can} */
    @Nullable
    String refusal(Dialect dialect) {
        if (!select.contains("{seek}") && (select.contains("{order}") || select.contains("{limit}"))) {
            return "the statement must say with {seek} where its conditions are, if it has {order} or {limit}";
        }
        if (select.contains("{keys}")) {
            return null;
        }
        Matcher start = PLAIN_SELECT.matcher(select);
        boolean plain = start.lookingAt() && !(dialect.wantsStarFirst() && select.startsWith("*", start.end()));
        return plain
                ? null
                : "the statement must begin with \"select \" and a column, or say with {keys} behind its last column"
                        + " where those of the sort are added";
    }
}
