package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Values with tags, and how tags are counted. */
class TagsTest {
    private final VirtualTime time = new VirtualTime();
    private final Store store =
            new Store().set("a", "red,round").set("b", "red").set("c", "");

    private CacheAside<String, String> cache(Function<String, Collection<String>> tags) {
        return CacheAside.named("things").time(time).random(() -> 0).tags(tags).build(store);
    }

    private static Collection<String> words(String value) {
        return value.isEmpty() ? List.of() : List.of(value.split(","));
    }

    @Test
    void invalidateTag_meetsTheValuesThatHaveItAndNoOthers() {
        CacheAside<String, String> cache = cache(TagsTest::words);
        assertThat(cache.getAll(List.of("a", "b", "c"))).hasSize(3);
        assertThat(cache.invalidateTag("round")).isEqualTo(Propagation.DONE);
        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(cache.getIfPresent("b")).contains("red");
        assertThat(cache.getIfPresent("c")).contains("");
        cache.invalidateTag("red");
        cache.invalidateTag("nobody has it");

        assertThat(cache.getIfPresent("b")).isEmpty();
        assertThat(cache.getIfPresent("c")).contains("");
    }

    @Test
    void everyRead_ofWhatWasInvalidatedByTag_isAMiss() {
        CacheAside<String, String> cache = cache(TagsTest::words);
        assertThat(cache.get("b").isOk()).isTrue();
        store.set("b", "blue");
        cache.invalidateTag("red");

        assertThat(cache.getIfPresent("b")).isEmpty();
        assertThat(cache.getAll(List.of("b")).get("b")).isEqualTo(Result.ok("blue"));
        store.set("b", "green");
        cache.invalidateTag("blue");
        assertThat(cache.getCached("b").map(Cached::value)).isEqualTo(Result.ok("green"));
        store.set("b", "pink");
        cache.invalidateTag("green");
        assertThat(cache.getAsync("b")).isCompletedWithValue(Result.ok("pink"));
        store.set("b", "grey");
        cache.invalidateTag("pink");
        assertThat(cache.in(Runnable::run).get("b")).isEqualTo(Result.ok("grey"));
        assertThat(cache.get("b", Duration.ZERO)).isEqualTo(Result.ok("grey"));
    }

    @Test
    void tagsOfTheLoadedValue_decideNotThoseOfTheOneBefore() {
        CacheAside<String, String> cache = cache(TagsTest::words);
        assertThat(cache.get("b").isOk()).isTrue();
        store.set("b", "blue");
        cache.invalidate("b");
        assertThat(cache.get("b").isOk()).isTrue();
        cache.invalidateTag("red");

        assertThat(cache.getIfPresent("b")).contains("blue");
    }

    @Test
    void invalidateTag_betweenReadAndStore_isNotKept() {
        CacheAside<String, String> cache = cache(TagsTest::words);
        Store.Held load = store.hold();
        var call = Call.of(() -> cache.get("b"));
        load.awaitBegun(); // has read
        cache.invalidateTag("red");
        load.release();

        assertThat(call.result()).isEqualTo(Result.ok("red"));
        assertThat(cache.getIfPresent("b")).isEmpty();
    }

    @Test
    void put_value_hasItsTags() {
        CacheAside<String, String> cache = cache(TagsTest::words);
        cache.put("x", "red");
        assertThat(cache.getIfPresent("x")).contains("red");
        cache.invalidateTag("red");

        assertThat(cache.getIfPresent("x")).isEmpty();
    }

    @Test
    void tagsFunction_throwsOrReturnsNull_isABugOfTheCallerAndKeepsNothing() {
        CacheAside<String, String> throwing = cache(value -> {
            throw new IllegalStateException("tags");
        });
        CacheAside<String, String> nothing = cache(value -> null);
        CacheAside<String, String> hole = cache(value -> Arrays.asList("x", null));

        assertThatThrownBy(() -> throwing.get("b")).hasMessage("tags");
        assertThatThrownBy(() -> nothing.get("b")).hasMessage("the tags of a value must not be null");
        assertThatThrownBy(() -> hole.get("b")).hasMessage("a tag must not be null");
        assertThatThrownBy(() -> throwing.getAll(List.of("a", "b"))).hasMessage("tags");
        assertThatThrownBy(() -> throwing.getAsync("b").join()).hasRootCauseMessage("tags");
        assertThat(throwing.estimatedSize() + nothing.estimatedSize() + hole.estimatedSize())
                .isZero();
        assertThatThrownBy(() -> throwing.invalidateTag(null)).hasMessage("tag");
        assertThatThrownBy(() -> throwing.expireTag(null)).hasMessage("tag");
    }

    @Test
    void tagsFunction_returnsAListThatChangesLater_keepsWhatItWas() {
        List<String> mutable = new ArrayList<>(List.of("red"));
        CacheAside<String, String> cache = cache(value -> mutable);
        assertThat(cache.get("b").isOk()).isTrue();
        mutable.clear();
        cache.invalidateTag("red");

        assertThat(cache.getIfPresent("b")).isEmpty();
    }

    /* ---- the table ---- */

    @Test
    void cells_ofTagsThatNobodyHasAnyMore_areGone() {
        var tags = new Tags();
        for (int i = 0; i < 10_000; i++) {
            assertThat(tags.cells(List.of("tag" + i), null)).hasSize(1);
        }
        Tags.Cell[] kept = tags.cells(List.of("kept"), null);

        Call.until(() -> {
            System.gc(); // the one way to ask
            return tags.size() <= 1;
        });
        assertThat(tags.size()).isOne();
        assertThat(tags.cells(List.of("kept"), null)).containsExactly(kept);
    }

    @Test
    void cell_madeAfterAnInvalidationThatNoCellRemembers_knowsIt() {
        var tags = new Tags();
        long before = tags.sequence();
        tags.expire("tag", 5);
        assertThat(tags.size()).isZero();
        Tags.Cell cell = tags.cells(List.of(), "tag")[0];

        assertThat(cell.touched()).isGreaterThan(before).isEqualTo(tags.sequence());
        assertThat(cell.removed()).as("how it was is not remembered").isEqualTo(cell.touched());
        assertThat(cell.nanos()).isEqualTo(5);
    }

    @Test
    void cell_expired_isTouchedAndNotRemoved() {
        var tags = new Tags();
        Tags.Cell cell = tags.cells(List.of("tag", "tag"), "tag")[0];
        assertThat(cell.touched()).isZero();
        tags.expire("tag", 1);
        assertThat(cell.touched()).isOne();
        assertThat(cell.removed()).isZero();
        tags.remove("tag", 2);

        assertThat(cell.removed()).isEqualTo(2);
        assertThat(tags.cells(List.of(), null)).isSameAs(Tags.NONE);
    }
}
