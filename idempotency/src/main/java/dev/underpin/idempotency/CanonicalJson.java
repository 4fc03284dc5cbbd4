package dev.underpin.idempotency;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * JSON in one spelling: RFC 8785, but for numbers, which that rounds to doubles. Here a number is its digits without zeros
 * at either end and, if it is not zero, its exponent: {@code 1}, {@code 12e-1}, {@code -5e3}. Confined to one thread.
 *
 * <p>A parser of its own, since no other is needed to tell apart what the mapper of a service may read as the same:
 * duplicate names, comments, numbers beyond a double. It reads UTF-8 and writes UTF-8, with no object in between: every
 * request with a body comes through here.
 */
final class CanonicalJson {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 100;
    private static final long MAX_EXPONENT = 99_999_999_999_999_999L;
    private static final HexFormat HEX = HexFormat.of();

    private final byte[] in;
    private int at;
    private int depth;

    private byte[] out;
    private int length;
    private byte[] spare = {};

    // The members of the objects that are open, innermost last: where each begins and ends in what was written. Those
    // of
    // the outermost stay, in the order of their names.
    private long[] members = new long[16];
    private int memberCount;

    private CanonicalJson(byte[] in) {
        this.in = in;
        this.out = new byte[in.length + Integer.BYTES];
    }

    /** {@return what the bytes say, or null if they are no JSON or beyond the limits} */
    static @Nullable CanonicalJson of(byte[] body) {
        if (body.length > MAX_BYTES) {
            return null;
        }
        try {
            var json = new CanonicalJson(body);
            json.document();
            return json;
        } catch (NotJson e) {
            return null;
        }
    }

    /** Adds the one spelling to a digest. */
    void addTo(MessageDigest digest) {
        if (memberCount == 0) {
            digest.update(out, 0, length);
            return;
        }
        for (int i = 0; i < memberCount; i++) {
            digest.update((byte) (i == 0 ? '{' : ','));
            int start = start(members[i]);
            digest.update(out, start, end(members[i]) - 1 - start); // without its own comma
        }
        digest.update((byte) '}');
    }

    private void document() throws NotJson {
        value();
        skipSpace();
        if (at < in.length) {
            throw new NotJson();
        }
    }

