package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The path of a field as a JSON pointer (RFC 6901) in a URI fragment: {@code items[2].price} is {@code #/items/2/price},
 * {@code prices["a/b"]} is {@code #/prices/a~1b}. {@code tags[]}, a fault in some element of a set, points to the set.
 */
final class JsonPointer {
    /** What a fragment may hold beside letters and digits (RFC 3986); the pointer's own {@code ~} and {@code /} apart. */
    private static final String PLAIN = "-._!$&'()*+,;=:@?";

    private static final String HEX = "0123456789ABCDEF";

    private final String path;
    private final StringBuilder out;
    private int next;

    private JsonPointer(String path) {
        this.path = path;
        this.out = new StringBuilder(path.length() + 16).append('#');
    }

    static String of(String path) {
        var pointer = new JsonPointer(path);
        pointer.next = isWhole(path) ? 1 : 0;
        while (pointer.next < path.length()) {
            pointer.segment();
        }
        return pointer.out.toString();
    }

    /** {@return whether the path begins with {@code $}, the input as a whole, and not with a name that does} */
    private static boolean isWhole(String path) {
        return path.startsWith("$") && (path.length() == 1 || path.charAt(1) == '.' || path.charAt(1) == '[');
    }

    private void segment() {
        char first = path.charAt(next);
        if (first == '.') {
            next++;
        } else if (first != '[') {
            add(path.substring(next, endOfName()));
            next = endOfName();
        } else if (path.startsWith("[\"", next)) {
            next += 2;
            quoted();
        } else {
            int close = path.indexOf(']', next);
            int end = close < 0 ? path.length() : close;
            if (end > next + 1) {
                add(path.substring(next + 1, end));
            }
            next = end + 1;
        }
    }

    private int endOfName() {
        int end = next;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        return end;
    }

    /** Reads a key in quotes, where {@code \"}, {@code \\} and {@code \}{@code uXXXX} stand for one character. */
    private void quoted() {
        StringBuilder key = new StringBuilder();
        while (next < path.length() && path.charAt(next) != '"') {
            char c = path.charAt(next++);
            key.append(c == '\\' && next < path.length() ? escaped() : c);
        }
        next += path.startsWith("\"]", next) ? 2 : 1;
        add(key.toString());
    }

    private char escaped() {
        char c = path.charAt(next++);
        if (c != 'u' || next + 4 > path.length()) {
            return c;
        }
        int code = 0;
        for (int i = next; i < next + 4; i++) {
            int digit = Character.digit(path.charAt(i), 16);
            if (digit < 0) {
                return c;
            }
            code = 16 * code + digit;
        }
        next += 4;
        return (char) code;
    }

    private void add(String segment) {
        out.append('/');
        for (byte b : segment.getBytes(UTF_8)) {
            char c = (char) (b & 0xff);
            if (c == '~') {
                out.append("~0");
            } else if (c == '/') {
                out.append("~1");
            } else if (c < 0x80 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0)) {
                out.append(c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 0xf));
            }
        }
    }
}
