package dev.underpin.result;

import java.util.Map;
import java.util.Objects;

/**
 * One published cause of failure: a name that clients match on, the kind that decides how it is treated, and an English
 * default text.
 *
 * <p>Declare each code once, as a constant. The name follows Google's AIP-193: {@code [A-Z][A-Z0-9_]+[A-Z0-9]}, at most
 * {@value #MAX_NAME_LENGTH} characters, unique in its domain, never reused for another cause. The text may change
 * because the name does not; it is for developers and holds {@code {named}} placeholders for the arguments of an error.
 * Codes are equal if their names are.
 *
 * @param kind how failures with this cause are treated
 * @param name the machine-readable name
 * @param text the default text; {@code {name}} stands for an argument, all other characters for themselves
 */
public record ErrorCode(ErrorKind kind, String name, String text) {
    private static final int MAX_NAME_LENGTH = 63;

    /**
     * Checks the name.
     *
     * @throws IllegalArgumentException if the name is not an AIP-193 reason
     */
    public ErrorCode {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(text, "text");
        if (!isReason(name)) {
            throw new IllegalArgumentException("name must be UPPER_SNAKE_CASE, [A-Z][A-Z0-9_]+[A-Z0-9], of at most "
                    + MAX_NAME_LENGTH + " characters: " + printable(name));
        }
    }

    /**
     * {@return a code}
     *
     * @param kind how failures with this cause are treated
     * @param name the machine-readable name
     * @param text the default text with {@code {named}} placeholders
     * @throws IllegalArgumentException if the name is not an AIP-193 reason
     */
    public static ErrorCode of(ErrorKind kind, String name, String text) {
        return new ErrorCode(kind, name, text);
    }

    /** {@return an error with this code and nothing else} */
    public DomainError error() {
        return DomainError.builder(this).build();
    }

    /**
     * {@return an error with this code and arguments}
     *
     * @param args the arguments by name; see {@link DomainError#args()}
     */
    public DomainError error(Map<String, ?> args) {
        return DomainError.builder(this).args(args).build();
    }

    /** {@return the text with every placeholder that has an argument replaced, in one pass} */
    String format(Map<String, Object> args) {
        int open = args.isEmpty() ? -1 : text.indexOf('{');
        if (open < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 32);
        int from = 0;
        for (int close = text.indexOf('}', open); close >= 0; close = text.indexOf('}', close + 1)) {
            // The brace that this one closes is the last before it: each character is looked at a fixed number of
            // times.
            open = lastOpen(from, close);
            Object value = open < 0 ? null : args.get(text.substring(open + 1, close));
            if (value != null) {
                out.append(text, from, open).append(value);
                from = close + 1;
            } else {
                out.append(text, from, close + 1);
                from = close + 1;
            }
        }
        return out.append(text, from, text.length()).toString();
    }

    /** {@return where the last opening brace before {@code close} is, or -1 if there is none since {@code from}} */
    private int lastOpen(int from, int close) {
        int open = close - 1;
        while (open >= from && text.charAt(open) != '{') {
            open--;
        }
        return open >= from ? open : -1;
    }

    /** Rejects a text with a placeholder, where there are no arguments to put in its place. */
    void requireNoPlaceholder() {
        int from = 0;
        for (int close = text.indexOf('}'); close >= 0; close = text.indexOf('}', from)) {
            if (isPlaceholder(text, lastOpen(from, close), close)) {
                throw new IllegalArgumentException(
                        "the text of " + name + " has a placeholder, and there are no arguments here");
            }
            from = close + 1;
        }
    }

    private static boolean isPlaceholder(String text, int open, int close) {
        boolean named = open >= 0 && open + 1 < close && Character.isLowerCase(text.charAt(open + 1));
        for (int i = open + 1; named && i < close; i++) {
            named = text.charAt(i) < 0x80 && Character.isLetterOrDigit(text.charAt(i));
        }
        return named;
    }

    private static boolean isReason(String name) {
        int last = name.length() - 1;
        if (last < 2 || last >= MAX_NAME_LENGTH || name.charAt(last) == '_' || !isUpper(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i <= last; i++) {
            char c = name.charAt(i);
            if (!isUpper(c) && c != '_' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }

    /** {@return the name as it may stand in a message: bounded, and without control characters} */
    private static String printable(String name) {
        String bounded = name.length() > 80 ? name.substring(0, 80) + "..." : name;
        return '"' + bounded.replaceAll("[^\\x20-\\x7e]", "?") + '"';
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ErrorCode that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /** {@return the name} */
    @Override
    public String toString() {
        return name;
    }
}
