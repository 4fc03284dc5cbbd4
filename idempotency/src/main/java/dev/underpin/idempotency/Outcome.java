package dev.underpin.idempotency;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.spi.Codec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The bytes of an answer, as they are stored: {@code docs/formats/idempotency.md}. Steps are stored in the same form.
 * Whatever cannot be read is an error, and never a reason to execute again.
 */
final class Outcome {
    static final int UNLIMITED = Integer.MAX_VALUE;

    private static final byte VERSION = 1;
    private static final byte OK = 1;
    private static final byte ERR = 2;
    private static final byte NOT_KEPT = 3;
    private static final byte NOT_ENCODED = 4;
    private static final byte NOT_DONE = 5;

    private static final int TEXT = 1;
    private static final int INTEGER = 2;
    private static final int DOUBLE = 3;
    private static final int DECIMAL = 4;
    private static final int FALSE = 5;
    private static final int TRUE = 6;
    private static final int LIST = 7;
    private static final int MAP = 8;
    private static final int MAX_DEPTH = 20;

    private Outcome() {}

    /** {@return the bytes of an answer, or what says that there was one} */
    static <T> byte[] encode(Result<? extends T, ? extends DomainError> answer, Codec<T> codec, int maxBytes) {
        byte[] bytes;
        try {
            bytes = answer instanceof Result.Ok<? extends T, ?> ok
                    ? ok(codec.encode(ok.value()), maxBytes)
                    : err(((Result.Err<?, ? extends DomainError>) answer).error());
        } catch (IOException | RuntimeException e) {
            // What was done was done: a codec that fails must not make it look undone.
            return sign(NOT_ENCODED);
        }
        return bytes.length - 2 > maxBytes ? sign(NOT_KEPT) : bytes;
    }

    /** {@return what is stored of a step that certainly had no effect} */
    static byte[] notDone() {
        return sign(NOT_DONE);
    }

    static boolean isNotDone(byte[] bytes) {
        return bytes.length == 2 && bytes[0] == VERSION && bytes[1] == NOT_DONE;
    }

    /** {@return the answer of bytes, or an error that says why they are none} */
    static <T> Result<T, DomainError> decode(byte[] bytes, Codec<T> codec) {
        if (bytes.length < 2 || bytes[0] != VERSION) {
            return unreadable(new IOException("The version of a stored answer is not " + VERSION));
        }
        try {
            return switch (bytes[1]) {
                case OK -> Result.ok(codec.decode(content(bytes)));
                case ERR -> Result.err(error(content(bytes)));
                case NOT_KEPT -> Result.err(IdempotencyErrors.IDEMPOTENCY_ANSWER_NOT_KEPT.error());
                case NOT_ENCODED -> unreadable(new IOException("The answer could not be encoded when it was given"));
                default -> unreadable(new IOException("A stored answer is of the unknown form " + bytes[1]));
            };
        } catch (IOException | RuntimeException e) {
            return unreadable(e);
        }
    }

    private static <T> Result<T, DomainError> unreadable(Exception cause) {
        return Result.err(DomainError.builder(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE)
                .cause(cause)
                .build());
    }

    private static byte[] sign(byte form) {
        return new byte[] {VERSION, form};
    }

    private static byte[] ok(byte[] value, int maxBytes) {
        if (value.length > maxBytes) {
            return sign(NOT_KEPT);
        }
        byte[] bytes = new byte[value.length + 2];
        bytes[0] = VERSION;
        bytes[1] = OK;
        System.arraycopy(value, 0, bytes, 2, value.length);
        return bytes;
    }

    private static byte[] content(byte[] bytes) {
        return Arrays.copyOfRange(bytes, 2, bytes.length);
    }

    /* ---- errors ---- */

