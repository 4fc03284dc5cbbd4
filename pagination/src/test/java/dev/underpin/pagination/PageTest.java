package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageTest {
    private static final Paginator PAGINATOR =
            Paginator.builder(1, new byte[32]).build();
    private static final PageSpec<Long> NUMBERS = PageSpec.named("numbers", Long.class)
            .unique("n", "n", ColumnType.LONG, n -> n)
            .size(3, 10)
            .allowOffset(100)
            .build();

    /** A table of numbers: what a database does with the statements, without one. */
    private static Page<Long> fetch(PageQuery<Long> query, List<Long> table) {
        PageQuery.Start start = query.start();
        if (start == null) {
            Object offset = query.sql(Dialect.H2, "select n from t", "").binds().getOrDefault("pgn_offset", 0L);
            return query.page(
                    table.stream()
                            .sorted()
                            .skip((Long) offset)
                            .limit(query.size() + 1)
                            .toList(),
                    false);
        }
        long at = (Long) start.values().get(0);
        List<Long> walk = new ArrayList<>(table);
        walk.sort(start.backward() ? Collections.reverseOrder() : null);
        int sign = start.backward() ? -1 : 1;
        var behind = walk.stream()
                .filter(n -> sign * n.compareTo(at) > 0 || (start.inclusive() && n == at))
                .toList();
        return query.page(behind.subList(0, Math.min(query.size() + 1, behind.size())), behind.size() < table.size());
    }

    private static PageQuery<Long> query(Map<String, List<String>> params) {
        return PAGINATOR.parse(NUMBERS, params, "").orElseThrow();
    }

    private static Page<Long> page(String cursor, List<Long> table) {
        return fetch(query(cursor.isEmpty() ? Map.of() : Map.of("cursor", List.of(cursor))), table);
    }

    private static List<Long> numbers(int last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    @Test
    void next_followedToTheEnd_givesEveryRowOnce() {
        List<Long> table = numbers(8);
        Page<Long> first = page("", table);
        Page<Long> second = page(first.next().orElseThrow(), table);
        Page<Long> third = page(second.next().orElseThrow(), table);

        assertThat(first.items()).containsExactly(1L, 2L, 3L);
        assertThat(second.items()).containsExactly(4L, 5L, 6L);
        assertThat(third.items()).containsExactly(7L, 8L);
        assertThat(List.of(first.hasPrevious(), second.hasPrevious(), third.hasPrevious()))
                .containsExactly(false, true, true);
        assertThat(List.of(first.hasNext(), second.hasNext(), third.hasNext())).containsExactly(true, true, false);
        assertThat(third.next()).isEmpty();
    }

    @Test
    void previous_ofAPage_isTheOneBeforeInTheSameOrder() {
        List<Long> table = numbers(8);
        Page<Long> third =
                page(page(page("", table).next().orElseThrow(), table).next().orElseThrow(), table);

        Page<Long> second = page(third.previous().orElseThrow(), table);
        Page<Long> first = page(second.previous().orElseThrow(), table);

        assertThat(second.items()).containsExactly(4L, 5L, 6L);
        assertThat(first.items()).containsExactly(1L, 2L, 3L);
        assertThat(first.previous()).isEmpty();
        assertThat(first.hasNext()).isTrue();
    }

    @Test
    void page_exactlyFull_hasNoNext() {
        Page<Long> page = page("", numbers(3));

        assertThat(page.items()).hasSize(3);
        assertThat(page.hasNext()).isFalse();
        assertThat(page.next()).isEmpty();
    }

    @Test
    void page_ofNothing_hasNothingAroundIt() {
        Page<Long> page = page("", List.of());

        assertThat(page.items()).isEmpty();
        assertThat(page.hasNext()).isFalse();
        assertThat(page.hasPrevious()).isFalse();
        assertThat(page.headers(URI.create("/numbers"))).isEmpty();
        assertThat(page.toConnection())
                .isEqualTo(new Connection<>(List.of(), new Connection.PageInfo(false, false, null, null)));
    }

    /** The rows behind a cursor are gone: the way back must begin with the row that the cursor is of. */
    @Test
    void previous_ofAnEmptyPage_losesNoRow() {
        String cursor = page("", numbers(8)).next().orElseThrow();

        Page<Long> empty = page(cursor, numbers(3));
        Page<Long> back = page(empty.previous().orElseThrow(), numbers(3));

        assertThat(empty.items()).isEmpty();
        assertThat(empty.hasPrevious()).isTrue();
        assertThat(empty.hasNext()).isFalse();
        assertThat(back.items()).containsExactly(1L, 2L, 3L);
        assertThat(back.hasNext()).isFalse();
        assertThat(back.hasPrevious()).isFalse();
    }

    @Test
    void next_ofAnEmptyPageBackward_losesNoRow() {
        Page<Long> second = page(page("", numbers(8)).next().orElseThrow(), numbers(8));
        String cursor = second.previous().orElseThrow();

        List<Long> left = List.of(4L, 5L, 6L, 7L);
        Page<Long> empty = page(cursor, left);
        Page<Long> on = page(empty.next().orElseThrow(), left);

        assertThat(empty.items()).isEmpty();
        assertThat(empty.hasPrevious()).isFalse();
        assertThat(empty.hasNext()).isTrue();
        assertThat(on.items()).containsExactly(4L, 5L, 6L);
        assertThat(on.hasPrevious()).isFalse();
    }

    @Test
    void hasPrevious_afterAllBeforeWasDeleted_isFalse() {
        String cursor = page("", numbers(8)).next().orElseThrow();

        assertThat(page(cursor, List.of(4L, 5L)).hasPrevious()).isFalse();
    }

    @Test
    void page_byNumber_goesOnWithCursors() {
        List<Long> table = numbers(10);
        Page<Long> second = fetch(query(Map.of("page", List.of("2"))), table);

        assertThat(second.items()).containsExactly(4L, 5L, 6L);
        assertThat(second.hasPrevious()).isTrue();
        assertThat(page(second.next().orElseThrow(), table).items()).containsExactly(7L, 8L, 9L);
        assertThat(page(second.previous().orElseThrow(), table).items()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void page_byNumberBeyondTheEnd_isEmpty() {
        Page<Long> page = fetch(query(Map.of("page", List.of("30"))), numbers(10));

        assertThat(page.items()).isEmpty();
        assertThat(page.hasPrevious()).isTrue();
        assertThat(page.previous()).isEmpty();
        assertThat(page.headers(URI.create("/numbers?page=30"))).containsEntry("Link", "</numbers>; rel=\"first\"");
    }

    @Test
    void cursor_ofAnItem_isOfWhatIsBehindIt() {
        List<Long> table = numbers(8);
        Page<Long> first = page("", table);

        assertThat(page(first.cursor(0), table).items()).containsExactly(2L, 3L, 4L);
        assertThatThrownBy(() -> first.cursor(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> first.cursor(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void map_items_keepsCursorsAndTotal() {
        Page<Long> page = page("", numbers(8)).withTotal(8, true);

        Page<String> mapped = page.map(n -> "n" + n);
        Page<String> mappedAll =
                page.mapAll(all -> all.stream().map(n -> "n" + n).toList());

        for (Page<String> one : List.of(mapped, mappedAll)) {
            assertThat(one.items()).containsExactly("n1", "n2", "n3");
            assertThat(one.next()).isEqualTo(page.next());
            assertThat(one.cursor(1)).isEqualTo(page.cursor(1));
            assertThat(one.total()).hasValue(8);
            assertThat(one.isTotalExact()).isTrue();
        }
        assertThatThrownBy(() -> page.mapAll(all -> List.of("one")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("3 items")
                .hasMessageContaining("returned 1");
    }

    @Test
    void meta_page_saysWhatIsAroundIt() {
        Page<Long> page = page("", numbers(8));

        assertThat(page.meta())
                .isEqualTo(Map.of(
                        "page",
                        Map.of(
                                "hasNext",
                                true,
                                "hasPrevious",
                                false,
                                "next",
                                page.next().orElseThrow())));
        assertThat(page.withTotal(8, true).meta().get("page").toString()).endsWith("total=8}");
        assertThat(page.withTotal(1000, false).meta().get("page").toString()).endsWith("total=1000, totalExact=false}");
        assertThatThrownBy(() -> page.withTotal(-1, true)).hasMessageContaining("must not be negative");
    }

    @Test
    void toConnection_page_hasACursorForEachEdge() {
        Page<Long> page = page("", numbers(8));

        Connection<Long> connection = page.toConnection();

        assertThat(connection.edges()).extracting(Connection.Edge::node).containsExactly(1L, 2L, 3L);
        assertThat(connection.edges()).extracting(Connection.Edge::cursor).doesNotHaveDuplicates();
        assertThat(connection.pageInfo())
                .isEqualTo(new Connection.PageInfo(
                        true, false, page.cursor(0), page.next().orElseThrow()));
    }

    @Test
    void startCursor_asBefore_isThePageBefore() {
        List<Long> table = numbers(8);
        Page<Long> second = page(page("", table).next().orElseThrow(), table);
        String start = second.toConnection().pageInfo().startCursor();

        Page<Long> before = fetch(query(Map.of("before", List.of(start))), table);

        assertThat(before.items()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void items_page_cannotBeChanged() {
        Page<Long> page = page("", numbers(3));

        assertThatThrownBy(() -> page.items().remove(0)).isInstanceOf(UnsupportedOperationException.class);
        assertThat(page).hasToString("Page[3 items, hasNext=false, hasPrevious=false]");
    }

    @Test
    void next_withoutPaginator_saysWhatIsMissing() {
        Page<Long> page = fetch(NUMBERS.first(3), numbers(8));

        assertThat(page.hasNext()).isTrue();
        assertThatThrownBy(page::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("Paginator");
    }

    /* ---- links ---- */

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            https://a.example/n                       | <https://a.example/n?cursor=C>
            https://a.example/n?                      | <https://a.example/n?cursor=C>
            /n?sort=-n&cursor=old                     | </n?sort=-n&cursor=C>
            /n?cursor=old&page=3&size=2               | </n?size=2&cursor=C>
            /n?curs%6Fr=old                           | </n?cursor=C>
            /n?a=1,2;3&b='x'#part                     | </n?a=1%2C2%3B3&b=%27x%27&cursor=C>
            /n?q=%22x%22&e=%C3%A9                     | </n?q=%22x%22&e=%C3%A9&cursor=C>
            /n?q=é                                    | </n?q=%C3%A9&cursor=C>
            /n?flag&&x=                               | </n?flag&x=&cursor=C>
            /a;v=1,2/n?q=1                            | </a;v=1,2/n?q=1&cursor=C>
            /n?q=é                              | </n?q=e%CC%81&cursor=C>
            /n?before=x                               | </n?cursor=C>
            """)
    void headers_self_keepsAllButTheCursor(String self, String next) {
        Page<Long> page = page("", numbers(8));
        String cursor = page.next().orElseThrow();

        assertThat(page.headers(URI.create(self)))
                .isEqualTo(Map.of("Link", next.replace("=C>", "=" + cursor + ">") + "; rel=\"next\""));
    }

    @Test
    void headers_inTheMiddle_leadBothWays() {
        Page<Long> page = page(page("", numbers(8)).next().orElseThrow(), numbers(8));

        assertThat(page.headers(URI.create("/n?cursor=x")).get("Link"))
                .isEqualTo("</n?cursor=" + page.next().orElseThrow() + ">; rel=\"next\", </n?cursor="
                        + page.previous().orElseThrow() + ">; rel=\"prev\", </n>; rel=\"first\"");
    }

    /* ---- streams ---- */

    @Test
    void stream_all_hasEveryRowOnce() {
        List<Long> table = numbers(1000);

        assertThat(NUMBERS.first(7).stream(query -> fetch(query, table)).toList())
                .isEqualTo(table);
    }

    @Test
    void stream_ofAMillion_holdsAtMostOnePage() {
        long last = 1_000_000;
        PageSpec<Long> spec = PageSpec.named("numbers", Long.class)
                .unique("n", "n", ColumnType.LONG, n -> n)
                .size(1000, 10_000)
                .build();
        List<WeakReference<List<Long>>> fetched = new ArrayList<>();
        var seen = new AtomicLong();

        Stream<Long> all = spec.first(10_000).stream(query -> {
            if (fetched.size() % 20 == 19) {
                System.gc();
                assertThat(fetched).filteredOn(page -> page.get() != null).hasSizeLessThan(2);
            }
            PageQuery.Start start = query.start();
            long from = start == null ? 0 : (Long) start.values().get(0);
            Page<Long> page = query.page(
                    LongStream.rangeClosed(from + 1, Math.min(from + 10_001, last))
                            .boxed()
                            .toList(),
                    true);
            fetched.add(new WeakReference<>(page.items()));
            return page;
        });

        assertThat(all.filter(n -> n == seen.incrementAndGet()).count()).isEqualTo(last);
        assertThat(fetched).hasSize(100);
    }

    @Test
    void stream_some_asksForNoPageItDoesNotNeed() {
        var pages = new AtomicInteger();

        List<Long> some = NUMBERS.first(10).stream(query -> {
                    pages.incrementAndGet();
                    return fetch(query, numbers(1000));
                })
                .limit(10)
                .toList();

        assertThat(some).hasSize(10);
        assertThat(pages).hasValue(1);
    }

    @Test
    void stream_beforeItIsConsumed_asksForNothing() {
        var stream = NUMBERS.first(10).stream(query -> {
            throw new AssertionError("asked");
        });

        assertThat(stream.isParallel()).isFalse();
    }

    @Test
    void stream_thatDoesNotAdvance_fails() {
        assertThatThrownBy(() -> NUMBERS.first(1).stream(query -> query.page(List.of(1L, 2L), false))
                        .count())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("unique");
    }
}
