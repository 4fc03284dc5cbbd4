package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.ShakyLevel.Call;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Caches of several processes over one level that works. */
class RemoteNodesTest {
    private static final Duration STALE = Duration.ofHours(1);

    private final VirtualTime time = new VirtualTime();
    private final InMemoryLevel shared = new InMemoryLevel(time);
    private final Map<String, String> store = new ConcurrentHashMap<>(Map.of("k", "old", "j", "j"));
    private volatile @Nullable Runnable duringLoad;
    private volatile boolean storeFails;
    private final List<byte[]> messages = new ArrayList<>();
    private final Node a = node();
    private final Node b = node();

    RemoteNodesTest() {
        var unused = shared.backplane().subscribe(messages::add, () -> {});
    }

    private Node node() {
        return node(UnaryOperator.identity());
    }

    private Node node(UnaryOperator<CacheAside.Builder<String, String>> settings) {
        return new Node(shared, time, this::load, builder -> settings.apply(builder.staleOnError(STALE)));
    }

    private Result<String, DomainError> load(String key) {
        if (storeFails) {
            return Result.err(ErrorKind.UNAVAILABLE.code().error());
        }
        String read = store.get(key);
        Runnable meanwhile = duringLoad;
        duringLoad = null;
        if (meanwhile != null) {
            meanwhile.run();
        }
        return read == null ? Result.err(ErrorKind.NOT_FOUND.code().error()) : Result.ok(read);
    }

    private void change(String value) {
        store.put("k", value);
    }

    /* ---- sharing ---- */

    @Test
    void get_loadedByAnotherNode_isAHitAndPublishesNothing() {
        assertThat(a.get("k")).isEqualTo("old");
        time.advance(Duration.ofMinutes(1));

        assertThat(b.get("k")).isEqualTo("old");
        assertThat(b.loads).hasValue(0);
        assertThat(messages).isEmpty();
        Cached<String> cached = b.cache.getCached("k").orElseThrow();
        assertThat(cached.age()).isEqualTo(Duration.ofMinutes(1));
        assertThat(cached.freshFor()).isEqualTo(Duration.ofMinutes(9));
    }

    @Test
    void getAllGetAsync_loadedByAnotherNode_areHits() {
        assertThat(a.cache.getAll(List.of("k", "j"))).hasSize(2);

        assertThat(b.cache.getAll(List.of("k", "j", "none")).get("k")).isEqualTo(Result.ok("old"));
        assertThat(b.loaded).containsExactly("none");
        assertThat(node().cache.getAsync("j").join()).isEqualTo(Result.ok("j"));
        assertThat(messages).isEmpty();
    }

    /* ---- invalidations ---- */

    @Test
    void invalidate_heldByAnotherNode_isDroppedThereAndOwnMessageIgnored() {
        assertThat(a.get("k")).isEqualTo(b.get("k"));
        change("new");

        assertThat(a.cache.invalidate("k")).isEqualTo(Propagation.DONE);
        assertThat(messages).hasSize(1);
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(a.get("k")).isEqualTo("new");

        shared.backplane().publish(messages.get(0)).toCompletableFuture().join();
        assertThat(a.cache.getIfPresent("k")).contains("new"); // its own, heard again
        assertThat(b.cache.getIfPresent("k")).isEmpty(); // heard twice costs a look at the level
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(a.loads.get() + b.loads.get()).isEqualTo(2);
    }

    @Test
    void invalidate_whileAnotherNodeLoads_itsValueIsNotKeptAnywhere() {
        duringLoad = () -> {
            change("new");
            a.cache.invalidate("k");
        };

        assertThat(b.get("k")).isEqualTo("old"); // it overlaps
        assertThat(b.cache.getIfPresent("k")).isEmpty();
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(a.get("k")).isEqualTo("new");
    }

    @Test
    void invalidate_messageLostWhileAnotherNodeLoads_levelRefusesTheFill() {
        a.level.inject(ShakyLevel.Fault.NULL_ANSWER, Call.PUBLISH); // says it was sent
        duringLoad = () -> {
            change("new");
            a.cache.invalidate("k");
        };

        assertThat(b.get("k")).isEqualTo("old");
        assertThat(b.cache.getIfPresent("k")).isEmpty();
        assertThat(b.get("k")).isEqualTo("new");
    }