    private static byte[] err(DomainError error) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeByte(VERSION);
        out.writeByte(ERR);
        ErrorCode code = error.code();
        write(out, code.kind().name());
        write(out, code.name());
        write(out, code.text());
        write(out, error.retry().name());
        writeMap(out, error.args(), 0);
        List<Detail> details = error.details();
        out.writeInt(details.size());
        for (Detail detail : details) {
            write(out, detail.field());
            write(out, detail.code());
            write(out, detail.message());
            writeMap(out, detail.args(), 0);
            write(out, detail.in() == null ? "" : detail.in());
        }
        Optional<Duration> retryAfter = error.retryAfter();
        out.writeLong(retryAfter.isPresent() ? Math.max(0, retryAfter.get().toMillis()) : -1);
        return bytes.toByteArray();
    }

    private static DomainError error(byte[] bytes) throws IOException {
        var in = new DataInputStream(new ByteArrayInputStream(bytes));
        ErrorKind kind = ErrorKind.valueOf(text(in));
        DomainError.Builder error = DomainError.builder(ErrorCode.of(kind, text(in), text(in)));
        error.retry(Retry.valueOf(text(in))).args(map(in, 0));
        for (int left = count(in); left > 0; left--) {
            String field = text(in);
            String code = text(in);
            String message = text(in);
            Map<String, Object> args = map(in, 0);
            String where = text(in);
            error.detail(new Detail(field, code, message, args, where.isEmpty() ? null : where));
        }
        long retryAfterMillis = in.readLong();
        if (retryAfterMillis >= 0) {
            error.retryAfter(Duration.ofMillis(retryAfterMillis));
        }
        if (in.available() > 0) {
            throw new IOException("A stored error goes on after its end");
        }
        return error.build();
    }

    private static void writeMap(DataOutputStream out, Map<?, ?> values, int depth) throws IOException {
        out.writeInt(values.size());
        for (Map.Entry<?, ?> entry : values.entrySet()) {
            write(out, String.valueOf(entry.getKey()));
            writeValue(out, entry.getValue(), depth);
        }
    }

    /** Writes numbers, booleans, lists and maps as such, and anything else as the text that a message shows. */
    private static void writeValue(DataOutputStream out, Object value, int depth) throws IOException {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            out.writeByte(INTEGER);
            out.writeLong(((Number) value).longValue());
        } else if (value instanceof Double real) {
            out.writeByte(DOUBLE);
            out.writeDouble(real);
        } else if (value instanceof BigDecimal || value instanceof BigInteger) {
            out.writeByte(DECIMAL);
            write(out, value.toString());
        } else if (value instanceof Boolean truth) {
            out.writeByte(truth ? TRUE : FALSE);
        } else if (value instanceof List<?> items && depth < MAX_DEPTH) {
            out.writeByte(LIST);
            out.writeInt(items.size());
            for (Object item : items) {
                writeValue(out, item, depth + 1);
            }
        } else if (value instanceof Map<?, ?> values && depth < MAX_DEPTH) {
            out.writeByte(MAP);
            writeMap(out, values, depth + 1);
        } else {
            out.writeByte(TEXT);
            write(out, String.valueOf(value));
        }
    }

    private static Map<String, Object> map(DataInputStream in, int depth) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int left = count(in); left > 0; left--) {
            values.put(text(in), value(in, depth));
        }
        return values;
    }

    private static Object value(DataInputStream in, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("A stored error is nested too deep");
        }
        int tag = in.readUnsignedByte();
        return switch (tag) {
            case TEXT -> text(in);
            case INTEGER -> in.readLong();
            case DOUBLE -> in.readDouble();
            case DECIMAL -> decimal(text(in));
            case FALSE -> false;
            case TRUE -> true;
            case LIST -> list(in, depth + 1);
            case MAP -> map(in, depth + 1);
            default -> throw new IOException("A stored error has a value of the unknown form " + tag);
        };
    }

    private static Object decimal(String text) {
        boolean whole = text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'));
        return whole ? new BigInteger(text) : new BigDecimal(text);
    }

    private static List<Object> list(DataInputStream in, int depth) throws IOException {
        List<Object> items = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            items.add(value(in, depth));
        }
        return items;
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        String text = Bytes.text(Bytes.block(in));
        if (text == null) {
            throw new IOException("A stored error has a text that is no UTF-8");
        }
        return text;
    }

    private static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            throw new IOException("A stored error has a negative count");
        }
        return count; // each element has at least a byte: a count too large ends with the bytes
    }
}
