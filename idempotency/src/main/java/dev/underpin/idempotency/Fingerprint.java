package dev.underpin.idempotency;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What a request says, in 33 bytes: a version and a SHA-256. Two requests under one key are the same request if their
 * fingerprints are. Take it once, before the request is handled: what a handler does to its input must not move the key.
 *
 * <p>Value-based: equal if the bytes are. Immutable. The bytes are stored; {@code docs/formats/idempotency.md} describes
 * them.
 */
public final class Fingerprint {
    private static final byte VERSION = 1;
    private static final byte JSON = 1;
    private static final byte RAW = 2;
    private static final byte AND = 3;
    private static final int LENGTH = 33;

    private final byte[] bytes;

    private Fingerprint(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * {@return the fingerprint of a JSON body} White space, the order of names and the spelling of numbers and strings
     * make no difference: {@code 1}, {@code 1.0} and {@code 1e0} are the same. Numbers are compared exactly, however many
     * digits they have. The order of arrays counts, and null is not the absence of a name.
     *
     * <p>A body that is no JSON by RFC 8259 and I-JSON (UTF-8, each name once, no half of a surrogate pair) counts
     * byte by byte, as with {@link #ofBytes}, and so does one of more than 1 MiB, of more than 100 levels, or with an
     * exponent of more than 17 digits: the request it comes from is answered by whoever parses it, and can at worst be
     * told from an equal one that is spelled differently.
     *
     * @param body the bytes of the body
     */
    public static Fingerprint ofJson(byte[] body) {
        CanonicalJson canonical = CanonicalJson.of(body);
        if (canonical == null) {
            return ofBytes(body);
        }
        MessageDigest digest = Bytes.sha256();
        digest.update(JSON);
        canonical.addTo(digest);
        return versioned(digest);
    }

    /**
     * {@return the fingerprint of a body byte by byte}
     *
     * @param body the bytes of the body
     */
    public static Fingerprint ofBytes(byte[] body) {
        MessageDigest digest = Bytes.sha256();
        digest.update(RAW);
        digest.update(body);
        return versioned(digest);
    }

    /**
     * {@return the fingerprint of this and more of the request: its method, path, query or media type} The order of calls
     * counts.
     *
     * @param part what else the request says; not normalised
     * @throws IllegalArgumentException if it is no text of Unicode
     */
    public Fingerprint and(String part) {
        Bytes.requireUnicode("part", part);
        MessageDigest digest = Bytes.sha256();
        digest.update(AND);
        digest.update(bytes, 1, bytes.length - 1);
        Bytes.update(digest, part);
        return versioned(digest);
    }

    /** {@return what a store keeps, 33 bytes: a new array} */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /**
     * {@return the fingerprint that a store kept} Bytes of an unknown version are taken as they are.
     *
     * @param stored what {@link #toBytes} returned once
     */
    public static Fingerprint ofStored(byte[] stored) {
        return new Fingerprint(stored.clone());
    }

    /**
     * {@return whether two fingerprints are of the same request} Of two versions one says nothing about the other, and they
     * match: a change of the algorithm must not refuse what was sent before it.
     *
     * @param other another one
     */
    public boolean matches(Fingerprint other) {
        return equals(other) || version() != other.version();
    }

    private int version() {
        return bytes.length == 0 ? -1 : bytes[0];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** {@return the first bytes, to tell fingerprints apart in a log} */
    @Override
    public String toString() {
        return "Fingerprint[" + HexFormat.of().formatHex(bytes, 0, Math.min(5, bytes.length)) + "]";
    }

    private static Fingerprint versioned(MessageDigest digest) {
        byte[] hash = digest.digest();
        byte[] bytes = new byte[LENGTH];
        bytes[0] = VERSION;
        System.arraycopy(hash, 0, bytes, 1, hash.length);
        return new Fingerprint(bytes);
    }
}
