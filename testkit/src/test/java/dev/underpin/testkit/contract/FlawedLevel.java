package dev.underpin.testkit.contract;

import dev.underpin.caching.Backplane;
import dev.underpin.caching.InMemoryLevel;
import dev.underpin.caching.RemoteLevel;
import dev.underpin.result.spi.TimeSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A level of another make than the one in memory, which has one mistake, or none. */
final class FlawedLevel implements RemoteLevel {
    /** Mistakes, and the test of the contract that is to find each. */
    enum Flaw {
        REPLIES_SORTED_BY_KEY("begin_severalKeys_areAnsweredInTheirOrder"),
        LEASE_FOR_EVERYBODY("begin_leased_isLoadingForEveryNode"),
        LEASE_WITHOUT_END("begin_leaseOver_isTheLeaseOfTheNext"),
        LEASE_ALWAYS_AS_LONG("begin_aLongerLease_holdsLonger"),
        LEASE_EXTENDED_BY_WHO_ASKS("begin_leasedByAnother_doesNotExtendTheLease"),
        TOKEN_IGNORED_BY_FILL("fill_anotherToken_isRefusedAndTheLeaseStays"),
        TOKENS_START_ANEW("invalidate_leasedSinceAndAgain_refusesTheOldFillAndStoresTheNew"),
        LATE_FILL_STORED("fill_leaseOver_isRefused"),
        FILL_WITHOUT_LEASE_STORED("fill_withoutALease_isRefused"),
        FILL_KEEPS_THE_LEASE("fill_stored_endsTheLease"),
        REFUSED_FILL_KEEPS_THE_LEASE("fill_tagInvalidatedSince_endsTheLease"),
        WRONG_FILL_ENDS_THE_LEASE("fill_anotherToken_isRefusedAndTheLeaseStays"),
        ENTRY_CUT_AT_A_NULL("fill_leaseHolds_isAHitForEveryNode"),
        NOTHING_STORED("fill_leaseHolds_isAHitForEveryNode"),
        RELEASE_DOES_NOTHING("release_lease_isFreeAtOnceAndFillsNoMore"),
        TOKEN_IGNORED_BY_RELEASE("release_noLongerHeld_doesNothing"),
        RELEASE_DROPS_ENTRIES("release_noLongerHeld_doesNothing"),
        TTL_OF_HITS_AS_STORED("hit_ttl_isWhatIsLeftAndNeverGrows"),
        TTL_EXTENDED_BY_READS("hit_ttl_isWhatIsLeftAndNeverGrows"),
        TTL_IGNORED("fill_anewWithAShorterTtl_endsByThat"),
        INVALIDATION_LEAVES_LEASES("invalidate_leasedSince_refusesTheFill"),
        INVALIDATION_UNHEARD_BY_OTHERS("invalidate_entry_isAMissForEveryNode"),
        TAGS_OF_LEASES_IGNORED("invalidate_leasedSince_refusesTheFill"),
        TAGS_ONLY_OF_WHAT_WAS_SEEN("invalidate_leasedSince_refusesTheFill"),
        FIRST_TAG_ONLY("invalidate_entry_isAMissForEveryNode"),
        TAGS_STAY_INVALID("invalidate_beforeTheLease_doesNotConcernIt"),
        ANY_TAG_REFUSES("fill_anotherTagInvalidatedSince_isStored"),
        TAGS_ARE_KEYS("invalidate_others_leavesEntriesAndLeases"),
        TAGS_OF_ALL_NAMESPACES("invalidate_others_leavesEntriesAndLeases"),
        CLEAR_LEAVES_LEASES("invalidate_leasedSince_refusesTheFill"),
        CLEAR_OF_THE_PREFIX("clear_namespace_leavesOthers"),
        CLEAR_OF_EVERYTHING("clear_namespace_leavesOthers"),
        KEYS_IN_UTF_8("keys_anyStrings_areDifferent"),
        KEYS_TRIMMED("keys_anyStrings_areDifferent"),
        TAGS_WITHOUT_CASE("tags_anyStrings_areDifferent"),
        FILL_IN_TWO_STEPS("fill_andInvalidationAtOnce_neverLeaveTheOldEntry"),
        FORGETS_AFTER_A_THOUSAND("tenThousandKeys_areFilledAndInvalidatedByTagAndByKeyAndCleared"),
        BACKPLANE_OF_ONE_NODE("backplane_message_isHeardByTheOtherNode");

        final String foundBy;

        Flaw(String foundBy) {
            this.foundBy = foundBy;
        }
    }

    /** What all nodes have. */
    static final class Store {
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<List<String>, Lease> leases = new HashMap<>();
        private final Map<List<String>, Entry> entries = new HashMap<>();
        private final Map<List<String>, Integer> tags = new HashMap<>();
        private final Backplane backplane = new InMemoryLevel().backplane();
        private CountDownLatch invalidated = new CountDownLatch(1);
        private int numbers;
        private int tokens;
    }

