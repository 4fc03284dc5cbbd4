package dev.underpin.benchmarks.pagination;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.underpin.benchmarks.pagination.Keys.Row;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Cursors as most services write them: a record as JSON with Jackson, in Base64; signed for the same scope, or not at
 * all. It says what ours says: a version, which key, which direction and the values. The writer, the reader and the Mac
 * are made once. Confined to one thread.
 */
final class JsonCursors {
    private static final String HMAC = "HmacSHA256";
    private static final int TAG = 32;

    private final ObjectWriter writer;
    private final ObjectReader reader;
    private final Keys keys;
    private final byte[] scope;
    private final Mac mac;

    JsonCursors(Keys keys, byte[] scope) {
        this.keys = keys;
        this.scope = scope.clone();
        JsonMapper mapper = JsonMapper.builder().build();
        writer = mapper.writerFor(Position.class);
        reader = mapper.readerFor(Position.class);
        try {
            mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(OurCursors.SECRET, HMAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Position(int version, int key, boolean backward, String createdAt, String name, String id) {}

    String encodeSigned(Row row) {
        byte[] json = json(row);
        byte[] signed = Arrays.copyOf(json, json.length + TAG);
        mac.update(json);
        mac.update(scope);
        try {
            mac.doFinal(signed, json.length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
    }

    /** {@return the position; null if the cursor is none of ours} */
    Row decodeSigned(String cursor) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException e) {
            return null;
        }
        int end = bytes.length - TAG;
        if (end < 0) {
            return null;
        }
        mac.update(bytes, 0, end);
        mac.update(scope);
        boolean signed = MessageDigest.isEqual(mac.doFinal(), Arrays.copyOfRange(bytes, end, bytes.length));
        return signed ? row(bytes, end) : null;
    }

    String encode(Row row) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json(row));
    }

    Row decode(String cursor) {
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        return row(bytes, bytes.length);
    }

    private byte[] json(Row row) {
        Row wanted = keys.of(row);
        String createdAt =
                wanted.createdAt() == null ? null : wanted.createdAt().toString();
        try {
            return writer.writeValueAsBytes(new Position(
                    1,
                    OurCursors.KEY_ID,
                    false,
                    createdAt,
                    wanted.name(),
                    wanted.id().toString()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Row row(byte[] bytes, int end) {
        try {
            Position position = reader.readValue(bytes, 0, end);
            if (position.version() != 1 || position.key() != OurCursors.KEY_ID || position.backward()) {
                return null;
            }
            Instant createdAt = position.createdAt() == null ? null : Instant.parse(position.createdAt());
            return new Row(UUID.fromString(position.id()), createdAt, position.name());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
