package dev.underpin.errors;

/** Which of the two formats of an error a client prefers. */
final class Accept {
    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";
    private static final String ANY_APPLICATION = "application/*";
    private static final String ANY = "*/*";
    private static final int MAX_QUALITY = 1000;

    private final String header;
    private final Preference problem = new Preference();
    private final Preference json = new Preference();

    private Accept(String header) {
        this.header = header;
    }

    /** {@return whether problem details have a higher quality than plain JSON; reads any text in one pass} */
    static boolean prefersProblem(String header) {
        if (header.equals(JSON) || header.equals(ANY)) {
            return false; // what most clients send
        }
        if (header.equals(PROBLEM)) {
            return true;
        }
        var accept = new Accept(header);
        int from = 0;
        while (from < header.length()) {
            int end = accept.endOf(from, header.length(), ',');
            accept.range(from, end);
            from = end + 1;
        }
        return accept.problem.quality > accept.json.quality;
    }

    private void range(int from, int end) {
        int typeEnd = endOf(from, end, ';');
        int quality = quality(typeEnd, end);
        if (is(PROBLEM, from, typeEnd)) {
            problem.say(3, quality);
        } else if (is(JSON, from, typeEnd)) {
            json.say(3, quality);
        } else if (is(ANY_APPLICATION, from, typeEnd)) {
            problem.say(2, quality);
            json.say(2, quality);
        } else if (is(ANY, from, typeEnd)) {
            problem.say(1, quality);
            json.say(1, quality);
        }
    }

    /** {@return where the delimiter is that is not in quotes, or {@code end}} */
    private int endOf(int from, int end, char delimiter) {
        boolean quoted = false;
        for (int i = from; i < end; i++) {
            char c = header.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (quoted && c == '\\') {
                i++;
            } else if (c == delimiter && !quoted) {
                return i;
            }
        }
        return end;
    }

    private boolean is(String type, int from, int end) {
        int first = skipSpace(from, end);
        int last = first + type.length();
        return last <= end && header.regionMatches(true, first, type, 0, type.length()) && skipSpace(last, end) == end;
    }

    /** {@return the quality in thousandths; the highest, unless a {@code q} says otherwise} */
    private int quality(int from, int end) {
        int quality = MAX_QUALITY;
        for (int semicolon = from; semicolon < end; ) {
            int start = skipSpace(semicolon + 1, end);
            int next = endOf(start, end, ';');
            if (header.regionMatches(true, start, "q=", 0, 2)) {
                quality = thousandths(start + 2, next);
            }
            semicolon = next;
        }
        return quality;
    }

    /** {@return {@code 0}, {@code 0.5}, {@code 1.000} in thousandths; 0 for what is no quality} */
    private int thousandths(int from, int end) {
        int value = 0;
        int unit = MAX_QUALITY;
        for (int i = from; i < end && header.charAt(i) != ' '; i++) {
            char c = header.charAt(i);
            boolean point = i == from + 1 && c == '.';
            if (!point && (c < '0' || c > '9')) {
                return 0;
            }
            if (!point) {
                value += (c - '0') * unit;
                unit /= 10;
            }
        }
        return Math.min(value, MAX_QUALITY);
    }

    private int skipSpace(int from, int end) {
        int i = from;
        while (i < end && (header.charAt(i) == ' ' || header.charAt(i) == '\t')) {
            i++;
        }
        return i;
    }

    /** What the most specific range that covers a format says about it. */
    private static final class Preference {
        private int specificity;
        private int quality;

        private void say(int specificity, int quality) {
            if (specificity > this.specificity) {
                this.specificity = specificity;
                this.quality = quality;
            } else if (specificity == this.specificity) {
                this.quality = Math.max(this.quality, quality);
            }
        }
    }
}
