package dev.underpin.errors;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/** Makes a text fit for an answer. */
final class Text {
    private static final int MAX_LENGTH = 2048;

    private Text() {}

    /**
     * {@return the text, cut after {@value #MAX_LENGTH} characters, with every lone surrogate replaced} A lone surrogate
     * has no encoding in UTF-8: some writers fail on it.
     */
    static String bounded(String text) {
        int length = Math.min(text.length(), MAX_LENGTH);
        for (int i = 0; i < length; i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return repaired(text, length);
            }
        }
        return length == text.length() ? text : text.substring(0, length) + '…';
    }

    private static String repaired(String text, int length) {
        StringBuilder copy = new StringBuilder(length + 1);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean paired = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (!paired) {
                copy.append(Character.isSurrogate(c) ? '\ufffd' : c);
            } else if (i + 1 < length) {
                copy.append(c).append(text.charAt(++i));
            }
        }
        return length == text.length() ? copy.toString() : copy.append('…').toString();
    }

    /** {@return the name of a code as it stands in a URI: {@code order-not-found}} */
    static String kebab(String code) {
        byte[] kebab = new byte[code.length()];
        for (int i = 0; i < kebab.length; i++) {
            char c = code.charAt(i);
            // A name has upper-case letters, digits and underscores, and nothing else.
            kebab[i] = (byte) (c == '_' ? '-' : c >= 'A' ? c + 'a' - 'A' : c);
        }
        return new String(kebab, ISO_8859_1);
    }
}
