package dev.underpin.errors.internal;

import dev.underpin.result.CanIgnoreReturnValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Builds the path of a field as a client reads it: {@code items[2].price}, {@code prices["a.b"]}, {@code tags[]};
 * {@code $} for the input as a whole. A key comes from the input, so whatever is not a plain word is quoted, escaped and
 * bounded: a path is one printable line. Confined to one thread.
 */
public final class FieldPath {
    /** The path of the input as a whole. */
    public static final String WHOLE = "$";

    private static final int MAX_KEY_LENGTH = 64;
    private static final int MAX_NAME_LENGTH = 128;
    private static final int MAX_LENGTH = 1024; // a client chooses how deep it nests, not how long the answer gets
    private static final int MAX_NUMBER_BITS = 1024; // beyond, printing a number costs more than it tells

    private final StringBuilder path = new StringBuilder(48);
    private @Nullable String only; // the name that is all of the path yet: most paths are one, and need no copy
    private boolean keyed;
    private boolean cut;

    /** Makes an empty path. */
    public FieldPath() {}

    /**
     * Appends the name of a property. A name that is no word is written as a key.
     *
     * @param name the name, as the client writes it
     * @return this
     */
    @CanIgnoreReturnValue
    public FieldPath name(String name) {
        if (isFull()) {
            return this;
        }
        if (!isName(name)) {
            return quoted(name);
        }
        if (isEmpty()) {
            only = name;
            return this;
        }
        text().append('.').append(name);
        return this;
    }

    /**
     * Appends the index of an element.
     *
     * @param index the index
     * @return this
     */
    @CanIgnoreReturnValue
    public FieldPath index(int index) {
        if (!isFull()) {
            text().append('[').append(index).append(']');
        }
        return this;
    }

    /**
     * Appends an element whose position is unknown or means nothing, as in a set.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public FieldPath element() {
        if (!isFull()) {
            text().append("[]");
        }
        return this;
    }

    /**
     * Appends the key of an entry. A key whose text would be that of some class of the service is written as {@code ?}.
     *
     * @param key the key
     * @return this
     */
    @CanIgnoreReturnValue
    public FieldPath key(@Nullable Object key) {
        if (isFull()) {
            return this;
        }
        keyed = true;
        String text = text(key);
        if (text == null) {
            text().append("[?]");
            return this;
        }
        if (isWord(text)) {
            text().append('[').append(text).append(']');
            return this;
        }
        return quoted(text);
    }

    /**
     * Makes the path empty again.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public FieldPath clear() {
        path.setLength(0);
        only = null;
        keyed = false;
        cut = false;
        return this;
    }

    /** {@return whether nothing was appended} */
    public boolean isEmpty() {
        return only == null && path.isEmpty();
    }

    /** {@return the path} */
    @Override
    public String toString() {
        if (only != null) {
            return only;
        }
        if (cut) {
            return path + "\u2026";
        }
        return path.isEmpty() ? WHOLE : path.toString();
    }

    /**
     * {@return the path} The same fields fail again and again: a path that is known is not made anew. One with a key,
     * which a client chooses, is not remembered.
     *
     * @param known paths by hash; the length is a power of two. Threads may share it: they lose entries to each other,
     *     and nothing else
     */
    public String toString(@Nullable String[] known) {
        if (only != null || keyed || cut || path.isEmpty()) {
            return toString();
        }
        int hash = 0;
        for (int i = 0; i < path.length(); i++) {
            hash = 31 * hash + path.charAt(i);
        }
        int slot = (hash ^ hash >>> 16) & (known.length - 1);
        String candidate = known[slot];
        if (candidate == null || !candidate.contentEquals(path)) {
            candidate = path.toString();
            known[slot] = candidate;
        }
        return candidate;
    }

    /** {@return what to append to} */
    private StringBuilder text() {
        if (only != null) {
            path.append(only);
            only = null;
        }
        return path;
    }

    private boolean isFull() {
        cut |= path.length() > MAX_LENGTH;
        return cut;
    }

    private static @Nullable String text(@Nullable Object key) {
        if (key instanceof String string) {
            return string;
        }
        if (key instanceof Enum<?> constant) {
            return constant.name();
        }
        if (key instanceof BigInteger number) {
            return number.bitLength() > MAX_NUMBER_BITS ? null : number.toString();
        }
        if (key instanceof BigDecimal number) {
            return number.unscaledValue().bitLength() > MAX_NUMBER_BITS ? null : number.toString();
        }
        if (key instanceof Boolean || key instanceof Character || key instanceof UUID) {
            return key.toString();
        }
        if (key instanceof Number && key.getClass().getName().startsWith("java.")) {
            return key.toString();
        }
        return key != null && key.getClass().getPackageName().equals("java.time") ? key.toString() : null;
    }

    private FieldPath quoted(String text) {
        text().append("[\"");
        int end = Math.min(text.length(), MAX_KEY_LENGTH);
        if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                path.append('\\').append(c);
            } else if (Character.isHighSurrogate(c) && i + 1 < end && Character.isLowSurrogate(text.charAt(i + 1))) {
                path.append(c).append(text.charAt(++i));
            } else if (isPrintable(c)) {
                path.append(c);
            } else {
                path.append("\\u")
                        .append(Character.forDigit(c >> 12, 16))
                        .append(Character.forDigit(c >> 8 & 0xf, 16))
                        .append(Character.forDigit(c >> 4 & 0xf, 16))
                        .append(Character.forDigit(c & 0xf, 16));
            }
        }
        path.append("\"]");
        return this;
    }

    /** {@return whether a character shows as itself: no control, line break, text direction, or half of a pair} */
    private static boolean isPrintable(char c) {
        if (c >= ' ' && c < 0x7f) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** {@return whether a key can stand in brackets as it is} */
    private static boolean isWord(String key) {
        if (key.isEmpty() || key.length() > MAX_KEY_LENGTH) {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (!isAsciiLetterOrDigit(c) && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** {@return whether a name can stand between dots as it is} */
    private static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH || name.equals(WHOLE)) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = c < 0x80
                    ? isAsciiLetterOrDigit(c) || c == '_' || c == '-' || c == '$' || c == '@'
                    : Character.isLetterOrDigit(c);
            if (!plain) {
                return false;
            }
        }
        return true;
    }

    private static boolean isAsciiLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }
}