    @Test
    void invalidate_afterAnotherNodeReadTheEntry_itIsNotKept() {
        a.get("k");
        b.level.after(Call.BEGIN, () -> {
            change("new");
            a.cache.invalidate("k");
        });

        assertThat(b.get("k")).isEqualTo("old");
        b.level.heal();
        assertThat(b.get("k")).isEqualTo("new");
    }

    @Test
    void invalidateTag_whileAnotherNodeLoadsWhatHasIt_itsValueIsNotKeptAnywhere() {
        change("old#t,u");
        duringLoad = () -> {
            change("new#t");
            a.cache.invalidateTag("t");
        };

        assertThat(b.get("k")).isEqualTo("old#t,u");
        assertThat(b.get("k")).isEqualTo("new#t");
        assertThat(a.get("k")).isEqualTo("new#t");
    }

    @Test
    void clear_whileAnotherNodeLoads_itsValueIsNotKeptAnywhere() {
        a.get("j");
        duringLoad = () -> {
            change("new");
            a.cache.clear();
        };

        assertThat(b.get("k")).isEqualTo("old");
        assertThat(b.cache.getIfPresent("k")).isEmpty();
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(a.cache.getIfPresent("j")).isEmpty();
    }

    @Test
    void put_heldByAnotherNode_isDroppedThere() {
        assertThat(a.get("k")).isEqualTo(b.get("k"));
        change("new");

        assertThat(a.cache.put("k", "new")).isEqualTo(Propagation.DONE);
        assertThat(a.cache.getIfPresent("k")).contains("new");
        assertThat(b.get("k")).isEqualTo("new");
    }

    @Test
    void write_heldByAnotherNode_isDroppedThere() {
        assertThat(a.get("k")).isEqualTo(b.get("k"));

        assertThat(a.cache.write("k", "new", (key, value) -> {
                    change(value);
                    return Result.ok(value);
                }))
                .isEqualTo(Result.ok("new"));
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(a.get("k")).isEqualTo("new");
    }

    @Test
    void gap_whateverIsHeldOrBeingLoaded_isDropped() {
        b.get("j");
        duringLoad = () -> {
            change("new");
            b.level.reportGap();
        };

        assertThat(b.get("k")).isEqualTo("old");
        assertThat(b.gaps).hasValue(1);
        assertThat(b.cache.getIfPresent("k")).isEmpty();
        assertThat(b.cache.getIfPresent("j")).isEmpty();
    }

    @Test
    void message_unreadable_isAGapAndOneOfAnotherCacheIsNot() {
        b.get("k");
        byte[] other = Change.everything().message(UUID.randomUUID(), "other");
        shared.backplane().publish(other).toCompletableFuture().join();
        assertThat(b.cache.getIfPresent("k")).isPresent();

        shared.backplane().publish(new byte[] {2, 0}).toCompletableFuture().join();
        assertThat(b.cache.getIfPresent("k")).isEmpty();
        assertThat(b.gaps).hasValue(1);
    }

    @Test
    void messages_outOfOrder_areHarmless() {
        List<byte[]> sent = List.of(
                Change.key("k", true).message(UUID.randomUUID(), "texts"),
                Change.tag("t", false).message(UUID.randomUUID(), "texts"),
                Change.everything().message(UUID.randomUUID(), "texts"));
        change("new#t");
        for (int first : new int[] {2, 1, 0, 2, 1}) {
            shared.backplane().publish(sent.get(first)).toCompletableFuture().join();
            assertThat(b.get("k")).isEqualTo("new#t");
        }
        assertThat(b.loads).hasValue(1); // what the level has is good
    }

    /* ---- stale on error ---- */

    @Test
    void expire_storeFails_servesStaleInMemoryAtEveryNode() {
        a.get("k");
        b.get("k");
        a.cache.expire("k");
        storeFails = true;

        assertThat(a.get("k")).isEqualTo("old");
        assertThat(b.get("k")).isEqualTo("old");
        assertThat(node().cache.get("k").isOk()).isFalse(); // the level has none
    }

