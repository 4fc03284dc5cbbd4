package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * The path of a field as a JSON pointer (RFC 6901) in a URI fragment: {@code items[2].price} is {@code #/items/2/price},
 * {@code prices["a/b"]} is {@code #/prices/a~1b}. {@code tags[]}, a fault in some element of a set, points to the set.
 */
final class JsonPointer {
    /** What stands for itself in a fragment (RFC 3986), by character; the pointer's own {@code ~} and {@code /} do not. */
    private static final boolean[] PLAIN = new boolean[0x80];

    static {
        for (char c = 0; c < PLAIN.length; c++) {
            PLAIN[c] = Character.isLetterOrDigit(c) || "-._!$&'()*+,;=:@?".indexOf(c) >= 0;
        }
    }

    private static final String HEX = "0123456789ABCDEF";

    private final String path;
    private byte[] out;
    private int length;
    private int next;

    private JsonPointer(String path) {
        this.path = path;
        this.out = new byte[path.length() + 16];
        put('#');
    }

    static String of(String path) {
        var pointer = new JsonPointer(path);
        pointer.next = isWhole(path) ? 1 : 0;
        while (pointer.next < path.length()) {
            pointer.segment();
        }
        return new String(pointer.out, 0, pointer.length, ISO_8859_1);
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
            int end = endOfName();
            add(path, next, end);
            next = end;
        } else if (path.startsWith("[\"", next)) {
            next += 2;
            quoted();
        } else {
            int close = path.indexOf(']', next);
            int end = close < 0 ? path.length() : close;
            if (end > next + 1) {
                add(path, next + 1, end);
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
        add(key, 0, key.length());
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

    private void add(CharSequence text, int from, int to) {
        put('/');
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                percent(text.subSequence(i, to).toString().getBytes(UTF_8));
                return;
            }
            add(c);
        }
    }

    /** Adds the rest of a segment, from the first character on that is not ASCII. */
    private void percent(byte[] rest) {
        for (byte b : rest) {
            if (b >= 0) {
                add((char) b);
            } else {
                percent(b & 0xff);
            }
        }
    }

    private void add(char ascii) {
        if (PLAIN[ascii]) {
            put(ascii);
        } else if (ascii == '~') {
            put('~');
            put('0');
        } else if (ascii == '/') {
            put('~');
            put('1');
        } else {
            percent(ascii);
        }
    }

    private void percent(int octet) {
        put('%');
        put(HEX.charAt(octet >> 4));
        put(HEX.charAt(octet & 0xf));
    }

    private void put(char ascii) {
        if (length == out.length) {
            out = Arrays.copyOf(out, 2 * length);
        }
        out[length++] = (byte) ascii;
    }
}
