package dev.underpin.errors;

import dev.underpin.result.Unit;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A success on its way out: {@code {"data": ..., "meta": {...}}} with a status and headers. {@code meta} is left out
 * when it is empty. Immutable, as far as the data is.
 *
 * @param data what the client asked for; {@link Unit} is written as null
 * @param status the HTTP status, 200 to 399; 204, 205 and 304 are sent without a body, whatever the
 *     data
 * @param headers headers of this success; a {@code Content-Type} here replaces {@code application/json};
 *     {@code Content-Length}, {@code Transfer-Encoding} and {@code Connection} are the server's
 * @param meta what is told about the data, sorted by name so that equal envelopes have equal bytes
 * @param <T> the type of the data
 */
public record Envelope<T>(T data, int status, Map<String, String> headers, Map<String, Object> meta) {
    private static final Envelope<Unit> EMPTY = new Envelope<>(Unit.UNIT, 204, Map.of(), Map.of());

    /**
     * Checks the status and the headers, and copies the maps.
     *
     * @throws IllegalArgumentException if the status is none of a success; if the name of a header is no token or one
     *     that only the server sets, or its value has control characters or characters beyond Latin-1
     */
    public Envelope {
        Objects.requireNonNull(data, "data");
        if (status < 200 || status > 399) {
            throw new IllegalArgumentException("status must be that of a success, 200 to 399: " + status);
        }
        headers = Headers.copyOf(headers);
        meta = sorted(meta);
    }

    /**
     * {@return an envelope with status 200}
     *
     * @param data what the client asked for
     * @param <T> the type of the data
     */
    public static <T> Envelope<T> of(T data) {
        return new Envelope<>(data, 200, Map.of(), Map.of());
    }

    /**
     * {@return an envelope with status 201 and the {@code Location} of what was created}
     *
     * @param data what was created
     * @param location its URI, absolute or relative, percent-encoded
     * @param <T> the type of the data
     * @throws IllegalArgumentException if the location has control characters or characters beyond Latin-1
     */
    public static <T> Envelope<T> created(T data, String location) {
        Objects.requireNonNull(location, "location");
        return new Envelope<>(data, 201, Map.of(Headers.LOCATION, location), Map.of());
    }

    /** {@return an envelope with status 204, which is sent without a body} */
    public static Envelope<Unit> empty() {
        return EMPTY;
    }

    /**
     * {@return this envelope with more headers}
     *
     * @param more headers by name; one of the same name replaces the old one
     * @throws IllegalArgumentException as the constructor
     */
    public Envelope<T> headers(Map<String, String> more) {
        if (more.isEmpty()) {
            return this;
        }
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(headers);
        all.putAll(Headers.copyOf(more));
        return new Envelope<>(data, status, all, meta);
    }

    /**
     * {@return this envelope with more metadata}
     *
     * @param more values by name; one of the same name replaces the old one
     */
    public Envelope<T> meta(Map<String, ?> more) {
        if (more.isEmpty()) {
            return this;
        }
        Map<String, Object> all = new TreeMap<>(meta);
        all.putAll(more);
        return new Envelope<>(data, status, headers, all);
    }

    /** {@return status and the names of the metadata: data and headers may hold what no log should} */
    @Override
    public String toString() {
        return "Envelope[status=" + status + ", meta=" + meta.keySet() + ']';
    }

    private static Map<String, Object> sorted(Map<String, Object> meta) {
        if (meta.isEmpty()) {
            return Map.of();
        }
        Map<String, Object> copy = new TreeMap<>(meta);
        copy.forEach((name, value) -> Objects.requireNonNull(value, () -> "value of meta " + name));
        return Collections.unmodifiableMap(copy);
    }
}