    private void value() throws NotJson {
        skipSpace();
        switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    /* ---- objects and arrays ---- */

    private void object() throws NotJson {
        enter();
        write('{');
        if (!skip('}')) {
            int first = memberCount;
            do {
                skipSpace();
                int start = length;
                string();
                skipSpace();
                expect(':');
                write(':');
                value();
                write(',');
                add(start);
            } while (skip(','));
            expect('}');
            sort(first);
            if (depth > 1) {
                memberCount = first;
            }
            length--; // the last comma
        }
        write('}');
        depth--;
    }

    private void array() throws NotJson {
        enter();
        write('[');
        if (!skip(']')) {
            do {
                value();
                write(',');
            } while (skip(','));
            expect(']');
            length--;
        }
        write(']');
        depth--;
    }

    private void enter() throws NotJson {
        at++;
        if (++depth > MAX_DEPTH) {
            throw new NotJson();
        }
    }

    private void add(int start) {
        if (memberCount == members.length) {
            members = Arrays.copyOf(members, 2 * memberCount);
        }
        members[memberCount++] = (long) start << Integer.SIZE | length;
    }

    private static int start(long member) {
        return (int) (member >>> Integer.SIZE);
    }

    private static int end(long member) {
        return (int) member;
    }

    /** Puts the members from {@code first} on, which were written last, in the order of their names. */
    private void sort(int first) throws NotJson {
        if (isSorted(first)) {
            return;
        }
        int begin = start(members[first]);
        sortMembers(first);
        if (!isSorted(first)) { // since a name is there twice
            throw new NotJson();
        }
        if (depth > 1) { // the members of the outermost object are the whole body; they are digested one by one
            move(first, begin);
        }
    }

    /** Moves what was written of members from {@code begin} on into their order, but for those in place at either end. */
    private void move(int first, int begin) {
        int low = first;
        int from = begin;
        while (start(members[low]) == from) {
            from = end(members[low++]);
        }
        int high = memberCount;
        int to = length;
        while (end(members[high - 1]) == to) {
            to = start(members[--high]);
        }
        if (spare.length < to - from) {
            spare = new byte[Math.max(to - from, 2 * spare.length)];
        }
        System.arraycopy(out, from, spare, 0, to - from);
        int next = from;
        for (int i = low; i < high; i++) {
            int start = start(members[i]);
            int width = end(members[i]) - start;
            System.arraycopy(spare, start - from, out, next, width);
            next += width;
        }
    }

    private boolean isSorted(int first) {
        for (int i = first + 1; i < memberCount; i++) {
            if (compareNames(members[i - 1], members[i]) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Sorts in place, by a heap: what a client sends decides over the order, and must not decide over the time. */
    private void sortMembers(int first) {
        int size = memberCount - first;
        for (int i = size / 2 - 1; i >= 0; i--) {
            sift(first, i, size);
        }
        for (int last = size - 1; last > 0; last--) {
            swap(first, first + last);
            sift(first, 0, last);
        }
    }

    private void sift(int first, int top, int size) {
        int parent = top;
        for (int child = 2 * parent + 1; child < size; child = 2 * parent + 1) {
            if (child + 1 < size && compareNames(members[first + child], members[first + child + 1]) < 0) {
                child++;
            }
            if (compareNames(members[first + parent], members[first + child]) >= 0) {
                return;
            }
            swap(first + parent, first + child);
            parent = child;
        }
    }

    private void swap(int one, int other) {
        long member = members[one];
        members[one] = members[other];
        members[other] = member;
    }

    /** Compares names as they were written, by UTF-16 code units, as RFC 8785 has it. */
    private int compareNames(long one, long other) {
        int i = start(one) + 1;
        int j = start(other) + 1;
        while (out[i] != '"' && out[j] != '"') {
            int order = unit(i) - unit(j);
            if (order != 0) {
                return order;
            }
            i += width(i);
            j += width(j);
        }
        return Boolean.compare(out[i] != '"', out[j] != '"');
    }

    /** {@return a number for what is written there, ordered as UTF-16 is} */
    private int unit(int i) {
        int unit = out[i] & 0xFF;
        if (unit == '\\') {
            return switch (out[i + 1]) {
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> HexFormat.fromHexDigit(out[i + 4]) << 4 | HexFormat.fromHexDigit(out[i + 5]);
                default -> out[i + 1];
            };
        }
        // U+E000 to U+FFFF come behind the surrogates, which begin with F0 to F4 in UTF-8.
        return unit == 0xEE || unit == 0xEF ? unit + 0x10 : unit;
    }

    private int width(int i) {
        if (out[i] != '\\') {
            return 1;
        }
        return out[i + 1] == 'u' ? 6 : 2;
    }

    /* ---- literals and strings ---- */

    private void literal(String name) throws NotJson {
        for (int i = 0; i < name.length(); i++) {
            expect(name.charAt(i));
            write(name.charAt(i));
        }
    }

    private void string() throws NotJson {
        expect('"');
        write('"');
        for (byte next = plain(); next != '"'; next = plain()) {
            if (next == '\\') {
                escape();
            } else if (next < 0) {
                sequence();
            } else {
                throw new NotJson(); // a control character
            }
        }
        at++;
        write('"');
    }

    /** Copies what is spelled in the one way already. {@return the byte behind it} */
    private byte plain() throws NotJson {
        int start = at;
        while (at < in.length && in[at] >= ' ' && in[at] != '"' && in[at] != '\\') {
            at++;
        }
        write(in, start, at);
        return peek();
    }

    /** Copies a character beyond ASCII, in the one way of UTF-8 to spell it. */
    private void sequence() throws NotJson {
        int lead = in[at] & 0xFF;
        int end = at + (lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2);
        if (lead < 0xC2 || lead > 0xF4 || end > in.length) {
            throw new NotJson();
        }
        for (int i = at + 1; i < end; i++) {
            if ((in[i] & 0xC0) != 0x80) {
                throw new NotJson();
            }
        }
        int second = in[at + 1] & 0xFF;
        boolean isShortest = (lead != 0xE0 || second >= 0xA0) && (lead != 0xF0 || second >= 0x90);
        boolean isHalfPair = lead == 0xED && second >= 0xA0;
        boolean isUnicode = lead != 0xF4 || second < 0x90;
        if (!isShortest || isHalfPair || !isUnicode) {
            throw new NotJson();
        }
        write(in, at, end);
        at = end;
    }

    private void escape() throws NotJson {
        at++;
        byte c = peek();
        at++;
        switch (c) {
            case '"', '\\', '/' -> quote(c);
            case 'b' -> quote('\b');
            case 'f' -> quote('\f');
            case 'n' -> quote('\n');
            case 'r' -> quote('\r');
            case 't' -> quote('\t');
            case 'u' -> unicode();
            default -> throw new NotJson();
        }
    }

    private void unicode() throws NotJson {
        int point = codeUnit();
        if (Character.isSurrogate((char) point)) {
            expect('\\');
            expect('u');
            char low = codeUnit();
            if (!Character.isSurrogatePair((char) point, low)) {
                throw new NotJson();
            }
            point = Character.toCodePoint((char) point, low);
        }
        if (point < 0x80) {
            quote(point);
        } else {
            encode(point);
        }
    }

    private char codeUnit() throws NotJson {
        int unit = 0;
        for (int end = at + 4; at < end; at++) {
            if (!HexFormat.isHexDigit(peek())) {
                throw new NotJson();
            }
            unit = unit << 4 | HexFormat.fromHexDigit(in[at]);
        }
        return (char) unit;
    }

    private void quote(int c) {
        switch (c) {
            case '"', '\\' -> escaped(c);
            case '\b' -> escaped('b');
            case '\f' -> escaped('f');
            case '\n' -> escaped('n');
            case '\r' -> escaped('r');
            case '\t' -> escaped('t');
            default -> {
                if (c < ' ') {
                    escaped('u');
                    write('0');
                    write('0');
                    write(HEX.toHighHexDigit(c));
                    write(HEX.toLowHexDigit(c));
                } else {
                    write(c);
                }
            }
        }
    }

    private void escaped(int c) {
        write('\\');
        write(c);
    }

    /** Writes a character beyond ASCII in UTF-8. */
    private void encode(int point) {
        if (point < 0x800) {
            write(0xC0 | (point >> 6));
        } else if (point < 0x10000) {
            write(0xE0 | (point >> 12));
            writeTail(point >> 6);
        } else {
            write(0xF0 | (point >> 18));
            writeTail(point >> 12);
            writeTail(point >> 6);
        }
        writeTail(point);
    }

    private void writeTail(int bits) {
        write(0x80 | (bits & 0x3F));
    }

    /* ---- numbers ---- */

    private void number() throws NotJson {
        int before = length;
        if (has('-')) {
            at++;
            write('-');
        }
        int first = length;
        int whole = at;
        digits(first);
        if (in[whole] == '0' && at - whole > 1) {
            throw new NotJson();
        }
        int fraction = 0;
        if (has('.')) {
            at++;
            int start = at;
            digits(first);
            fraction = at - start;
        }
        long power = exponent() - fraction;
        if (length == first) {
            length = before; // minus zero, too, is zero, as RFC 8785 has it
            write('0');
            return;
        }
        while (out[length - 1] == '0') {
            length--;
            power++;
        }
        if (power != 0) {
            write('e');
            integer(power);
        }
    }

    /** Copies digits, but for zeros at {@code first}, where those of the number begin. */
    private void digits(int first) throws NotJson {
        int start = at;
        for (; isDigit(); at++) {
            if (in[at] != '0' || length > first) {
                write(in[at]);
            }
        }
        if (at == start) {
            throw new NotJson();
        }
    }

    private long exponent() throws NotJson {
        if (!has('e') && !has('E')) {
            return 0;
        }
        at++;
        boolean negative = has('-');
        at += negative || has('+') ? 1 : 0;
        int start = at;
        long value = 0;
        for (; isDigit(); at++) {
            value = 10 * value + in[at] - '0';
            if (value > MAX_EXPONENT) {
                throw new NotJson();
            }
        }
        if (at == start) {
            throw new NotJson();
        }
        return negative ? -value : value;
    }

    private void integer(long value) {
        if (value < 0) {
            write('-');
        }
        long rest = Math.abs(value);
        if (rest >= 10) {
            integer(rest / 10);
        }
        write((int) ('0' + rest % 10));
    }

    private boolean isDigit() {
        return at < in.length && in[at] >= '0' && in[at] <= '9';
    }

    /* ---- reading and writing ---- */

    private void skipSpace() {
        while (has(' ') || has('\n') || has('\t') || has('\r')) {
            at++;
        }
    }

    private boolean has(char c) {
        return at < in.length && in[at] == c;
    }

    /** {@return whether a character came next, behind any space; then it is read} */
    private boolean skip(char c) {
        skipSpace();
        boolean found = has(c);
        at += found ? 1 : 0;
        return found;
    }

    private void expect(char c) throws NotJson {
        if (!has(c)) {
            throw new NotJson();
        }
        at++;
    }

    private byte peek() throws NotJson {
        if (at >= in.length) {
            throw new NotJson();
        }
        return in[at];
    }

    private void write(int c) {
        reserve(1);
        out[length++] = (byte) c;
    }

    private void write(byte[] from, int start, int end) {
        reserve(end - start);
        System.arraycopy(from, start, out, length, end - start);
        length += end - start;
    }

    private void reserve(int count) {
        if (out.length - length < count) {
            // More than was read only where numbers get an exponent: 10 is 1e1.
            out = Arrays.copyOf(out, Math.max(2 * out.length, length + count));
        }
    }

    /** Ends the parse. What is wrong is not told. */
    private static final class NotJson extends Exception {
        private static final long serialVersionUID = 1;

        NotJson() {
            super("no JSON", null, /* enableSuppression= */ false, /* writableStackTrace= */ false);
        }
    }
}
