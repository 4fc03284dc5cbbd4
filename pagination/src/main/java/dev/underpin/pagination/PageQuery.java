package dev.underpin.pagination;

import dev.underpin.pagination.Dialect.Arms;
import dev.underpin.pagination.Filter.Condition;
import dev.underpin.pagination.Filter.Operator;
import dev.underpin.pagination.Filter.Shape;
import dev.underpin.pagination.Plans.Form;
import dev.underpin.pagination.Plans.Plan;
import dev.underpin.pagination.SortKey.Order;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.StringJoiner;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A request for one page that can be trusted: every part of it was checked against its {@link PageSpec}. Immutable and
 * thread-safe.
 *
 * @param <T> the type of the rows
 */
public final class PageQuery<T> {
    private static final String LIMIT = "pgn_limit";
    private static final String REACH = "pgn_reach";
    private static final String OFFSET = "pgn_offset";
    static final String ONE = "pgn_one";
    private static final String CAP = "pgn_cap";
    private static final String RESERVED = ":pgn_";

    /** The parameters that only some texts have. */
    static final List<String> EXTRAS = Stream.of(
                    List.of(REACH, ONE, Template.CALL, Template.EMPTY), Arm.ABOVE, Arm.BELOW)
            .flatMap(List::stream)
            .toList();

    /** What the texts depend on besides sort and filters; {@code SEEK} is the first of the bits of a position. */
    private static final int FIRST = 0;

    private static final int BY_NUMBER = 1;
    private static final int COUNT_ALL = 2;
    private static final int COUNT_TO_CAP = 3;
    private static final int SEEK = 4;

    private final Plans plans;

    private final List<Order<T>> orders;
    private final List<Condition> conditions;
    private final int size;
    private final Set<String> fields;
    private final long offset;
    private final @Nullable Start start;
    private final @Nullable CursorScope cursors;

    PageQuery(
            Plans plans,
            List<Order<T>> orders,
            List<Condition> conditions,
            int size,
            Set<String> fields,
            long offset,
            @Nullable Start start,
            @Nullable CursorScope cursors) {
        this.plans = plans;
        this.orders = orders;
        this.conditions = conditions;
        this.size = size;
        this.fields = fields;
        this.offset = offset;
        this.start = start;
        this.cursors = cursors;
    }

    /**
     * Where a page begins.
     *
     * @param backward whether it ends there, rather
     * @param inclusive whether the row at this place is part of it
     * @param values what a statement gets for the keys of that row; null for those it has none of
     * @param encoded the same as a cursor has them
     */
    @SuppressWarnings("ArrayRecordComponent") // package-private, and never compared
    record Start(boolean backward, boolean inclusive, List<@Nullable Object> values, byte[] encoded) {
        boolean[] nulls() {
            boolean[] nulls = new boolean[values.size()];
            for (int i = 0; i < nulls.length; i++) {
                nulls[i] = values.get(i) == null;
            }
            return nulls;
        }
    }

    /** What cursors are sealed with, and for. */
    @SuppressWarnings("ArrayRecordComponent") // package-private, and never compared
    record CursorScope(CursorSeal seal, byte[] scope) {}

    /** {@return how many rows the page has at most} */
    public int size() {
        return size;
    }

    /**
     * {@return the fields that are wanted, in the order they were declared; all of them if the client named none, and
     * none if the listing declares none}
     */
    public Set<String> fields() {
        return fields;
    }

