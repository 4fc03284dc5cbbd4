package dev.underpin.testkit;

import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.PageStatements.Explained;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Walks each order of a listing once, and asks what pages at some places of it cost. */
final class SeekCheck<T> {
    private static final int ROWS_PER_ROW = 6;
    /** A walk to the middle must cost well more than what is allowed. */
    private static final int PAGES = 4 * ROWS_PER_ROW;
    /** Pages of storage that another plan may take at another place, however small the page is. */
    private static final int SPARE_BUFFERS = 10;

    private final PageSpec<T> spec;
    private final Function<? super PageQuery<T>, ? extends Page<?>> fetch;
    private final PageStatements statements;
    private final Paginator paginator;

    SeekCheck(PageSpec<T> spec, Function<? super PageQuery<T>, ? extends Page<?>> fetch, PageStatements statements) {
        this.spec = spec;
        this.fetch = fetch;
        this.statements = statements;
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        paginator = Paginator.builder(1, key).encrypted().build(); // so that a spec may sort by what it hides
    }

    void run() {
        check("");
        for (String sort : spec.sorts()) {
            check(sort);
            check("-" + sort);
        }
    }

    private void check(String sort) {
        Map<String, String> largest = new HashMap<>(Map.of("sort", sort, "size", String.valueOf(Integer.MAX_VALUE)));
        if (!parse(largest).isOk()) { // it would rather refuse than give fewer
            largest.remove("size");
        }
        List<String> cursors = new ArrayList<>();
        long rows = 0;
        @Nullable String cursor = null;
        do {
            if (cursor != null) {
                largest.put("cursor", cursor);
                cursors.add(cursor);
            }
            Page<?> page = fetch.apply(parse(largest).orElseThrow());
            rows += page.items().size();
            cursor = page.next().orElse(null);
        } while (cursor != null);
        check(sort, rows, cursors);
    }

    private void check(String sort, long rows, List<String> cursors) {
        PageQuery<T> first = parse(Map.of("sort", sort)).orElseThrow();
        long needed = (long) PAGES * (first.size() + 1);
        if (rows < needed || cursors.isEmpty()) {
            throw new AssertionError("The listing \"" + spec.collection() + "\" has " + rows
                    + " rows: whether it seeks or walks can be told from " + needed + " on, and planners behave as with"
                    + " a real one from some thousand on");
        }
        List<PageCost> costs = statements.of(() -> fetch.apply(first)).costs();
        if (costs.isEmpty()) {
            throw new AssertionError("No statement of a page was seen: does it run on a handle that this Jdbi opened?");
        }
        double buffers = costs.stream().mapToDouble(PageCost::buffers).max().orElse(0);
        require(sort, "the first page", first.size(), costs, buffers);
        for (int quarter = 1; quarter <= 4; quarter++) {
            String place = cursors.get((cursors.size() - 1) * quarter / 4);
            Map<String, String> params = new HashMap<>(Map.of("sort", sort, "cursor", place));
            check(sort, quarter + " quarters deep", params, buffers);
        }
    }

    private void check(String sort, String where, Map<String, String> params, double buffers) {
        PageQuery<T> forward = parse(params).orElseThrow();
        Explained deep = statements.of(() -> fetch.apply(forward));
        require(sort, where, forward.size(), deep.costs(), buffers);
        params.put("cursor", deep.page().previous().orElseThrow(() -> new AssertionError("no way back from " + where)));
        PageQuery<T> backward = parse(params).orElseThrow();
        require(
                sort,
                where + ", backward",
                backward.size(),
                statements.of(() -> fetch.apply(backward)).costs(),
                buffers);
    }

    private void require(String sort, String where, int size, List<PageCost> costs, double buffersOfFirst) {
        double mostRows = (double) ROWS_PER_ROW * (size + 1);
        // Rows of the first page may lie beside each other, and those of no other page.
        double mostBuffers = Math.max(1.5 * buffersOfFirst, 2.0 * (size + 1)) + SPARE_BUFFERS;
        for (PageCost cost : costs) {
            if (cost.rows() > mostRows || cost.buffers() > mostBuffers) {
                throw new AssertionError("The listing \"" + spec.collection() + "\" does not seek: "
                        + (sort.isEmpty() ? "in its default order" : "sorted by " + sort) + ", " + where
                        + ", a page of "
                        + size + " made the database read "
                        + (cost.rows() == PageCost.WALK ? "a whole table" : (long) cost.rows() + " rows of a table")
                        + (cost.buffers() == 0 ? "" : " and " + (long) cost.buffers() + " buffers")
                        + ". Is there an index with the columns of its equality filters, then those of the sort in their"
                        + " directions, and are the statistics fresh?\n" + cost.sql() + "\n" + cost.plan());
            }
        }
    }

    private Result<PageQuery<T>, DomainError> parse(Map<String, String> params) {
        Map<String, List<String>> lists = new HashMap<>();
        params.forEach((name, value) -> lists.put(name, List.of(value)));
        return paginator.parse(spec, lists, "");
    }
}
