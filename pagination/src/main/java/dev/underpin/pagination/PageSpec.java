package dev.underpin.pagination;

import dev.underpin.pagination.SortKey.Nulls;
import dev.underpin.pagination.SortKey.Order;
import dev.underpin.result.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a listing may be sorted and filtered by: an allow-list, checked when it is built. Columns are SQL of the
 * service's own and are used as they are; nothing a client sends becomes SQL. Immutable and thread-safe.
 *
 * <p>A column stands in {@code order by} and in comparisons in the same words, so an expression such as
 * {@code lower(name)} sorts and seeks alike; index the same expression. The key extractor must return what the
 * expression has, not what the row has: for {@code lower(name)} the lower-cased name, as the database lowers it.
 *
 * @param <T> the type of the rows
 */
public final class PageSpec<T> {
    static final String SORT = "sort";
    static final String SIZE = "size";
    static final String CURSOR = "cursor";
    static final String BEFORE = "before";
    static final String FIELDS = "fields";
    static final String PAGE = "page";
    static final int OFFSET_FORBIDDEN = -1;
    /** Where nulls are on the wrong side of the database, each key doubles the statement. */
    static final int MAX_SORT_KEYS = 4;

    private static final Set<String> RESERVED = Set.of(SORT, SIZE, CURSOR, BEFORE, FIELDS, PAGE);

    private final String collection;
    private final Map<String, SortKey<T, ?>> sorts;
    private final SortKey<T, ?> unique;
    private final List<Order<T>> defaultOrder;
    private final Map<String, Filter<?>> filters;
    private final Set<String> fields;
    private final int defaultSize;
    private final int maxSize;
    private final boolean rejectOversize;
    private final int maxOffset;
    private final Plans plans = new Plans();

    private PageSpec(Builder<T> builder, SortKey<T, ?> unique) {
        collection = builder.collection;
        sorts = Collections.unmodifiableMap(new LinkedHashMap<>(builder.sorts));
        this.unique = unique;
        filters = Collections.unmodifiableMap(new LinkedHashMap<>(builder.filters));
        fields = Collections.unmodifiableSet(new LinkedHashSet<>(builder.fields));
        defaultSize = builder.defaultSize;
        maxSize = builder.maxSize;
        rejectOversize = builder.rejectOversize;
        maxOffset = builder.maxOffset;
        List<Order<T>> order = order(builder.defaultSort);
        if (order == null) {
            throw new IllegalArgumentException("defaultSort must be a list of at most " + MAX_SORT_KEYS + " of "
                    + sorts() + ", each once: " + builder.defaultSort);
        }
        defaultOrder = order;
    }

    /**
     * {@return a builder}
     *
     * @param collection the name of the listing, to which its cursors are bound; never blank
     * @param rowType the type of the rows
     * @param <T> the type of the rows
     */
    public static <T> Builder<T> named(String collection, Class<T> rowType) {
        Objects.requireNonNull(rowType, "rowType");
        return new Builder<>(collection);
    }

    /** {@return the name of the listing} */
    public String collection() {
        return collection;
    }

    /** {@return the names of what the listing can be sorted by, in the order they were declared} */
    public Set<String> sorts() {
        return sorts.keySet();
    }

    /** {@return the order that a {@code sort} asks for, with a unique key in it; null if it is none} */
    @Nullable
    List<Order<T>> order(String sort) {
        List<Order<T>> order = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        boolean total = false;
        if (!sort.isEmpty()) {
            for (String part : sort.split(",", -1)) {
                boolean descending = part.startsWith("-");
                SortKey<T, ?> key = sorts.get(descending ? part.substring(1) : part);
                if (key == null || !seen.add(key.name()) || seen.size() > MAX_SORT_KEYS) {
                    return null;
                }
                if (!total) { // nothing behind a unique key decides anything
                    order.add(key.in(descending));
                }
                total |= key.unique();
            }
        }
        if (!total) {
            // In the direction of the last key: one comparison seeks both, and one index serves both directions.
            boolean descending = !order.isEmpty() && order.get(order.size() - 1).descending();
            order.add(unique.in(descending));
        }
        return List.copyOf(order);
    }

    /**
     * {@return the request for the first page, as no client makes it: for a job that streams a listing, or a test}
     * Its pages have no cursors.
     *
     * @param size how many rows a page has, from 1 to the maximum
     * @throws IllegalArgumentException if it is neither
     */
    public PageQuery<T> first(int size) {
        if (size < 1 || size > maxSize) {
            throw new IllegalArgumentException("size must be from 1 to " + maxSize + ": " + size);
        }
        return new PageQuery<>(plans, defaultOrder, List.of(), size, fields, 0, null, null);
    }

