package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A cache in a unit of work, of which a test keeps what is to run after the commit. */
class TransactionalTest {
    private static final Result<String, DomainError> OLD = Result.ok("old");
    private static final Result<String, DomainError> NEW = Result.ok("new");

    private final Store store = new Store().set("a", "old").set("b", "old");
    private final List<Runnable> afterCommit = new ArrayList<>();
    private final CacheAside<String, String> cache = CacheAside.named("users")
            .time(new VirtualTime())
            .absentTtl(Duration.ofMinutes(1))
            .tags((String value) -> List.of("tag"))
            .build(store);
    private final CacheAside.Transactional<String, String> unit = cache.in(afterCommit::add);

    @Test
    void invalidate_showsToOthersAfterTheCommit() {
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.set("a", "new");
        unit.invalidate("a");
        assertThat(cache.get("a")).isEqualTo(OLD);
        afterCommit.forEach(Runnable::run);

        assertThat(cache.get("a")).isEqualTo(NEW);
    }

    @Test
    void invalidate_rolledBack_doesNothing() {
        assertThat(cache.get("a")).isEqualTo(OLD);
        unit.invalidate("a");
        unit.invalidateTag("tag");
        afterCommit.clear();

        assertThat(cache.getIfPresent("a")).contains("old");
    }

    @Test
    void invalidations_runInTheOrderTheyCame() {
        List<String> order = new ArrayList<>();
        CacheAside.Transactional<String, String> view = cache.in(task -> {
            order.add("registered");
            task.run();
            order.add(cache.getIfPresent("a").isPresent() ? "there" : "gone");
        });
        assertThat(cache.get("a")).isEqualTo(OLD);
        view.invalidate("b");
        view.invalidate("a");
        assertThat(cache.get("a")).isEqualTo(OLD);
        view.invalidateTag("tag");

        assertThat(order).containsExactly("registered", "there", "registered", "gone", "registered", "gone");
    }

    @Test
    void get_untouched_isThatOfTheCache() {
        Result<String, DomainError> held = cache.get("a");

        assertThat(unit.get("a")).isSameAs(held);
        assertThat(cache.get("nobody").isOk()).isFalse();
        assertThat(unit.get("nobody")).isSameAs(cache.get("nobody"));
        assertThat(store.loads()).isEqualTo(2);
    }

    @Test
    void get_missing_isLoadedAndNotKept() {
        assertThat(unit.get("a")).isEqualTo(OLD);

        assertThat(cache.getIfPresent("a")).isEmpty();
        assertThat(unit.get("a", key -> Result.ok(key + " of the unit"))).isEqualTo(Result.ok("a of the unit"));
        assertThat(cache.getIfPresent("a")).isEmpty();
    }

    @Test
    void get_ofWhatTheUnitHasChanged_goesPastTheCache() {
        assertThat(cache.getAll(List.of("a", "b"))).hasSize(2);
        store.set("a", "new");
        unit.invalidate("a");

        assertThat(unit.get("a")).isEqualTo(NEW);
        assertThat(unit.get("a", key -> Result.err(ErrorKind.CONFLICT.code().error())))
                .isEqualTo(Result.err(ErrorKind.CONFLICT.code().error()));
        assertThat(cache.get("a")).isEqualTo(OLD);
        store.set("b", "new");
        assertThat(unit.get("b")).isEqualTo(OLD);
        unit.invalidateTag("another");
        assertThat(unit.get("b")).as("any tag may be its").isEqualTo(NEW);
        assertThat(cache.in(afterCommit::add).get("b")).as("of another unit").isEqualTo(OLD);
    }

    @Test
    void get_withABulkLoader_isOfThat() {
        CacheAside<String, String> bulk = CacheAside.named("bulk").buildBulk(store::all);

        assertThat(bulk.in(afterCommit::add).get("a")).isEqualTo(OLD);
        assertThat(bulk.in(afterCommit::add).get("x").isOk()).isFalse();
        assertThat(bulk.estimatedSize()).isZero();
    }

    @Test
    void nullsAndLoadersThatReturnNull_areRefused() {
        assertThatThrownBy(() -> cache.in(null)).hasMessage("afterCommit");
        assertThatThrownBy(() -> unit.get(null)).hasMessage("key");
        assertThatThrownBy(() -> unit.invalidate(null)).hasMessage("key");
        assertThatThrownBy(() -> unit.invalidateTag(null)).hasMessage("tag");
        assertThatThrownBy(() -> unit.get("a", key -> null)).hasMessage("the loader returned null");
        assertThat(afterCommit).isEmpty();
    }
}
