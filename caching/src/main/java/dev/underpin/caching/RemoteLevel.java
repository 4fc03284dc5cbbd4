package dev.underpin.caching;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/**
 * A cache that several processes share, behind the one in memory. A service provider interface with a contract test,
 * {@code RemoteLevelContract} in testkit.
 *
 * <p>Who misses is given a lease, and with it the right to fill the key; an invalidation of the key or of a tag of the
 * entry, or a clear of the namespace, after the lease was given takes the right away, in one step with the removal (the
 * leases of memcached at Facebook, NSDI 2013). So no entry outlives an invalidation that came after its load began. A
 * level may forget: what it no longer knows the validity of is a miss, never a hit. Leases keep other processes from
 * loading the same at the same time only as long as all goes well; they are no locks.
 *
 * <p>Stages complete exceptionally when the level fails; a cache treats that as a miss. Methods do not block. Thread-safe.
 * Namespaces are names of caches; keys and tags may be any strings.
 */
public interface RemoteLevel {
    /**
     * Looks keys up, and takes the lease of those that are not there.
     *
     * @param namespace the name of the cache
     * @param keys the keys, none of them twice
     * @param lease how long a lease holds: another process may have it after that, and a fill with it is refused
     * @return a reply for each key, in their order
     */
    CompletionStage<List<Reply>> begin(String namespace, List<String> keys, Duration lease);

    /**
     * Stores an entry, if the lease still holds and nothing that concerns the entry was invalidated since it was given.
     * The lease ends, stored or not.
     *
     * @param namespace the name of the cache
     * @param key the key
     * @param token of the lease
     * @param tags of the entry
     * @param entry the bytes of the entry
     * @param ttl how long the entry may be kept
     * @return whether it was stored
     */
    CompletionStage<Boolean> fill(
            String namespace, String key, String token, Collection<String> tags, byte[] entry, Duration ttl);

    /**
     * Gives a lease back that will not be filled, so that others need not wait for its end. Does nothing if it no longer
     * holds.
     *
     * @param namespace the name of the cache
     * @param key the key
     * @param token of the lease
     * @return completes when it is done
     */
    CompletionStage<Void> release(String namespace, String key, String token);

    /**
     * Makes entries misses and takes leases away: those of the keys, and those of entries with one of the tags. Where an
     * invalidation by tag meets a lease whose tags are not known yet, the fill is what is refused.
     *
     * @param namespace the name of the cache
     * @param keys the keys, perhaps none
     * @param tags the tags, perhaps none
     * @return completes when no {@link #begin} that starts afterwards, by any process, can return them
     */
    CompletionStage<Void> invalidate(String namespace, List<String> keys, List<String> tags);

    /**
     * Makes all entries of a namespace misses and takes its leases away, at a cost that does not grow with their number.
     *
     * @param namespace the name of the cache
     * @return as of {@link #invalidate}
     */
    CompletionStage<Void> clear(String namespace);

    /** {@return what carries the invalidations of the caches of this level to the other nodes} */
    Backplane backplane();

    /** What a level says of a key. */
    sealed interface Reply {
        /**
         * It is there.
         *
         * @param entry the bytes of the entry; not changed by anybody
         * @param ttl how much longer the entry may be kept
         */
        @SuppressWarnings("ArrayRecordComponent") // what codecs and clients have; equality is below
        record Hit(byte[] entry, Duration ttl) implements Reply {
            /** It is there. */
            public Hit {
                Objects.requireNonNull(entry, "entry");
                Objects.requireNonNull(ttl, "ttl");
            }

            @Override
            public boolean equals(Object other) {
                return other instanceof Hit hit && Arrays.equals(entry, hit.entry) && ttl.equals(hit.ttl);
            }

            @Override
            public int hashCode() {
                return 31 * Arrays.hashCode(entry) + ttl.hashCode();
            }

            /** Names the size: entries hold data of users. */
            @Override
            public String toString() {
                return "Hit[" + entry.length + " bytes, ttl=" + ttl + "]";
            }
        }

        /**
         * It is not there, and the caller has the lease.
         *
         * @param token names the lease
         */
        record Mine(String token) implements Reply {
            /** It is not there, and the caller has the lease. */
            public Mine {
                Objects.requireNonNull(token, "token");
            }
        }

        /** It is not there, and another caller has the lease. */
        record Loading() implements Reply {}
    }
}
