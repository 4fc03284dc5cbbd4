package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * A finished HTTP answer. The body is not copied, neither in nor out: nobody changes it.
 *
 * @param status the HTTP status
 * @param headers the headers by name, one value each; immutable
 * @param body the body; empty if there is none
 */
@SuppressWarnings("ArrayRecordComponent") // Copying every body would cost what rendering it did; equals compares it.
public record Rendered(int status, Map<String, String> headers, byte[] body) {
    // Encoded before anything can go wrong: a process out of memory can still send it.
    private static final Rendered INTERNAL_ERROR = new Rendered(
            500,
            Map.of(Headers.CONTENT_TYPE, "application/json"),
            "{\"error\":{\"code\":\"INTERNAL_ERROR\",\"message\":\"An internal error occurred\",\"details\":[]}}"
                    .getBytes(UTF_8));

    /** Copies the headers. */
    public Rendered {
        headers = Map.copyOf(headers);
        Objects.requireNonNull(body, "body");
    }

    /**
     * {@return the constant answer for an internal error} For an adapter that catches an {@link Error}, which
     * {@link Renderer#answer} lets fly: sending this one takes no memory and runs no code that could fail again. It is
     * one instance for the whole process, its body too: whoever sends it must not modify that array.
     */
    public static Rendered internalError() {
        return INTERNAL_ERROR;
    }

    /**
     * Hands the answer to a framework, in this order: the status, each header, the body.
     *
     * @param status takes the status, such as {@code response::setStatus}
     * @param header takes the name and the value of one header; called once for each
     * @param body takes the body, also an empty one; called once, so it may finish the exchange
     */
    public void send(IntConsumer status, BiConsumer<String, String> header, Consumer<byte[]> body) {
        status.accept(this.status);
        headers.forEach(header);
        body.accept(this.body);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rendered that
                && status == that.status
                && headers.equals(that.headers)
                && Arrays.equals(body, that.body);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * status + headers.hashCode()) + Arrays.hashCode(body);
    }

    /** {@return status and length: headers and body may hold what no log should} */
    @Override
    public String toString() {
        return "Rendered[status=" + status + ", body=" + body.length + " bytes]";
    }
}
