package dev.underpin.pagination;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The keys that cursors are signed with: one that signs, others whose cursors are still accepted, and those that were
 * retired. To rotate without refusing anybody: accept the new key on every instance, then sign with it on every
 * instance, then, once the cursors of the old one no longer matter, retire that. Immutable and thread-safe.
 *
 * <p>Each secret is 32 or more random bytes that only the service knows, and is the same on all its instances.
 */
public final class CursorKeys {
    private static final int MIN_SECRET_BYTES = 32;
    private static final int MAX_KEY_ID = 255;

    private final CursorKey signing;
    /** By id; a retired one has no key. */
    private final Map<Integer, @Nullable CursorKey> keys;

    private CursorKeys(CursorKey signing, Map<Integer, @Nullable CursorKey> keys) {
        this.signing = signing;
        this.keys = keys;
    }

    /**
     * {@return keys with one that signs}
     *
     * @param keyId names the key in each cursor, 0 to 255; never used again for another one
     * @param secret at least 32 bytes; copied
     * @throws IllegalArgumentException if the id is out of range or the secret too short
     */
    public static CursorKeys signedWith(int keyId, byte[] secret) {
        CursorKey key = key(keyId, secret);
        Map<Integer, @Nullable CursorKey> keys = new HashMap<>();
        keys.put(keyId, key);
        return new CursorKeys(key, keys);
    }

    /**
     * {@return these keys and one more, whose cursors are accepted}
     *
     * @param keyId names the key in each cursor, 0 to 255
     * @param secret at least 32 bytes; copied
     * @throws IllegalArgumentException if the id is out of range or taken, or the secret too short
     */
    public CursorKeys accepting(int keyId, byte[] secret) {
        return with(keyId, key(keyId, secret));
    }

    /**
     * {@return these keys, and one whose cursors are answered as expired, no longer as invalid}
     *
     * @param keyId the id of a key that was in use, 0 to 255
     * @throws IllegalArgumentException if the id is out of range or taken
     */
    public CursorKeys retired(int keyId) {
        requireId(keyId);
        return with(keyId, null);
    }

    private CursorKeys with(int keyId, @Nullable CursorKey key) {
        if (keys.containsKey(keyId)) {
            throw new IllegalArgumentException("keyId must differ from those before: " + keyId);
        }
        Map<Integer, @Nullable CursorKey> more = new HashMap<>(keys);
        more.put(keyId, key);
        return new CursorKeys(signing, more);
    }

    private static CursorKey key(int keyId, byte[] secret) {
        requireId(keyId);
        Objects.requireNonNull(secret, "secret");
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "secret must have at least " + MIN_SECRET_BYTES + " bytes, not " + secret.length);
        }
        return new CursorKey(keyId, secret);
    }

    private static void requireId(int keyId) {
        if (keyId < 0 || keyId > MAX_KEY_ID) {
            throw new IllegalArgumentException("keyId must be from 0 to " + MAX_KEY_ID + ": " + keyId);
        }
    }

    CursorKey signing() {
        return signing;
    }

    /** {@return whether there is such a key, in use or retired} */
    boolean knows(int keyId) {
        return keys.containsKey(keyId);
    }

    /** {@return the key; null if it was retired, or there is none} */
    @Nullable
    CursorKey find(int keyId) {
        return keys.get(keyId);
    }

    /** {@return the ids; never a secret} */
    @Override
    public String toString() {
        return "CursorKeys[signing=" + signing.id() + ", ids=" + keys.keySet() + ']';
    }
}