    private record Lease(String token, int number, long until) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(byte[] bytes, Set<String> tags, int number, long until, Duration ttl) {}

    private final Store store;
    private final TimeSource time;
    private final @Nullable Flaw flaw;
    private final Map<List<String>, Reply> near = new HashMap<>(); // of this node, if that is its flaw

    FlawedLevel(Store store, TimeSource time, @Nullable Flaw flaw) {
        this.store = store;
        this.time = time;
        this.flaw = flaw;
    }

    private boolean has(Flaw any) {
        return flaw == any;
    }

    private List<String> at(String namespace, String key) {
        String used = has(Flaw.KEYS_IN_UTF_8)
                ? new String(key.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
                : has(Flaw.KEYS_TRIMMED) ? key.trim() : key;
        return List.of(namespace, used);
    }

    private List<String> tagAt(String namespace, String tag) {
        return List.of(
                has(Flaw.TAGS_OF_ALL_NAMESPACES) ? "" : namespace,
                has(Flaw.TAGS_WITHOUT_CASE) ? tag.toLowerCase(Locale.ROOT) : tag);
    }

    private boolean isMarked(String namespace, Set<String> tags, int number) {
        if (has(Flaw.ANY_TAG_REFUSES) && store.tags.values().stream().anyMatch(mark -> mark > number)) {
            return true;
        }
        return tags.stream().anyMatch(tag -> {
            int mark = store.tags.getOrDefault(tagAt(namespace, tag), 0);
            return has(Flaw.TAGS_STAY_INVALID) ? mark > 0 : mark > number;
        });
    }

    @Override
    public CompletionStage<List<Reply>> begin(String namespace, List<String> keys, Duration lease) {
        store.lock.lock();
        try {
            List<Reply> replies = new ArrayList<>();
            List<String> asked =
                    has(Flaw.REPLIES_SORTED_BY_KEY) ? keys.stream().sorted().toList() : keys;
            for (String key : asked) {
                replies.add(reply(namespace, at(namespace, key), lease));
            }
            return CompletableFuture.completedFuture(replies);
        } finally {
            store.lock.unlock();
        }
    }

    private Reply reply(String namespace, List<String> at, Duration duration) {
        long now = time.nanoTime();
        if (near.containsKey(at)) {
            return near.get(at);
        }
        Entry entry = store.entries.get(at);
        if (entry != null && !isMarked(namespace, entry.tags, entry.number) && !isOver(entry, now)) {
            if (has(Flaw.TTL_EXTENDED_BY_READS)) {
                store.entries.put(
                        at, new Entry(entry.bytes, entry.tags, entry.number, now + entry.ttl.toNanos(), entry.ttl));
            }
            Duration left = Duration.ofNanos(entry.until - now);
            var hit = new Reply.Hit(entry.bytes, has(Flaw.TTL_OF_HITS_AS_STORED) ? entry.ttl : left);
            if (has(Flaw.INVALIDATION_UNHEARD_BY_OTHERS)) {
                near.put(at, hit);
            }
            return hit;
        }
        Lease held = store.leases.get(at);
        boolean holds = held != null && (held.until - now > 0 || has(Flaw.LEASE_WITHOUT_END));
        if (holds && !has(Flaw.LEASE_FOR_EVERYBODY)) {
            if (has(Flaw.LEASE_EXTENDED_BY_WHO_ASKS)) {
                store.leases.put(at, new Lease(held.token, held.number, now + duration.toNanos()));
            }
            return new Reply.Loading();
        }
        if (has(Flaw.LEASE_FOR_EVERYBODY) && holds) {
            return new Reply.Mine(held.token);
        }
        long nanos = has(Flaw.LEASE_ALWAYS_AS_LONG) ? 30_000_000_000L : duration.toNanos();
        if (has(Flaw.FORGETS_AFTER_A_THOUSAND) && store.leases.size() >= 1_000) {
            store.leases.clear();
        }
        var given = new Lease(has(Flaw.TOKENS_START_ANEW) ? "1" : "t" + store.tokens++, ++store.numbers, now + nanos);
        store.leases.put(at, given);
        return new Reply.Mine(given.token);
    }

    private boolean isOver(Entry entry, long now) {
        return entry.until - now <= 0 && !has(Flaw.TTL_IGNORED);
    }

    @Override
    public CompletionStage<Boolean> fill(
            String namespace, String key, String token, Collection<String> tags, byte[] entry, Duration ttl) {
        return CompletableFuture.completedFuture(stored(namespace, at(namespace, key), token, tags, entry, ttl));
    }

    private boolean stored(
            String namespace, List<String> at, String token, Collection<String> tags, byte[] bytes, Duration ttl) {
        Set<String> kept =
                new HashSet<>(has(Flaw.FIRST_TAG_ONLY) ? tags.stream().limit(1).toList() : tags);
        store.lock.lock();
        try {
            Lease lease = store.leases.get(at);
            long now = time.nanoTime();
            if (lease == null && has(Flaw.FILL_WITHOUT_LEASE_STORED)) {
                lease = new Lease(token, ++store.numbers, now + 1);
            }
            if (lease == null || (!lease.token.equals(token) && !has(Flaw.TOKEN_IGNORED_BY_FILL))) {
                if (has(Flaw.WRONG_FILL_ENDS_THE_LEASE)) {
                    store.leases.remove(at);
                }
                return false;
            }
            if (!has(Flaw.FILL_KEEPS_THE_LEASE)) {
                store.leases.remove(at);
            }
            if (lease.until - now <= 0 && !has(Flaw.LATE_FILL_STORED)) {
                return false;
            }
            if (isMarked(namespace, kept, lease.number) && !has(Flaw.TAGS_OF_LEASES_IGNORED)) {
                if (has(Flaw.REFUSED_FILL_KEEPS_THE_LEASE)) {
                    store.leases.put(at, lease);
                }
                return false;
            }
            if (has(Flaw.FILL_IN_TWO_STEPS)) {
                waitForAnInvalidation();
            }
            byte[] stored = has(Flaw.ENTRY_CUT_AT_A_NULL)
                    ? new String(bytes, StandardCharsets.ISO_8859_1)
                            .split("\0", 2)[0].getBytes(StandardCharsets.ISO_8859_1)
                    : bytes.clone();
            if (!has(Flaw.NOTHING_STORED)) {
                int number = has(Flaw.TAGS_OF_LEASES_IGNORED) ? ++store.numbers : lease.number;
                store.entries.put(at, new Entry(stored, kept, number, now + ttl.toNanos(), ttl));
            }
            return true;
        } finally {
            store.lock.unlock();
        }
    }

    /** Gives the lock away between the check and the step that relies on it, for as long as an invalidation needs. */
    private void waitForAnInvalidation() {
        var invalidated = new CountDownLatch(1);
        store.invalidated = invalidated;
        store.lock.unlock();
        try {
            boolean unused = invalidated.await(50, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            store.lock.lock();
        }
    }

    @Override
    public CompletionStage<Void> release(String namespace, String key, String token) {
        store.lock.lock();
        try {
            List<String> at = at(namespace, key);
            Lease lease = store.leases.get(at);
            boolean matches = lease != null && (lease.token.equals(token) || has(Flaw.TOKEN_IGNORED_BY_RELEASE));
            if (matches && !has(Flaw.RELEASE_DOES_NOTHING)) {
                store.leases.remove(at);
            }
            if (has(Flaw.RELEASE_DROPS_ENTRIES)) {
                store.entries.remove(at);
            }
        } finally {
            store.lock.unlock();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> invalidate(String namespace, List<String> keys, List<String> tags) {
        store.lock.lock();
        try {
            for (String key : Stream.concat(keys.stream(), has(Flaw.TAGS_ARE_KEYS) ? tags.stream() : Stream.empty())
                    .toList()) {
                store.entries.remove(at(namespace, key));
                if (!has(Flaw.INVALIDATION_LEAVES_LEASES)) {
                    store.leases.remove(at(namespace, key));
                }
            }
            for (String tag : tags) {
                boolean seen = store.entries.values().stream().anyMatch(entry -> entry.tags.contains(tag));
                if (seen || !has(Flaw.TAGS_ONLY_OF_WHAT_WAS_SEEN)) {
                    store.tags.put(tagAt(namespace, tag), ++store.numbers);
                }
            }
            store.invalidated.countDown();
            near.clear();
        } finally {
            store.lock.unlock();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> clear(String namespace) {
        store.lock.lock();
        try {
            clear(store.entries, namespace);
            if (!has(Flaw.CLEAR_LEAVES_LEASES)) {
                clear(store.leases, namespace);
            }
            store.invalidated.countDown();
            near.clear();
        } finally {
            store.lock.unlock();
        }
        return CompletableFuture.completedFuture(null);
    }

    private void clear(Map<List<String>, ?> of, String namespace) {
        of.keySet()
                .removeIf(at -> has(Flaw.CLEAR_OF_EVERYTHING)
                        || (has(Flaw.CLEAR_OF_THE_PREFIX) && at.get(0).startsWith(namespace))
                        || at.get(0).equals(namespace));
    }

    @Override
    public Backplane backplane() {
        return has(Flaw.BACKPLANE_OF_ONE_NODE) ? new InMemoryLevel().backplane() : store.backplane;
    }
}