    @Test
    void expireTag_storeFails_servesStaleAndInvalidateTagNever() {
        change("old#t");
        a.get("k");
        b.get("k");
        storeFails = true;

        a.cache.expireTag("t");
        assertThat(a.get("k")).isEqualTo("old#t");
        assertThat(b.get("k")).isEqualTo("old#t");
        a.cache.invalidateTag("t");
        assertThat(a.cache.get("k").isOk()).isFalse();
        assertThat(b.cache.get("k").isOk()).isFalse();
        assertThat(node().cache.get("k").isOk()).isFalse();
    }

    @Test
    void clear_storeFails_isAnErrorWhereverItWas() {
        a.get("k"); // in both
        node().get("j"); // at the level only
        a.cache.clear();
        storeFails = true;

        assertThat(a.cache.get("k").isOk()).isFalse();
        assertThat(a.cache.get("j").isOk()).isFalse();
        assertThat(b.cache.get("k").isOk()).isFalse();
    }

    /* ---- entries that are no longer good ---- */

    @Test
    void get_levelForgotItAll_isAMiss() {
        change("old#t");
        a.get("k");
        shared.clear("texts").toCompletableFuture().join();
        change("new#t");

        assertThat(b.get("k")).isEqualTo("new#t");
    }

    @Test
    void get_levelForgotDuringTheLoad_valueIsNotKept() {
        duringLoad = () -> shared.clear("texts").toCompletableFuture().join();

        assertThat(a.get("k")).isEqualTo("old");
        assertThat(a.cache.getIfPresent("k")).isEmpty();
    }

    @Test
    void get_taggedByOtherCode_isAMissAndReplaced() {
        Node other = node(builder -> builder.tags((String text) -> List.of("all")));
        a.get("k");

        assertThat(other.get("k")).isEqualTo("old");
        assertThat(other.loads).hasValue(1);
        Node again = node(builder -> builder.tags((String text) -> List.of("all")));
        assertThat(again.get("k")).isEqualTo("old");
        assertThat(again.loads).hasValue(0);
    }

    /* ---- refresh ---- */

    @Test
    void refresh_entryIsTheOneHeld_loadsAndReplacesItForOthers() {
        Node early = node(builder -> builder.refreshAfter(0.5));
        early.get("k");
        change("new");
        time.advance(Duration.ofMinutes(6));

        early.get("k");
        assertThat(early.get("k")).isEqualTo("new");
        assertThat(early.loads).hasValue(2);
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(b.loads).hasValue(0);
    }

    @Test
    void refresh_anotherNodeHasRefreshed_takesItsEntry() {
        Node first = node(builder -> builder.refreshAfter(0.5));
        Node second = node(builder -> builder.refreshAfter(0.5));
        first.get("k");
        second.get("k");
        change("new");
        time.advance(Duration.ofMinutes(6));
        first.get("k");

        second.get("k");
        assertThat(second.get("k")).isEqualTo("new");
        assertThat(second.loads).hasValue(0);
        assertThat(first.loads).hasValue(2);
    }

    @Test
    void holdOff_loadedTooEarly_isNotKeptAtTheLevelEither() {
        Node lagging = node(builder -> builder.holdOff(Duration.ofSeconds(5)));
        change("new"); // but the replica says
        store.put("k", "old");
        lagging.cache.invalidate("k");
        assertThat(lagging.get("k")).isEqualTo("old");
        store.put("k", "new");
        time.advance(Duration.ofSeconds(6));

        assertThat(lagging.get("k")).isEqualTo("new");
        assertThat(b.get("k")).isEqualTo("new");
    }

    /* ---- leases ---- */

    @Test
    void get_anotherProcessLoads_waitsAndTakesItsValue() {
        String token = lease("k");
        later(Duration.ofMillis(200), () -> {
            byte[] entry = RemoteEntry.encode(Node.TTL.toNanos(), 1, List.of(), new Node.Texts().encode("theirs"));
            assertThat(shared.fill("texts", "k", token, List.of(), entry, Node.TTL)
                            .toCompletableFuture()
                            .join())
                    .isTrue();
        });

        assertThat(a.get("k")).isEqualTo("theirs");
        assertThat(a.loads).hasValue(0);
    }

