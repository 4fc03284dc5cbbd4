package dev.underpin.benchmarks.idempotency;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.result.spi.Codec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/** What clients send, and what they are answered. Of one thread. */
final class Requests {
    /** 200 bytes. */
    static final String ANSWER =
            "{\"order\":\"0190b7c5-7d5e-7c3a-9a55-3f6f1a7c9e10\",\"state\":\"PLACED\",\"total\":\"149.90\","
                    + "\"currency\":\"EUR\",\"placedAt\":\"2026-03-01T12:00:00Z\",\"links\":{\"self\":\"/orders/0190b7c5-7d5e-7c3a-9\"}"
                    + ",\"lines\":3,\"tax\":23}";

    /** 1 KB. */
    static final byte[] BODY = body();

    static final Codec<String> CODEC = new Codec<>() {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    };

    static final Operation<String> ORDER = Operation.named("orders.place").build(CODEC);

    static final String TENANT = "tenant-42";

    private static final Fingerprint FINGERPRINT = Fingerprint.ofJson(BODY);

    private final String run = UUID.randomUUID().toString().substring(0, 24);
    private long next;

    /** {@return a request that nobody has sent before} */
    IdempotentRequest fresh() {
        return new IdempotentRequest(TENANT, freshKey(), FINGERPRINT);
    }

    /** {@return a key that nobody has sent before, of 36 characters} */
    String freshKey() {
        String number = Long.toHexString(next++);
        return run + "000000000000".substring(number.length()) + number;
    }

    /** {@return the request of a key} */
    static IdempotentRequest of(String key) {
        return new IdempotentRequest(TENANT, key, FINGERPRINT);
    }

    /** {@return the hash of a key, as ours is, by hand} */
    static byte[] hash(IdempotentRequest request) {
        MessageDigest digest = sha256();
        for (String part : new String[] {request.tenant(), ORDER.name(), request.key()}) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
            digest.update(bytes);
        }
        return digest.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] body() {
        var json = new StringBuilder(
                "{\"customer\":{\"id\":\"c-20411\",\"name\":\"Zoë Müller\",\"email\":\"zoe@example.org\"},"
                        + "\"currency\":\"EUR\",\"gift\":false,\"note\":null,\"lines\":[");
        for (int line = 1; line <= 9; line++) {
            json.append(line == 1 ? "" : ",")
                    .append("{\"sku\":\"SKU-0000")
                    .append(line)
                    .append("\",\"quantity\":")
                    .append(line)
                    .append(",\"price\":")
                    .append(10 * line)
                    .append(".50,\"name\":\"An article of the shop, no. ")
                    .append(line)
                    .append("\"}");
        }
        json.append("],\"total\":2250.00,\"comment\":\"");
        byte[] end = "\"}".getBytes(StandardCharsets.UTF_8);
        int length = json.toString().getBytes(StandardCharsets.UTF_8).length + end.length;
        return json.append(".".repeat(1024 - length)).append("\"}").toString().getBytes(StandardCharsets.UTF_8);
    }
}
