package dev.underpin.benchmarks.idempotency;

import dev.underpin.idempotency.IdempotentRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An answer behind the fingerprint of its request, as one keeps them by hand. */
final class Stored {
    private Stored() {}

    static byte[] of(IdempotentRequest request, String answer) {
        byte[] fingerprint = request.fingerprint().toBytes();
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        byte[] stored = Arrays.copyOf(fingerprint, fingerprint.length + bytes.length);
        System.arraycopy(bytes, 0, stored, fingerprint.length, bytes.length);
        return stored;
    }

    /** {@return the answer; fails if it is that of a request that said something else} */
    static String answer(IdempotentRequest request, byte[] stored) {
        byte[] fingerprint = request.fingerprint().toBytes();
        if (!Arrays.equals(fingerprint, 0, fingerprint.length, stored, 0, fingerprint.length)) {
            throw new IllegalStateException("another request had this key");
        }
        return new String(stored, fingerprint.length, stored.length - fingerprint.length, StandardCharsets.UTF_8);
    }
}
