package dev.underpin.idempotency;

import dev.underpin.result.spi.TimeSource;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where keys are kept: the SPI of databases. Thread-safe; each method is atomic and durable when it returns. A method
 * that fails throws an unchecked exception, and may have had its effect.
 *
 * <p>An entry is running, released, completed or indeterminate; one that has expired is as if it were not there, whether
 * it was deleted or not. Only the store's own clock decides over leases and expiry, read anew by each call. An entry does
 * not expire before its lease. Every write of a worker holds only where the worker is the owner and the entry is running,
 * and says whether it did.
 */
public interface IdempotencyStore {
    /**
     * Claims a key, or says who has it. The key is the caller's if {@code owner} of the returned entry is the caller's.
     *
     * <p>That is so if there was no entry; or if there was one of a request that matches ({@link Fingerprint#matches}), and
     * it was released or its lease had run out: then its steps are kept. Anything else is returned as it is, and
     * unchanged.
     *
     * @param key the key
     * @param fingerprint of the request
     * @param owner a random id made for this call
     * @param lease how long the key is the caller's
     * @param ttl how long it is known
     * @return the entry after the call
     */
    Entry claim(Key key, Fingerprint fingerprint, UUID owner, Duration lease, Duration ttl);

    /**
     * Stores an answer.
     *
     * @param key the key
     * @param owner whose it is
     * @param outcome the bytes of the answer
     * @param ttl how long it is kept from now
     * @return whether the key was the owner's
     */
    boolean complete(Key key, UUID owner, byte[] outcome, Duration ttl);

    /**
     * Notes that a step has begun, by empty data, or what it returned; a later note of a step replaces an earlier one.
     *
     * @param key the key
     * @param owner whose it is
     * @param step the name of the step
     * @param data what to keep
     * @return whether the key was the owner's
     */
    boolean advance(Key key, UUID owner, String step, byte[] data);

    /**
     * Extends leases, all in one go. An entry expires no sooner than its new lease.
     *
     * @param held keys and whose they are
     * @param lease how long they are their owner's from now
     * @return those of the keys that were their owner's
     */
    Set<Key> renew(Map<Key, UUID> held, Duration lease);

    /**
     * Gives a key up: it may be claimed at once.
     *
     * @param key the key
     * @param owner whose it is
     * @return whether the key was the owner's
     */
    boolean release(Key key, UUID owner);

    /**
     * Gives a key up of which nobody knows whether its effect happened: nobody may claim it.
     *
     * @param key the key
     * @param owner whose it is
     * @return whether the key was the owner's
     */
    boolean suspend(Key key, UUID owner);

    /**
     * {@return the entry of a key, unless there is none}
     *
     * @param key the key
     */
    Optional<Entry> find(Key key);

    /**
     * Ends an indeterminate entry: it is completed by an answer; or, without one, released, and notes of steps that have
     * begun are removed.
     *
     * @param key the key
     * @param outcome the bytes of the answer; null if there was no effect
     * @param ttl how long the key is known from now
     * @return whether the entry was indeterminate
     */
    boolean settle(Key key, byte @Nullable [] outcome, Duration ttl);

    /**
     * Deletes entries that have expired.
     *
     * @param limit how many at most, so that a call is short
     * @return how many
     */
    int reap(int limit);

    /**
     * {@return a store in the memory of this process: for tests, and for one process that may forget}
     *
     * @param maxKeys how many keys it keeps; beyond these a claim throws {@link IllegalStateException}
     * @param time its clock
     * @throws IllegalArgumentException if {@code maxKeys} is less than 1
     */
    static IdempotencyStore inMemory(int maxKeys, TimeSource time) {
        return new InMemoryStore(maxKeys, time);
    }

    /** What has become of a request. */
    enum State {
        /** A worker has it, or had it until its lease ran out. */
        RUNNING,
        /** Nobody has it; it may be claimed. */
        RELEASED,
        /** It has an answer. */
        COMPLETED,
        /** It was interrupted where nobody knows whether its effect happened. */
        INDETERMINATE
    }

    /**
     * Where a request is kept: SHA-256 of tenant, operation and key.
     *
     * @param hex the hash in lower-case hexadecimal digits
     * @param label tenant, operation and key in clear, for whoever looks into the store; it need not be kept
     */
    record Key(String hex, String label) {
        /** Checks that there is both. */
        public Key {
            Objects.requireNonNull(hex, "hex");
            Objects.requireNonNull(label, "label");
        }

        /**
         * {@return where the request of a tenant is kept}
         *
         * @param tenant who sent it
         * @param operation the name of the operation
         * @param key the client's key
         */
        public static Key of(String tenant, String operation, String key) {
            MessageDigest digest = Bytes.sha256();
            Bytes.update(digest, tenant);
            Bytes.update(digest, operation);
            Bytes.update(digest, key);
            return new Key(HexFormat.of().formatHex(digest.digest()), tenant + '/' + operation + '/' + key);
        }

        /** {@return the hash, 32 bytes} */
        public byte[] hash() {
            return HexFormat.of().parseHex(hex);
        }

        /** {@return the hash, and nothing that is the client's} */
        @Override
        public String toString() {
            return "Key[" + hex + "]";
        }
    }

    /**
     * What is known of a key. Immutable, as long as nobody changes its arrays.
     *
     * @param state what has become of the request
     * @param owner who claimed it last
     * @param fingerprint of the request
     * @param leaseLeft how long it is still its owner's; zero if it is not running or the lease has run out
     * @param steps what is known of its steps, by name; none once it has completed
     * @param outcome its answer, exactly if it has completed
     */
    record Entry(
            State state,
            UUID owner,
            Fingerprint fingerprint,
            Duration leaseLeft,
            Map<String, byte[]> steps,
            Optional<byte[]> outcome) {
        /** Copies the map. */
        public Entry {
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(owner, "owner");
            Objects.requireNonNull(fingerprint, "fingerprint");
            Objects.requireNonNull(leaseLeft, "leaseLeft");
            Objects.requireNonNull(outcome, "outcome");
            steps = Map.copyOf(steps);
        }

        /** {@return state and names of steps, and nothing that is the client's} */
        @Override
        public String toString() {
            return "Entry[" + state + ", leaseLeft=" + leaseLeft + ", steps=" + steps.keySet() + "]";
        }
    }
}