    /** Rejects a spec whose readable cursors would show what its fields do not. */
    void requireNothingHidden() {
        for (String sort : sorts.keySet()) {
            if (!fields.isEmpty() && !fields.contains(sort)) {
                throw new IllegalArgumentException("\"" + collection + "\" is sorted by \"" + sort
                        + "\", which is none of its fields(...), and a client could read it in a cursor: build the"
                        + " Paginator with encrypted()");
            }
        }
    }

    Plans plans() {
        return plans;
    }

    List<Order<T>> defaultOrder() {
        return defaultOrder;
    }

    Map<String, Filter<?>> filters() {
        return filters;
    }

    Set<String> fields() {
        return fields;
    }

    int defaultSize() {
        return defaultSize;
    }

    int maxSize() {
        return maxSize;
    }

    boolean rejectsOversize() {
        return rejectOversize;
    }

    int maxOffset() {
        return maxOffset;
    }

    /**
     * Builds a {@link PageSpec}. {@link #unique} must be called; all else is optional. Confined to one thread.
     *
     * @param <T> the type of the rows
     */
    public static final class Builder<T> {
        private final String collection;
        private final Map<String, SortKey<T, ?>> sorts = new LinkedHashMap<>();
        private final Map<String, Filter<?>> filters = new LinkedHashMap<>();
        private final Set<String> fields = new LinkedHashSet<>();
        private @Nullable SortKey<T, ?> unique;
        private String defaultSort = "";
        private int defaultSize = 20;
        private int maxSize = 100;
        private boolean rejectOversize;
        private int maxOffset = OFFSET_FORBIDDEN;

        private Builder(String collection) {
            this.collection = notBlank("collection", collection);
        }

        /**
         * Allows to sort by a column that has a value in every row.
         *
         * @param name what clients call it
         * @param column its SQL expression; qualified, where the statement joins
         * @param type the type of the column
         * @param value reads the same value from a row
         * @param <V> the type of its values
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name
         */
        @CanIgnoreReturnValue
        public <V> Builder<T> sort(
                String name, String column, ColumnType<V> type, Function<? super T, ? extends V> value) {
            return add(new SortKey<>(
                    name, notBlank("column", column), requireType(type), value, Nulls.NONE, /* unique= */ false));
        }

        /**
         * Allows to sort by a column that can be null, with those rows first, in both directions.
         *
         * @param name what clients call it
         * @param column its SQL expression; qualified, where the statement joins
         * @param type the type of the column
         * @param value reads the same value from a row, or null
         * @param <V> the type of its values
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name
         */
        @CanIgnoreReturnValue
        public <V> Builder<T> sortNullsFirst(
                String name, String column, ColumnType<V> type, Function<? super T, ? extends @Nullable V> value) {
            return add(new SortKey<>(
                    name, notBlank("column", column), requireType(type), value, Nulls.FIRST, /* unique= */ false));
        }

        /**
         * Allows to sort by a column that can be null, with those rows last, in both directions.
         *
         * @param name what clients call it
         * @param column its SQL expression; qualified, where the statement joins
         * @param type the type of the column
         * @param value reads the same value from a row, or null
         * @param <V> the type of its values
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name
         */
        @CanIgnoreReturnValue
        public <V> Builder<T> sortNullsLast(
                String name, String column, ColumnType<V> type, Function<? super T, ? extends @Nullable V> value) {
            return add(new SortKey<>(
                    name, notBlank("column", column), requireType(type), value, Nulls.LAST, /* unique= */ false));
        }

        /**
         * Sets the tie-breaker, which every order ends with: a column whose value no two rows of the listing share. In a
         * join that repeats rows, the key of one table is not enough.
         *
         * @param name what clients call it, since they can sort by it, too
         * @param column its SQL expression; qualified, where the statement joins
         * @param type the type of the column
         * @param value reads the same value from a row
         * @param <V> the type of its values
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name, or there is a tie-breaker already
         */
        @CanIgnoreReturnValue
        public <V> Builder<T> unique(
                String name, String column, ColumnType<V> type, Function<? super T, ? extends V> value) {
            if (unique != null) {
                throw new IllegalArgumentException("unique must be set once, and is \"" + unique.name() + "\" already");
            }
            SortKey<T, V> key = new SortKey<>(
                    name, notBlank("column", column), requireType(type), value, Nulls.NONE, /* unique= */ true);
            unique = key;
            return add(key);
        }

        /**
         * Sets the order of a listing that is not asked for another; by default that of the tie-breaker.
         *
         * @param sort names of sorts, {@code -} before those that descend: {@code -createdAt,total}
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<T> defaultSort(String sort) {
            defaultSort = Objects.requireNonNull(sort, "sort");
            return this;
        }

        /**
         * Allows to filter by equality: {@code status=active}, or several of which one must be equal.
         *
         * @param name what clients call it
         * @param column its SQL expression
         * @param type the type of the column
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name
         */
        @CanIgnoreReturnValue
        public Builder<T> filter(String name, String column, ColumnType<?> type) {
            return add(new Filter<>(name, notBlank("column", column), requireType(type), Filter.Kind.EQUAL));
        }

