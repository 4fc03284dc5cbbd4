package dev.underpin.errors.validation;

import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a value in a message: for its text and, where it is a record, an array, a collection or a map, for the texts
 * of what it holds. What has no text to be had counts as found. Used once.
 */
final class ValueSearch {
    private static final int MIN_LENGTH = 2; // a single character is in most sentences, and gives little away
    private static final int MIN_LENGTH_WITHIN_WORDS = 4;
    private static final int MAX_TEXTS = 100;
    private static final int MAX_DEPTH = 2; // the fields of a bean, and what a list among them holds

    private final String message;
    private final String[] limits;
    private int texts;

    /**
     * Makes a search.
     *
     * @param message where to look
     * @param limits the numbers of the constraint, which stand there on their own account
     */
    ValueSearch(String message, String[] limits) {
        this.message = message;
        this.limits = limits;
    }

    boolean finds(Object value) {
        try {
            return finds(value, 0);
        } catch (RuntimeException | ReflectiveOperationException | StackOverflowError e) {
            return true; // a proxy without a session, a graph with a cycle, a record that is closed to us
        }
    }

    private boolean finds(@Nullable Object value, int depth) throws ReflectiveOperationException {
        if (value == null || texts >= MAX_TEXTS) {
            return false;
        }
        if (isScalar(value)) {
            return findsText(value.toString());
        }
        if (value.getClass().isArray()) {
            return depth < MAX_DEPTH && findsArray(value, depth + 1);
        }
        if (depth < MAX_DEPTH && findsWithin(value, depth + 1)) {
            return true;
        }
        boolean huge = (value instanceof Collection<?> all && all.size() > MAX_TEXTS)
                || (value instanceof Map<?, ?> map && map.size() > MAX_TEXTS);
        return !huge && findsText(value.toString());
    }

    private static boolean isScalar(Object value) {
        return value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum
                || value instanceof UUID;
    }

    private boolean findsWithin(Object value, int depth) throws ReflectiveOperationException {
        if (value instanceof Collection<?> elements) {
            return findsAny(elements, depth);
        }
        if (value instanceof Map<?, ?> map) {
            return findsAny(map.keySet(), depth) || findsAny(map.values(), depth);
        }
        if (value instanceof Optional<?> optional) {
            return finds(optional.orElse(null), depth);
        }
        if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                if (finds(accessor.invoke(value), depth)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean findsAny(Iterable<?> elements, int depth) throws ReflectiveOperationException {
        int seen = 0;
        for (Object element : elements) {
            if (seen++ == MAX_TEXTS) {
                break;
            }
            if (finds(element, depth)) {
                return true;
            }
        }
        return false;
    }

    /** Looks for the elements, for all of them as a list prints, and for those of an array of characters as one word. */
    private boolean findsArray(Object array, int depth) throws ReflectiveOperationException {
        StringBuilder list = new StringBuilder();
        StringBuilder word = new StringBuilder();
        int length = Math.min(Array.getLength(array), MAX_TEXTS);
        for (int i = 0; i < length; i++) {
            Object element = Array.get(array, i);
            if (finds(element, depth)) {
                return true;
            }
            if (array.getClass().getComponentType().isPrimitive()) {
                list.append(i == 0 ? "" : ", ").append(element);
                word.append(array instanceof byte[] bytes ? (char) (bytes[i] & 0xff) : element);
            }
        }
        boolean text = array instanceof char[] || array instanceof byte[];
        return findsText(list.toString()) || (text && findsText(word.toString()));
    }

    private boolean findsText(String text) {
        texts++;
        String stripped = text.strip();
        String plain = stripped.length() == 1 ? text : stripped;
        if (plain.length() < MIN_LENGTH || isLimit(plain)) {
            return false;
        }
        return shows(plain) || (plain.indexOf('\\') >= 0 && shows(unescaped(plain)));
    }

    private boolean isLimit(String text) {
        for (String limit : limits) {
            if (limit.equals(text)) {
                return true;
            }
        }
        return false;
    }

    private boolean shows(String text) {
        return shows(message, text) || (!(isAscii(text) && isAscii(message)) && shows(folded(message), folded(text)));
    }

    private static boolean shows(String message, String text) {
        boolean anywhere = text.length() >= MIN_LENGTH_WITHIN_WORDS;
        for (int at = 0; at + text.length() <= message.length(); at++) {
            int end = at + text.length();
            if (message.regionMatches(true, at, text, 0, text.length())
                    && (anywhere || (isBoundary(message, at - 1, at) && isBoundary(message, end - 1, end)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** {@return a text without case}, also where a letter has two in the other: {@code strasse} for {@code Straße}. */
    private static String folded(String text) {
        return text.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    private static boolean isBoundary(String message, int before, int after) {
        return before < 0
                || after >= message.length()
                || !Character.isLetterOrDigit(message.charAt(before))
                || !Character.isLetterOrDigit(message.charAt(after));
    }

    /** {@return a text as it comes out of an interpolation, which takes its backslashes for escapes} */
    private static String unescaped(String text) {
        return text.replace("\\{", "{").replace("\\}", "}").replace("\\$", "$").replace("\\\\", "\\");
    }
}