    @Test
    void get_tagInvalidatedWhileItWaits_keepsWhatWasLoadedAfter() {
        String token = lease("k");
        later(Duration.ofMillis(200), () -> {
            a.cache.invalidateTag("t");
            release(token);
            change("new#t");
            b.get("k");
        });

        assertThat(a.get("k")).isEqualTo("new#t");
        assertThat(a.loads).hasValue(0);
        assertThat(a.cache.getIfPresent("k")).contains("new#t");
    }

    @Test
    void get_anotherProcessLoadsForEver_loadsAfterItsPatience() {
        lease("k");
        Instants before = new Instants(time);

        assertThat(a.get("k")).isEqualTo("old");
        assertThat(before.passed()).isBetween(Duration.ofMillis(7_500), Duration.ofMillis(7_600));
        assertThat(a.cache.getCached("k").orElseThrow().freshFor()).isLessThanOrEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void getAll_anotherProcessLoadsOneOfThem_othersAreLoadedMeanwhile() {
        String token = lease("k");
        later(Duration.ofMillis(1), () -> release(token));

        assertThat(a.cache.getAll(List.of("k", "j")))
                .containsExactly(Map.entry("k", Result.ok("old")), Map.entry("j", Result.ok("j")));
        assertThat(a.loaded).containsExactly("j", "k");
    }

    @Test
    void get_loadFailsOrThrowsOrTimeIsZero_leaseIsGivenBack() {
        assertThat(a.cache.get("none").isOk()).isFalse();
        assertThat(lease("none")).isNotNull();

        duringLoad = () -> {
            throw new IllegalStateException("a bug");
        };
        assertThatThrownBy(() -> a.cache.get("k")).hasMessage("a bug");
        assertThat(lease("k")).isNotNull();

        Node never = node(builder -> builder.ttl(String.class, text -> Duration.ZERO));
        assertThat(never.get("j")).isEqualTo("j");
        assertThat(lease("j")).isNotNull();
    }

    @Test
    void get_tagsOrTtlThrow_leaseIsGivenBackAndNothingIsWedged() {
        Node badTags = node(builder -> builder.tags((String text) -> {
            throw new IllegalStateException("bad tags");
        }));
        assertThatThrownBy(() -> badTags.cache.get("k")).hasMessage("bad tags");
        assertThat(release(lease("k"))).isTrue();
        assertThatThrownBy(() -> badTags.cache.get("k")).hasMessage("bad tags");
    }

    @Test
    void close_lateMessagesAndLoads_areNeitherHeardNorKept() {
        a.get("k");
        a.cache.close();
        change("new");
        b.cache.invalidate("k");

        assertThat(a.get("k")).isEqualTo("new");
        assertThat(a.cache.getIfPresent("k")).isEmpty();
        assertThat(a.level.calls(Call.BEGIN)).isEqualTo(1);
        shared.backplane().publish(new byte[0]).toCompletableFuture().join();
        assertThat(a.gaps).hasValue(0);
        assertThat(b.gaps).hasValue(1);
        assertThat(time.pending()).isZero();
    }

    private void later(Duration delay, Runnable task) {
        var unused = time.schedule(delay, task);
    }

    @CanIgnoreReturnValue
    private String lease(String key) {
        return ((RemoteLevel.Reply.Mine) shared.begin("texts", List.of(key), Duration.ofHours(1))
                        .toCompletableFuture()
                        .join()
                        .get(0))
                .token();
    }

    @CanIgnoreReturnValue
    private boolean release(String token) {
        return shared.release("texts", "k", token).toCompletableFuture().isDone();
    }

    /** How much time has passed. */
    private record Instants(VirtualTime time, java.time.Instant begin) {
        Instants(VirtualTime time) {
            this(time, time.instant());
        }

        Duration passed() {
            return Duration.between(begin, time.instant());
        }
    }
}