        /**
         * Allows to filter by equality and by bounds: {@code total[gte]=10}, {@code gt}, {@code lte}, {@code lt}.
         *
         * @param name what clients call it
         * @param column its SQL expression
         * @param type the type of the column
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name
         */
        @CanIgnoreReturnValue
        public Builder<T> filterRange(String name, String column, ColumnType<?> type) {
            return add(new Filter<>(name, notBlank("column", column), requireType(type), Filter.Kind.RANGE));
        }

        /**
         * Allows to filter a text by how it begins: {@code name=ab}, with {@code like}: whether case counts, and whether
         * an index serves it, is for the database to say (PostgreSQL wants one with {@code text_pattern_ops}).
         *
         * @param name what clients call it
         * @param column its SQL expression
         * @return this
         * @throws IllegalArgumentException if the name is taken or no plain name
         */
        @CanIgnoreReturnValue
        public Builder<T> filterPrefix(String name, String column) {
            return add(new Filter<>(name, notBlank("column", column), ColumnType.TEXT, Filter.Kind.PREFIX));
        }

        /**
         * Sets the fields that {@code fields=} can choose from; by default there is no such parameter.
         *
         * @param names the names
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<T> fields(String... names) {
            for (String name : names) {
                fields.add(plain(name));
            }
            return this;
        }

        /**
         * Sets how many rows a page has; by default 20, and at most 100.
         *
         * @param defaultSize how many if nothing is said, at least 1
         * @param maxSize how many at most; a larger wish gets this many
         * @return this
         * @throws IllegalArgumentException if the numbers make no sense
         */
        @CanIgnoreReturnValue
        public Builder<T> size(int defaultSize, int maxSize) {
            if (defaultSize < 1 || maxSize < defaultSize || maxSize == Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "size must be from 1 to the maximum: " + defaultSize + ", " + maxSize);
            }
            this.defaultSize = defaultSize;
            this.maxSize = maxSize;
            return this;
        }

        /**
         * Refuses a wish for a larger page than the maximum; by default the page is as large as the maximum.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder<T> rejectOversize() {
            rejectOversize = true;
            return this;
        }

        /**
         * Allows {@code page=3}, for those who must jump: by default it is refused, since a database walks to it.
         *
         * @param maxOffset how many rows may be skipped at most
         * @return this
         * @throws IllegalArgumentException if the number is negative
         */
        @CanIgnoreReturnValue
        public Builder<T> allowOffset(int maxOffset) {
            if (maxOffset < 0) {
                throw new IllegalArgumentException("maxOffset must not be negative: " + maxOffset);
            }
            this.maxOffset = maxOffset;
            return this;
        }

        /**
         * {@return the spec}
         *
         * @throws IllegalArgumentException if there is no tie-breaker, or the default sort is none
         */
        public PageSpec<T> build() {
            if (unique == null) {
                throw new IllegalArgumentException("unique(...) must be called: without a tie-breaker, pages of \""
                        + collection + "\" would repeat and lose rows");
            }
            return new PageSpec<>(this, unique);
        }

        private Builder<T> add(SortKey<T, ?> key) {
            Objects.requireNonNull(key.value(), "value");
            if (sorts.putIfAbsent(plain(key.name()), key) != null) {
                throw new IllegalArgumentException("a sort must be declared once: " + key.name());
            }
            return this;
        }

        private Builder<T> add(Filter<?> filter) {
            if (RESERVED.contains(filter.name()) || filters.putIfAbsent(plain(filter.name()), filter) != null) {
                throw new IllegalArgumentException(
                        "a filter must be declared once, and not be called " + RESERVED + ": " + filter.name());
            }
            return this;
        }

        private static <V> ColumnType<V> requireType(ColumnType<V> type) {
            return Objects.requireNonNull(type, "type");
        }

        private static String notBlank(String what, String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException(what + " must not be blank");
            }
            return text;
        }

        private static String plain(String name) {
            boolean plain = !name.isEmpty();
            for (int i = 0; plain && i < name.length(); i++) {
                char c = name.charAt(i);
                plain = c < 0x80 && (Character.isLetterOrDigit(c) || c == '_' || c == '.' || (c == '-' && i > 0));
            }
            if (!plain) {
                throw new IllegalArgumentException(
                        "a name must have letters, digits and _ . - and nothing else, and not begin with -");
            }
            return name;
        }
    }
}
