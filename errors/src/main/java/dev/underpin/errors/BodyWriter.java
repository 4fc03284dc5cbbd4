package dev.underpin.errors;

/**
 * Turns a tree into the bytes of a JSON body, in UTF-8. {@link dev.underpin.errors.json.Json} is the usual one; any JSON
 * library that writes maps and lists will do. Must be thread-safe.
 */
@FunctionalInterface
public interface BodyWriter {
    /**
     * {@return the bytes of a body} What it throws becomes an internal error; the client sees nothing of it.
     *
     * @param tree maps with string keys in the order to be written, lists, strings, numbers, booleans, nulls, and at
     *     {@code data} and in {@code meta} the service's own objects
     */
    byte[] write(Object tree);
}
