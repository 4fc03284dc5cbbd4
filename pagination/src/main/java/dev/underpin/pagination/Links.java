package dev.underpin.pagination;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The links of a page to those around it, as one header (RFC 8288). Confined to one thread. */
final class Links {
    private final String path;
    private final String kept;
    private final StringJoiner links = new StringJoiner(", ");

    Links(URI self) {
        String all = ascii(self.toString());
        int fragment = all.indexOf('#');
        String address = fragment < 0 ? all : all.substring(0, fragment);
        int query = address.indexOf('?');
        path = query < 0 ? address : address.substring(0, query);
        StringJoiner parameters = new StringJoiner("&");
        if (query >= 0) {
            // Without the characters at which those who parse headers by hand split them.
            String plain = address.substring(query + 1)
                    .replace(",", "%2C")
                    .replace(";", "%3B")
                    .replace("'", "%27");
            for (String parameter : plain.split("&", -1)) {
                if (!parameter.isEmpty() && !isReplaced(parameter)) {
                    parameters.add(parameter);
                }
            }
        }
        kept = parameters.toString();
    }

    /** {@return the address with each character beyond ASCII encoded as it is; {@link URI} would compose some first} */
    private static String ascii(String address) {
        if (address.chars().allMatch(c -> c < 0x80)) {
            return address;
        }
        StringBuilder ascii = new StringBuilder(address.length());
        for (byte octet : address.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= 0) {
                ascii.append((char) octet);
            } else {
                ascii.append('%').append(Integer.toHexString(octet & 0xff).toUpperCase(Locale.ROOT));
            }
        }
        return ascii.toString();
    }

    private static boolean isReplaced(String parameter) {
        int equals = parameter.indexOf('=');
        String raw = equals < 0 ? parameter : parameter.substring(0, equals);
        String name = raw;
        try {
            if (raw.indexOf('%') >= 0) { // a + is a space, which none of the names has
                name = URLDecoder.decode(raw, StandardCharsets.UTF_8);
            }
        } catch (IllegalArgumentException notEncoded) {
            return false;
        }
        return name.equals(PageSpec.CURSOR) || name.equals(PageSpec.BEFORE) || name.equals(PageSpec.PAGE);
    }

    /** Adds a link to the page of a cursor, or to the first one. */
    void add(String relation, @Nullable String cursor) {
        String query = kept;
        if (cursor != null) {
            query += (query.isEmpty() ? "" : "&") + PageSpec.CURSOR + '=' + cursor;
        }
        links.add('<' + path + (query.isEmpty() ? "" : '?' + query) + ">; rel=\"" + relation + '"');
    }

    boolean isEmpty() {
        return links.length() == 0;
    }

    /** {@return the value of the header} */
    @Override
    public String toString() {
        return links.toString();
    }
}
