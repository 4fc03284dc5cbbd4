package dev.underpin.idempotency;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whose request it is, its key, and what it says. A key alone cannot be written: two tenants that send the same one mean
 * two things. Keys are compared as they are: case counts, nothing is trimmed or folded. Immutable.
 *
 * @param tenant who sent it, as the service has authenticated them: a tenant, an account, a user; not empty
 * @param key the client's key, without the quotes it may have been sent in
 * @param fingerprint of what the request says; a key that comes back with another one is refused
 */
public record IdempotentRequest(String tenant, String key, Fingerprint fingerprint) {
    /** The header that a key comes in. */
    public static final String HEADER = "Idempotency-Key";

    static final int MAX_KEY_LENGTH = 255;

    /**
     * Checks tenant and key.
     *
     * @throws IllegalArgumentException if the tenant is empty or no text of Unicode, or the key is none;
     *     {@link #of(String, String, Fingerprint)} answers the latter with an error
     */
    public IdempotentRequest {
        Bytes.requireUnicode("tenant", tenant);
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(fingerprint, "fingerprint");
        if (tenant.isEmpty()) {
            throw new IllegalArgumentException("tenant must not be empty: who has no name gets no key");
        }
        if (!isKey(key)) {
            throw new IllegalArgumentException("key must be 1 to " + MAX_KEY_LENGTH
                    + " visible ASCII characters without quotes: length " + key.length());
        }
    }

    /**
     * {@return the request, or {@link IdempotencyErrors#IDEMPOTENCY_KEY_REQUIRED} if there is no header, or
     * {@link IdempotencyErrors#IDEMPOTENCY_KEY_INVALID}}
     *
     * <p>The header is the key, bare or as a string of RFC 8941: {@code abc} and {@code "abc"} are the same. A key has 1
     * to {@value #MAX_KEY_LENGTH} visible ASCII characters and no quote; a bare one has no comma, since that is how
     * frameworks join headers that were sent twice.
     *
     * @param tenant who sent it, as the service has authenticated them; not empty
     * @param header the value of {@value #HEADER}, or null
     * @param fingerprint of what the request says
     * @throws IllegalArgumentException if the tenant is empty or no text of Unicode
     */
    public static Result<IdempotentRequest, DomainError> of(
            String tenant, @Nullable String header, Fingerprint fingerprint) {
        if (header == null) {
            return Result.err(IdempotencyErrors.IDEMPOTENCY_KEY_REQUIRED.error());
        }
        String key = unquoted(header);
        return key == null ? invalid() : Result.ok(new IdempotentRequest(tenant, key, fingerprint));
    }

    /**
     * {@return the same for a framework that tells whether a header was sent twice, which is refused}
     *
     * @param tenant who sent it, as the service has authenticated them; not empty
     * @param headers each value of {@value #HEADER}
     * @param fingerprint of what the request says
     * @throws IllegalArgumentException if the tenant is empty or no text of Unicode
     */
    public static Result<IdempotentRequest, DomainError> of(
            String tenant, List<String> headers, Fingerprint fingerprint) {
        return headers.size() > 1 ? invalid() : of(tenant, headers.isEmpty() ? null : headers.get(0), fingerprint);
    }

    /** {@return the request without its tenant and key, which are the client's} */
    @Override
    public String toString() {
        return "IdempotentRequest[" + fingerprint + "]";
    }

    private static Result<IdempotentRequest, DomainError> invalid() {
        return Result.err(DomainError.builder(IdempotencyErrors.IDEMPOTENCY_KEY_INVALID)
                .arg("max", MAX_KEY_LENGTH)
                .build());
    }

    /** {@return the key in a header, or null if there is none in it} */
    private static @Nullable String unquoted(String header) {
        boolean quoted = header.length() > 1 && header.startsWith("\"") && header.endsWith("\"");
        String key = quoted ? header.substring(1, header.length() - 1) : header;
        // A backslash in quotes would begin an escape; bare, it is itself: no key needs one, so it is not guessed at.
        boolean ambiguous = quoted ? key.indexOf('\\') >= 0 : key.indexOf(',') >= 0;
        return isKey(key) && !ambiguous ? key : null;
    }

    static boolean isKey(String key) {
        if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c <= ' ' || c >= 0x7F || c == '"') {
                return false;
            }
        }
        return true;
    }
}
