package dev.underpin.caching.http;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What tells one state of a resource from another, as {@code ETag} says it (RFC 9110, 8.8.3). Strong, it changes with every
 * byte of the content; weak, only when the meaning does. A response that is compressed on its way must be weak, or have a
 * tag for each coding.
 *
 * <p>A condition of a request holds or does not, whatever the client sent: a field that is no list of tags matches nothing.
 * So with {@code If-None-Match} the client gets the whole response, with {@code If-Match} 412 where it wants to write.
 * Immutable.
 *
 * @param value what stands between the quotes: visible characters of ISO 8859-1 without the quote itself; may be empty
 * @param weak whether another content can have the same tag
 */
public record ETag(String value, boolean weak) {
    private static final int DIGEST_BYTES = 16;
    private static final String CACHE_CONTROL = "cache-control";

    /** What a 304 repeats, in lower case (RFC 9110, 15.4.5). */
    private static final Set<String> REPEATED = Set.of("content-location", "date", "etag", "expires", "vary");

    /**
     * Checks the value.
     *
     * @throws IllegalArgumentException if a character of it cannot stand in a tag
     */
    public ETag {
        Objects.requireNonNull(value, "value");
        for (int i = 0; i < value.length(); i++) {
            if (!isTagCharacter(value.charAt(i))) {
                throw new IllegalArgumentException(String.format(
                        "value must be visible characters of ISO 8859-1 without quotes: U+%04X at %d",
                        (int) value.charAt(i), i));
            }
        }
    }

    /**
     * {@return a strong tag: the first {@value #DIGEST_BYTES} bytes of the SHA-256 of the content, in URL-safe Base64}
     *
     * @param content the bytes of the response, as they are sent
     */
    public static ETag of(byte[] content) {
        byte[] digest = Arrays.copyOf(sha256().digest(content), DIGEST_BYTES);
        return new ETag(Base64.getUrlEncoder().withoutPadding().encodeToString(digest), false);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * {@return whether the client has this state already}, by the weak comparison (RFC 9110, 13.1.2): answer a {@code GET}
     * or {@code HEAD} with 304 and {@link #notModified}, any other method with 412. {@code *} matches, since there is a
     * state.
     *
     * @param ifNoneMatch the value of {@code If-None-Match}, of several fields joined by commas; null if there is none,
     *     which matches nothing
     */
    public boolean matchesIfNoneMatch(@Nullable String ifNoneMatch) {
        return ifNoneMatch != null && listed(ifNoneMatch, true);
    }

    /**
     * {@return whether the request is for this state}, by the strong comparison (RFC 9110, 13.1.1): answer with 412 if not.
     * A weak tag never matches, neither this one nor one of the client. {@code *} matches, since there is a state.
     *
     * @param ifMatch the value of {@code If-Match}, of several fields joined by commas; null if there is none: a request
     *     without a condition is for any state, so it matches
     */
    public boolean matchesIfMatch(@Nullable String ifMatch) {
        return ifMatch == null || listed(ifMatch, false);
    }

    /**
     * {@return those headers of a 200 that a 304 repeats}: {@code Cache-Control} and its kin, {@code Content-Location},
     * {@code Date}, {@code ETag}, {@code Expires} and {@code Vary} (RFC 9110, 15.4.5). Without them a cache goes on with
     * what it was told before. Headers that are not about the response's content, such as a request's id, are to be added.
     *
     * @param headers the headers that a 200 would have; names in any case
     */
    public static Map<String, String> notModified(Map<String, String> headers) {
        return headers.entrySet().stream()
                .filter(header -> isRepeated(header.getKey().toLowerCase(Locale.ROOT)))
                .collect(toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** {@return the header {@code ETag}} */
    public Map<String, String> headers() {
        return Map.of("ETag", toString());
    }

    /** {@return the value of the field} */
    @Override
    public String toString() {
        return (weak ? "W/\"" : "\"") + value + '"';
    }

    /** Fields for some caches only end alike, such as {@code CDN-Cache-Control} (RFC 9213). */
    private static boolean isRepeated(String name) {
        return REPEATED.contains(name) || name.endsWith(CACHE_CONTROL);
    }

    /** {@return whether the field is {@code *} or a list of tags in which this one is} */
    private boolean listed(String field, boolean weakly) {
        String list = field.strip();
        if (list.equals("*")) {
            return true;
        }
        boolean found = false;
        int at = 0;
        while (at < list.length()) {
            boolean weakTag = list.startsWith("W/", at);
            int open = weakTag ? at + 2 : at;
            int close = closingQuote(list, open);
            if (close > open) {
                found |= list.substring(open + 1, close).equals(value) && (weakly || !(weak || weakTag));
                at = close + 1;
            }
            int end = afterBlanks(list, at);
            if (end < list.length() && list.charAt(end) != ',') {
                return false;
            }
            at = afterBlanks(list, end + 1);
        }
        return found;
    }

    /** {@return where the tag ends that begins at {@code open}}, or {@code open} if none does */
    private static int closingQuote(String list, int open) {
        if (!list.startsWith("\"", open)) {
            return open;
        }
        int i = open + 1;
        while (i < list.length() && isTagCharacter(list.charAt(i))) {
            i++;
        }
        return i < list.length() && list.charAt(i) == '"' ? i : open;
    }

    private static int afterBlanks(String list, int from) {
        int i = from;
        while (i < list.length() && (list.charAt(i) == ' ' || list.charAt(i) == '\t')) {
            i++;
        }
        return i;
    }

    private static boolean isTagCharacter(char c) {
        return c >= 0x21 && c <= 0xFF && c != '"' && c != 0x7F;
    }
}
