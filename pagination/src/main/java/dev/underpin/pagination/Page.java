package dev.underpin.pagination;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one page, and what is around them. Cursors are made when they are asked for. Immutable and thread-safe.
 *
 * <p>Whoever follows {@link #next} to the end sees every row that was there all the time, with the same values of the
 * sort, exactly once; whatever was inserted, deleted or moved meanwhile may be seen or not. There is no snapshot.
 *
 * @param <T> the type of the items
 */
public final class Page<T> {
    private static final long NO_TOTAL = -1;

    private final Source<?> source;
    private final List<T> items;
    private final boolean hasNext;
    private final boolean hasPrevious;
    private final long total;
    private final boolean totalExact;

    private Page(
            Source<?> source, List<T> items, boolean hasNext, boolean hasPrevious, long total, boolean totalExact) {
        this.source = source;
        this.items = items;
        this.hasNext = hasNext;
        this.hasPrevious = hasPrevious;
        this.total = total;
        this.totalExact = totalExact;
    }

    static <T> Page<T> of(PageQuery<T> query, List<T> rows, boolean hasNext, boolean hasPrevious) {
        return new Page<>(new Source<>(query, rows), rows, hasNext, hasPrevious, NO_TOTAL, false);
    }

    /** The rows as they were fetched, which have the values that cursors are made of. */
    private record Source<R>(PageQuery<R> query, List<R> rows) {
        String cursor(boolean backward, int index) {
            return query.cursor(backward, rows.get(index));
        }
    }

    /** {@return the items in the order of the listing; unmodifiable} */
    public List<T> items() {
        return items;
    }

    /** {@return whether there was any row behind this page when it was fetched} */
    public boolean hasNext() {
        return hasNext;
    }

    /** {@return whether there was any row before this page when it was fetched} */
    public boolean hasPrevious() {
        return hasPrevious;
    }

    /**
     * {@return the cursor of the page behind this one, if there is one}
     *
     * @throws IllegalStateException if the page was not asked for through a {@link Paginator}, or a cursor cannot hold
     *     the values of the sort
     */
    public Optional<String> next() {
        if (!hasNext) {
            return Optional.empty();
        }
        return source.rows().isEmpty()
                ? source.query().cursorOfStart(/* backward= */ false)
                : Optional.of(source.cursor(/* backward= */ false, source.rows().size() - 1));
    }

    /**
     * {@return the cursor of the page before this one, if there is one}
     *
     * @throws IllegalStateException as {@link #next}
     */
    public Optional<String> previous() {
        if (!hasPrevious) {
            return Optional.empty();
        }
        return source.rows().isEmpty()
                ? source.query().cursorOfStart(/* backward= */ true)
                : Optional.of(source.cursor(/* backward= */ true, 0));
    }

    /**
     * {@return the cursor of what is behind one item}
     *
     * @param index the position of the item on this page
     * @throws IndexOutOfBoundsException if there is no such item
     * @throws IllegalStateException as {@link #next}
     */
    public String cursor(int index) {
        return source.cursor(/* backward= */ false, Objects.checkIndex(index, items.size()));
    }

    /** {@return how many items the whole listing has, if that was asked for; see {@link #isTotalExact}} */
    public OptionalLong total() {
        return total == NO_TOTAL ? OptionalLong.empty() : OptionalLong.of(total);
    }

    /** {@return whether the total is a count of all, and neither a cap that was reached nor an estimate} */
    public boolean isTotalExact() {
        return totalExact;
    }

    /**
     * {@return the same page with a total}
     *
     * @param total how many items the whole listing has; not negative
     * @param exact whether that is a count of all, and neither a cap that was reached nor an estimate
     * @throws IllegalArgumentException if the number is negative
     */
    public Page<T> withTotal(long total, boolean exact) {
        if (total < 0) {
            throw new IllegalArgumentException("total must not be negative: " + total);
        }
        return new Page<>(source, items, hasNext, hasPrevious, total, exact);
    }

    /**
     * {@return a page with other items and the same cursors}
     *
     * @param f makes an item of an item
     * @param <U> the type of the new ones
     */
    public <U> Page<U> map(Function<? super T, ? extends U> f) {
        Objects.requireNonNull(f, "f");
        List<U> mapped = new ArrayList<>(items.size());
        for (T item : items) {
            mapped.add(Objects.requireNonNull(f.apply(item), "map function returned null"));
        }
        return new Page<>(source, Collections.unmodifiableList(mapped), hasNext, hasPrevious, total, totalExact);
    }

    /**
     * {@return a page with other items and the same cursors}
     *
     * @param f makes all items at once, as many as there were and in their order
     * @param <U> the type of the new ones
     * @throws IllegalStateException if it makes more or fewer
     */
    public <U> Page<U> mapAll(Function<? super List<T>, ? extends List<U>> f) {
        List<U> mapped = List.copyOf(f.apply(items));
        if (mapped.size() != items.size()) {
            throw new IllegalStateException("mapAll must return an item for each of the " + items.size()
                    + " items, in their order, and returned " + mapped.size());
        }
        return new Page<>(source, mapped, hasNext, hasPrevious, total, totalExact);
    }

    /**
     * {@return what is said about this page beside its items, for the {@code meta} of an envelope}: {@code page}, with
     * {@code hasNext}, {@code hasPrevious}, the cursors {@code next} and {@code previous}, {@code total} and, where it
     * is not exact, {@code totalExact}.
     *
     * @throws IllegalStateException as {@link #next}
     */
    public Map<String, Object> meta() {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("hasNext", hasNext);
        page.put("hasPrevious", hasPrevious);
        next().ifPresent(cursor -> page.put("next", cursor));
        previous().ifPresent(cursor -> page.put("previous", cursor));
        if (total != NO_TOTAL) {
            page.put("total", total);
            if (!totalExact) {
                page.put("totalExact", false);
            }
        }
        return Map.of("page", Collections.unmodifiableMap(page));
    }

    /**
     * {@return the header {@code Link} (RFC 8288) with {@code next}, {@code prev} and {@code first}, as far as they lead
     * somewhere}
     *
     * @param self the address of this page as the client sees it, with all its parameters; its cursor and page number
     *     are replaced, all else is kept
     * @throws IllegalStateException as {@link #next}
     */
    public Map<String, String> headers(URI self) {
        Links links = new Links(self);
        next().ifPresent(cursor -> links.add("next", cursor));
        previous().ifPresent(cursor -> links.add("prev", cursor));
        if (hasPrevious) {
            links.add("first", null);
        }
        return links.isEmpty() ? Map.of() : Map.of("Link", links.toString());
    }

    /**
     * {@return the page as Relay writes it, with a cursor for each item}
     *
     * @throws IllegalStateException as {@link #next}
     */
    public Connection<T> toConnection() {
        List<Connection.Edge<T>> edges = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            edges.add(new Connection.Edge<>(items.get(i), cursor(i)));
        }
        @Nullable String first = edges.isEmpty() ? null : edges.get(0).cursor();
        @Nullable
        String last = edges.isEmpty() ? null : edges.get(edges.size() - 1).cursor();
        return new Connection<>(edges, new Connection.PageInfo(hasNext, hasPrevious, first, last));
    }

    /** {@return how many items there are; they may be what no log should hold} */
    @Override
    public String toString() {
        return "Page[" + items.size() + " items, hasNext=" + hasNext + ", hasPrevious=" + hasPrevious + ']';
    }
}
