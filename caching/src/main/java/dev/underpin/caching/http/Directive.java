package dev.underpin.caching.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The directives of a response, in the order in which they are printed, and how they are read. */
enum Directive {
    PUBLIC("public", false),
    PRIVATE("private", false),
    NO_CACHE("no-cache", false),
    NO_STORE("no-store", false),
    MUST_UNDERSTAND("must-understand", false),
    NO_TRANSFORM("no-transform", false),
    MAX_AGE("max-age", true),
    S_MAXAGE("s-maxage", true),
    MUST_REVALIDATE("must-revalidate", false),
    PROXY_REVALIDATE("proxy-revalidate", false),
    IMMUTABLE("immutable", false),
    STALE_WHILE_REVALIDATE("stale-while-revalidate", true),
    STALE_IF_ERROR("stale-if-error", true);

    /** What a greater number is taken for (RFC 9111, 1.2.2). */
    static final long MOST_SECONDS = 1L << 31;

    /** The seconds of a directive that has none. */
    static final long NONE = 0;

    private static final Map<String, Directive> BY_TEXT =
            Arrays.stream(values()).collect(Collectors.toMap(directive -> directive.text, Function.identity()));

    final String text;
    final boolean hasSeconds;

    Directive(String text, boolean hasSeconds) {
        this.text = text;
        this.hasSeconds = hasSeconds;
    }

    /** A directive that cannot stand where it does, and why. */
    record Contradiction(Directive directive, String message) {}

    /** {@return what must not stand beside this}, being less restrictive */
    private Set<Directive> forbidden() {
        return switch (this) {
            case NO_STORE -> EnumSet.of(PUBLIC, MAX_AGE, S_MAXAGE, IMMUTABLE, STALE_WHILE_REVALIDATE, STALE_IF_ERROR);
            case NO_CACHE -> EnumSet.of(MAX_AGE, S_MAXAGE, IMMUTABLE, STALE_WHILE_REVALIDATE, STALE_IF_ERROR);
            case PRIVATE -> EnumSet.of(PUBLIC, S_MAXAGE);
            // Not s-maxage and proxy-revalidate, which bind shared caches alone: a private one may serve what is stale.
            case MUST_REVALIDATE -> EnumSet.of(STALE_WHILE_REVALIDATE, STALE_IF_ERROR);
            default -> EnumSet.noneOf(Directive.class);
        };
    }

    /** {@return what contradicts what}; without the directives that are named first, nothing does. */
    static List<Contradiction> contradictions(Set<Directive> directives) {
        List<Contradiction> found = new ArrayList<>();
        for (Directive strict : directives) {
            // A cache that knows must-understand goes by it and ignores no-store (RFC 9111, 5.2.2.3).
            if (strict == NO_STORE && directives.contains(MUST_UNDERSTAND)) {
                continue;
            }
            for (Directive lax : strict.forbidden()) {
                if (directives.contains(lax)) {
                    found.add(new Contradiction(lax, lax.text + " must not stand beside " + strict.text));
                }
            }
        }
        if (directives.contains(IMMUTABLE) && !directives.contains(MAX_AGE)) {
            found.add(new Contradiction(IMMUTABLE, "immutable must stand beside max-age, which says for how long"));
        }
        return found;
    }

    /** {@return the directives of a field that are known, each with its seconds}, of several the fewest */
    static EnumMap<Directive, Long> read(String field) {
        EnumMap<Directive, Long> found = new EnumMap<>(Directive.class);
        int start = 0;
        while (start < field.length()) {
            int end = comma(field, start);
            String name = field.substring(start, end);
            String argument = "";
            int equals = name.indexOf('=');
            if (equals >= 0) {
                end = comma(field, closingQuote(field, start + equals + 1));
                argument = field.substring(start + equals + 1, end);
                name = name.substring(0, equals);
            }
            Directive directive = named(name);
            if (directive != null) {
                found.merge(directive, directive.hasSeconds ? seconds(argument.strip()) : NONE, Math::min);
            }
            start = end + 1;
        }
        return found;
    }

    private static @Nullable Directive named(String name) {
        return BY_TEXT.get(name.strip().toLowerCase(Locale.ROOT));
    }

    private static int comma(String field, int from) {
        int comma = field.indexOf(',', from);
        return comma < 0 ? field.length() : comma;
    }

    /**
     * {@return where the quoted string at {@code open} ends}, or {@code open} if there is none: a quote that nothing closes
     * must not hide the directives after it. Nothing is looked at again and again: while one quote that nothing closes is
     * followed by another one, it is closed.
     */
    private static int closingQuote(String field, int open) {
        if (!field.startsWith("\"", open)) {
            return open;
        }
        for (int i = open + 1; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '"') {
                return i;
            }
            if (c == '\\') {
                i++;
            }
        }
        return open;
    }

    /** {@return the seconds}; a number that cannot be read is none, so that what it is the age of counts as stale. */
    private static long seconds(String argument) {
        boolean quoted = argument.length() > 1 && argument.startsWith("\"") && argument.endsWith("\"");
        String digits = quoted ? argument.substring(1, argument.length() - 1) : argument;
        long seconds = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            seconds = Math.min(MOST_SECONDS, seconds * 10 + digit);
        }
        return seconds;
    }
}