    /**
     * {@return the statements of this page} They seek: a database reads what it gives, and a few entries of an index per
     * run of the sort, however deep the page is. The index has the columns of the filters that are compared for
     * equality first, then those of the sort in their order and directions, or all reversed. Two walks are left: on H2
     * through the rows with one text, or one decimal, for the page that leaves them; on MySQL and MariaDB through the
     * nulls of a group, where groups alternate and nulls are not on the side that the database has them on.
     *
     * @param dialect the database
     * @param select the statement up to its conditions, such as {@code select o.* from orders o}; or with slots:
     *     <code>{keys}</code> behind the last column, <code>{seek}</code> where a condition can stand,
     *     <code>{order}</code> and <code>{limit}</code>
     * @param where conditions of the service's own, with parameters whose names do not begin with {@code pgn_}; may be
     *     empty
     * @throws IllegalArgumentException if columns cannot be added to the statement, it has slots for order or limit and
     *     none for conditions, or a parameter begins with {@code pgn_}
     */
    public SeekSql sql(Dialect dialect, String select, String where) {
        Objects.requireNonNull(dialect, "dialect");
        Plan plan = plans.get(
                new Form(dialect, select, where, orders, shapes(), place()), () -> plan(dialect, select, where));
        Map<String, Object> binds = filterBinds(dialect);
        binds.put(LIMIT, size + 1);
        if (offset > 0) {
            binds.put(OFFSET, offset);
        }
        if (start != null) {
            bindPosition(binds, start.values());
        }
        if (!plan.extras().isEmpty()) {
            bindExtras(binds, plan.extras());
        }
        return new SeekSql(plan.rows(), plan.previousProbe(), binds);
    }

