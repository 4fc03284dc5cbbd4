package dev.underpin.errors.internal;

import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads headers that another side sent, by a function that is not ours: it may fail, and may mind the case of names. */
public final class SentHeaders {
    private SentHeaders() {}

    /**
     * {@return a header, or null if there is none, or none can be had} Asks in lower case, too, as HTTP/2 sends it.
     *
     * @param headers finds a header by name
     * @param name the name as it is usually written
     */
    public static @Nullable String read(Function<String, @Nullable String> headers, String name) {
        try {
            String value = headers.apply(name);
            return value == null ? headers.apply(name.toLowerCase(Locale.ROOT)) : value;
        } catch (Exception absent) { // checked ones, too: a lambda of another language throws what it likes
            return null;
        }
    }
}
