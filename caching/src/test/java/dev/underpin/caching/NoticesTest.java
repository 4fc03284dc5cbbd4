package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners, those that throw among them. */
class NoticesTest {
    private final VirtualTime time = new VirtualTime();
    private final Store store = new Store().set("a", "1");

    /** Throws whatever it hears. */
    private static final class Throwing implements CacheListener {
        private final Class<? extends Throwable> type;
        private final List<String> heard = new ArrayList<>();

        Throwing(Class<? extends Throwable> type) {
            this.type = type;
        }

        private void hear(String event) {
            heard.add(event);
            try {
                throw Throwing.<RuntimeException>sneak(
                        type.getDeclaredConstructor().newInstance());
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("no constructor", e);
            }
        }

        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        private static <X extends Throwable> X sneak(Throwable thrown) throws X {
            throw (X) thrown;
        }

        @Override
        public void onHit(String cache) {
            hear("hit");
        }

        @Override
        public void onMiss(String cache) {
            hear("miss");
        }

        @Override
        public void onCoalesced(String cache) {
            hear("coalesced");
        }

        @Override
        public void onLoad(String cache, long nanos, ErrorCode error) {
            hear("load " + nanos + " " + error);
        }

        @Override
        public void onRefresh(String cache) {
            hear("refresh");
        }

        @Override
        public void onStale(String cache, ErrorCode reason) {
            hear("stale " + reason);
        }

        @Override
        public void onDiscardedLoad(String cache) {
            hear("discarded");
        }

        @Override
        public void onRemote(String cache, long nanos, ErrorCode error) {
            hear("remote");
        }

        @Override
        public void onGap(String cache) {
            hear("gap");
        }

        @Override
        public void onWrite(String queue, int writes, long nanos, ErrorCode error) {
            hear("write");
        }

        @Override
        public void onDeadLetter(String queue, ErrorCode error) {
            hear("dead letter");
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {IllegalStateException.class, AssertionError.class, StackOverflowError.class})
    void listener_throws_theCacheWorksOn(Class<? extends Throwable> type) {
        var listener = new Throwing(type);
        CacheAside<String, String> cache = CacheAside.named("users")
                .time(time)
                .random(() -> 0)
                .ttl(Duration.ofMinutes(1))
                .refreshAfter(0.5)
                .staleOnError(Duration.ofMinutes(1))
                .listener(listener)
                .build(store);
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        time.advance(Duration.ofSeconds(30));
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        time.advance(Duration.ofMinutes(1));
        store.failWith(ErrorKind.UNAVAILABLE);
        assertThat(cache.get("a")).isEqualTo(Result.ok("1"));
        store.work();
        Store.Held load = store.hold();
        cache.clear();
        var call = Call.of(() -> cache.get("a"));
        load.awaitBegun();
        cache.clear();
        load.release();
        assertThat(call.result()).isEqualTo(Result.ok("1"));

        assertThat(listener.heard)
                .containsExactly(
                        "miss",
                        "load 0 null",
                        "hit",
                        "refresh",
                        "load 0 null",
                        "hit",
                        "miss",
                        "load 0 SERVICE_UNAVAILABLE",
                        "stale SERVICE_UNAVAILABLE",
                        "miss",
                        "load 0 null",
                        "discarded");
    }

    @Test
    void machineInTrouble_isNotHidden() {
        CacheAside<String, String> cache = CacheAside.named("users")
                .listener(new Throwing(OutOfMemoryError.class))
                .build(store);

        assertThatThrownBy(() -> cache.get("a")).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void everyEvent_reachesTheListenerOrNobody() {
        var listener = new Throwing(IllegalStateException.class);
        for (Notices notices : List.of(new Notices("n", listener), new Notices("n", null))) {
            notices.hit();
            notices.miss();
            notices.coalesced();
            notices.load(1, null);
            notices.refresh();
            notices.stale(CachingErrors.CACHE_LOAD_FAILED);
            notices.discarded();
            notices.remote(1, null);
            notices.gap();
            notices.write(1, 1, null);
            notices.deadLetter(CachingErrors.CACHE_LOAD_FAILED);
        }

        assertThat(listener.heard)
                .containsExactly(
                        "hit",
                        "miss",
                        "coalesced",
                        "load 1 null",
                        "refresh",
                        "stale CACHE_LOAD_FAILED",
                        "discarded",
                        "remote",
                        "gap",
                        "write",
                        "dead letter");
    }
}