    private static void bindPosition(Map<String, Object> binds, List<@Nullable Object> values) {
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            if (value != null) {
                binds.put(Arm.PARAMETERS.get(i), value);
            }
        }
    }

    private void bindExtras(Map<String, Object> binds, Set<String> extras) {
        for (String extra : extras) {
            switch (extra) {
                case REACH -> binds.put(REACH, offset + size + 1);
                case ONE -> binds.put(ONE, 1);
                case Template.CALL ->
                    binds.put(Template.CALL, ThreadLocalRandom.current().nextLong());
                case Template.EMPTY -> binds.put(Template.EMPTY, "");
                default -> {
                    int above = Arm.ABOVE.indexOf(extra);
                    int key = above < 0 ? Arm.BELOW.indexOf(extra) : above;
                    Object value = Objects.requireNonNull(binds.get(Arm.PARAMETERS.get(key)));
                    binds.put(extra, ColumnType.next(value, above >= 0));
                }
            }
        }
    }

    /**
     * {@return a statement that counts the listing, filtered as this page is} Its {@code rows} have one row with one
     * number; it has no probe. The columns of {@code select} must have names of their own on every database but
     * PostgreSQL and SQLite.
     *
     * @param dialect the database
     * @param select as for {@link #sql}
     * @param where as for {@link #sql}
     * @param cap where to stop counting: more than that says that there are more; {@code Long.MAX_VALUE} to count all, as
     *     H2 always does
     * @throws IllegalArgumentException if the cap is negative, or as {@link #sql}
     */
    public SeekSql countSql(Dialect dialect, String select, String where, long cap) {
        Objects.requireNonNull(dialect, "dialect");
        if (cap < 0) {
            throw new IllegalArgumentException("cap must not be negative: " + cap);
        }
        // Without a limit a database may count in parallel.
        boolean all = cap == Long.MAX_VALUE || dialect.countsAll();
        Plan plan = plans.get(
                new Form(dialect, select, where, List.of(), shapes(), all ? COUNT_ALL : COUNT_TO_CAP),
                () -> new Plan(template(dialect, select, where).count(dialect, all ? null : CAP), null));
        Map<String, Object> binds = filterBinds(dialect);
        if (!all) {
            binds.put(CAP, cap + 1);
        }
        return new SeekSql(plan.rows(), null, binds);
    }

    private List<Shape> shapes() {
        return conditions.isEmpty()
                ? List.of()
                : conditions.stream().map(Condition::shape).toList();
    }

    /** {@return all that the texts depend on of where this page begins} */
    private int place() {
        if (start == null) {
            return offset == 0 ? FIRST : BY_NUMBER;
        }
        int place = SEEK;
        place |= start.backward() ? SEEK << 1 : 0;
        place |= start.inclusive() ? SEEK << 2 : 0;
        for (int i = 0; i < orders.size(); i++) {
            place |= start.values().get(i) == null ? SEEK << (3 + i) : 0;
        }
        return place;
    }

    private Plan plan(Dialect dialect, String select, String where) {
        Template template = template(dialect, select, where);
        boolean withKeys = mayHaveArms(dialect);
        if (start == null) {
            List<List<Arm>> arms = Arm.of(dialect, orders, null, false);
            String limit = offset == 0 ? dialect.limit(LIMIT) : dialect.limit(LIMIT, OFFSET);
            return new Plan(
                    template.statement(dialect, orders, arms, withKeys, limit, offset == 0 ? LIMIT : REACH), null);
        }
        List<Order<T>> walk = start.backward() ? reversed() : orders;
        List<Order<T>> back = start.backward() ? orders : reversed();
        List<List<Arm>> arms = Arm.of(dialect, walk, start.nulls(), start.inclusive());
        List<List<Arm>> before = Arm.of(dialect, back, start.nulls(), !start.inclusive());
        return new Plan(
                template.statement(dialect, walk, arms, withKeys, dialect.limit(LIMIT), LIMIT),
                template.statement(dialect, back, before, withKeys, dialect.limit(ONE), ONE));
    }

    private Template template(Dialect dialect, String select, String where) {
        if (select.contains(RESERVED) || where.contains(RESERVED)) {
            throw new IllegalArgumentException("a parameter of the service's own must not begin with pgn_");
        }
        List<String> all = new ArrayList<>();
        if (!where.isBlank()) {
            all.add('(' + Template.closed(where) + ')');
        }
        for (int i = 0; i < conditions.size(); i++) {
            all.add(text(conditions.get(i).shape(), filterParameter(i)));
        }
        Template template = new Template(select, all);
        // Asked for every sort: the one that needs it may be the client's choice.
        String refusal = template.refusal(dialect);
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        return template;
    }

    /** {@return whether any page in this order needs the columns of the sort: then all have them} */
    private boolean mayHaveArms(Dialect dialect) {
        boolean uniform = true;
        boolean sortedRight = true;
        for (Order<T> order : orders) {
            uniform &= !order.key().nullable()
                    && order.descending() == orders.get(0).descending();
            sortedRight &= dialect.isNative(order);
        }
        boolean oneArm = dialect.comparison() != Dialect.Comparison.ONE_KEY && uniform;
        return dialect.arms() == Arms.OR ? !sortedRight : !oneArm && orders.size() > 1;
    }

    private List<Order<T>> reversed() {
        return orders.stream().map(Order::reversed).toList();
    }

    private static String filterParameter(int index) {
        return "pgn_f" + (index + 1);
    }

    private static String text(Shape shape, String parameter) {
        return switch (shape.operator()) {
            case IN -> shape.count() == 1 ? shape.column() + " = :" + parameter : list(shape, parameter);
            case STARTS_WITH -> shape.column() + " like :" + parameter + " escape '!'";
            case AT_LEAST, MORE, AT_MOST, LESS ->
                shape.column() + shape.operator().sql() + ':' + parameter;
        };
    }

    private static String list(Shape shape, String parameter) {
        StringJoiner list = new StringJoiner(", ", shape.column() + " in (", ")");
        for (int i = 0; i < shape.count(); i++) {
            list.add(":" + parameter + '_' + (i + 1));
        }
        return list.toString();
    }

    private Map<String, Object> filterBinds(Dialect dialect) {
        Map<String, Object> binds = new HashMap<>();
        for (int i = 0; i < conditions.size(); i++) {
            List<Object> values = conditions.get(i).values();
            String parameter = filterParameter(i);
            if (conditions.get(i).shape().operator() == Operator.STARTS_WITH) {
                binds.put(parameter, dialect.prefix((String) values.get(0)));
            } else if (values.size() == 1) {
                binds.put(parameter, values.get(0));
            } else {
                for (int k = 0; k < values.size(); k++) {
                    binds.put(parameter + '_' + (k + 1), values.get(k));
                }
            }
        }
        return binds;
    }

    /**
     * {@return the page}
     *
     * @param fetched what {@link SeekSql#rows} gave, in its order
     * @param hasPrevious whether {@link SeekSql#previousProbe} gave a row; means nothing where there is none. A page by
     *     number has one before it if its number is above 1
     */
    public Page<T> page(List<? extends T> fetched, boolean hasPrevious) {
        boolean more = fetched.size() > size;
        List<T> rows = new ArrayList<>(more ? fetched.subList(0, size) : fetched);
        boolean behind = start == null ? offset > 0 : hasPrevious;
        boolean backward = start != null && start.backward();
        if (backward) {
            Collections.reverse(rows);
        }
        return Page.of(this, Collections.unmodifiableList(rows), backward ? behind : more, backward ? more : behind);
    }

    /**
     * {@return the rows of this page and of all behind it} A page is asked for when a row of it is, so there is never
     * more than one in memory, and nothing is open between them. Every row that is there, with the same values of the
     * sort, from the first page to the last, is in the stream exactly once.
     *
     * @param fetch gets a page, on the thread that consumes the stream
     * @throws IllegalStateException while streaming, if a page ends where the one before it did
     */
    public Stream<T> stream(Function<? super PageQuery<T>, ? extends Page<T>> fetch) {
        Objects.requireNonNull(fetch, "fetch");
        return StreamSupport.stream(
                () -> Spliterators.spliteratorUnknownSize(
                        new Rows<>(this, fetch), Spliterator.ORDERED | Spliterator.NONNULL),
                Spliterator.ORDERED | Spliterator.NONNULL,
                /* parallel= */ false);
    }

    /** {@return the request for the rows behind one} */
    PageQuery<T> after(T row) {
        List<@Nullable Object> values = new ArrayList<>(orders.size());
        for (Order<T> order : orders) {
            values.add(order.key().bound(row));
        }
        var encoded = new CursorWriter();
        write(encoded, row);
        return from(new Start(/* backward= */ false, /* inclusive= */ false, values, encoded.toByteArray()));
    }

    @Nullable
    Start start() {
        return start;
    }

    /** {@return the same request for a page that begins elsewhere} */
    PageQuery<T> from(Start elsewhere) {
        return new PageQuery<>(plans, orders, conditions, size, fields, 0, elsewhere, cursors);
    }

    /** {@return the same request with other texts at hand} */
    PageQuery<T> with(Plans others) {
        return new PageQuery<>(others, orders, conditions, size, fields, offset, start, cursors);
    }

    private void write(CursorWriter out, T row) {
        for (Order<T> order : orders) {
            order.key().write(out, row);
        }
    }

    /** {@return the cursor of the page behind, or before, a row} */
    String cursor(boolean backward, T row) {
        CursorScope scope = requireCursors();
        return scope.seal().seal(backward, /* inclusive= */ false, scope.scope(), out -> write(out, row));
    }

    /** {@return the cursor of the page on one side of where this one begins, which has no row to begin at} */
    Optional<String> cursorOfStart(boolean backward) {
        CursorScope scope = requireCursors();
        Start place = start;
        if (place == null) { // a page number beyond the end
            return Optional.empty();
        }
        // What this page would have begun with belongs to it, and what it would not to the other.
        boolean inclusive = place.backward() == backward ? place.inclusive() : !place.inclusive();
        return Optional.of(scope.seal().seal(backward, inclusive, scope.scope(), out -> out.octets(place.encoded())));
    }

    private CursorScope requireCursors() {
        if (cursors == null) {
            throw new IllegalStateException("This page was not asked for through a Paginator, which has the keys");
        }
        return cursors;
    }

    private static final class Rows<T> implements Iterator<T> {
        private final Function<? super PageQuery<T>, ? extends Page<T>> fetch;
        private @Nullable PageQuery<T> next;
        private Iterator<T> rows = Collections.emptyIterator();

        Rows(PageQuery<T> first, Function<? super PageQuery<T>, ? extends Page<T>> fetch) {
            this.next = first;
            this.fetch = fetch;
        }

        @Override
        public boolean hasNext() {
            while (!rows.hasNext() && next != null) {
                PageQuery<T> asked = next;
                Page<T> page = Objects.requireNonNull(fetch.apply(asked), "fetch returned null");
                rows = page.items().iterator();
                next = page.hasNext() && !page.items().isEmpty() ? advanced(asked, page) : null;
            }
            return rows.hasNext();
        }

        private static <T> PageQuery<T> advanced(PageQuery<T> asked, Page<T> page) {
            PageQuery<T> after = asked.after(page.items().get(page.items().size() - 1));
            if (asked.start != null
                    && after.start != null
                    && after.start.values().equals(asked.start.values())) {
                throw new IllegalStateException("A page ends where the one before it did: is the unique key unique,"
                        + " and does its extractor return what its column has?");
            }
            return after;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            return rows.next();
        }
    }
}
