package dev.underpin.idempotency;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Which headers of an answer are stored along with it, for who stores whole answers: those that say something of what was
 * done. Whatever is not in the list is not given again, as what belongs to one login or one connection must not be.
 * Immutable and thread-safe.
 */
public final class HeaderAllowList {
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    /** What would log another client in, or speaks of a connection, of this one attempt or of the moment. */
    private static final Set<String> NEVER = Set.of(
            "age",
            "authentication-info",
            "authorization",
            "connection",
            "content-length",
            "cookie",
            "date",
            "idempotent-replayed",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authentication-info",
            "retry-after",
            "set-cookie",
            "set-cookie2",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "www-authenticate");

    private static final HeaderAllowList STANDARD = new HeaderAllowList(Set.of(
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-location",
            "content-type",
            "etag",
            "last-modified",
            "link",
            "location"));

    private final Set<String> names;

    private HeaderAllowList(Set<String> names) {
        this.names = Collections.unmodifiableSet(new TreeSet<>(names));
    }

    /** {@return those that describe an answer and what it is of: its type, language and coding, place, version and links} */
    public static HeaderAllowList standard() {
        return STANDARD;
    }

    /**
     * {@return the list with one more}
     *
     * @param name a header of the service's own; case does not count
     * @throws IllegalArgumentException if it is no name of a header, or one that must not be given again, such as
     *     {@code Set-Cookie}
     */
    public HeaderAllowList with(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!TOKEN.matcher(name).matches()) {
            throw new IllegalArgumentException("name must be that of a header: length " + name.length());
        }
        if (NEVER.contains(lower)) {
            throw new IllegalArgumentException("name must be that of a header that may be given again: " + name);
        }
        Set<String> more = new TreeSet<>(names);
        more.add(lower);
        return new HeaderAllowList(more);
    }

    /**
     * {@return the headers that may be stored, in their order and spelling}
     *
     * @param headers of an answer
     * @param <V> the type of their values, such as a text or a list of such
     */
    public <V> Map<String, V> filter(Map<String, V> headers) {
        Map<String, V> kept = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            if (names.contains(name.toLowerCase(Locale.ROOT))) {
                kept.put(name, value);
            }
        });
        return Collections.unmodifiableMap(kept);
    }

    /** {@return the names} */
    @Override
    public String toString() {
        return "HeaderAllowList" + names;
    }
}
