package dev.underpin.errors.internal;

/** Makes a text from outside fit for a log: it can neither end its line nor disguise what stands around it. */
public final class LogText {
    private LogText() {}

    /**
     * {@return the text with {@code _} for each character that does not show: controls, line breaks, text directions}
     *
     * @param text any text
     */
    public static String of(String text) {
        return of(text, Integer.MAX_VALUE);
    }

    /**
     * {@return the same of the first characters only} A pair of surrogates is kept whole or left out.
     *
     * @param text any text
     * @param maxLength how many characters are kept
     */
    public static String of(String text, int maxLength) {
        int length = Math.min(text.length(), maxLength);
        if (length == text.length() && isPrintable(text)) {
            return text;
        }
        StringBuilder copy = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            copy.append(isPrintable(c) ? c : '_');
        }
        if (length < text.length() && length > 0 && Character.isHighSurrogate(copy.charAt(length - 1))) {
            copy.setLength(length - 1);
        }
        return copy.toString();
    }

    /**
     * {@return whether nothing in a text needs to be replaced}
     *
     * @param text any text
     */
    public static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPrintable(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPrintable(char c) {
        if (c >= ' ' && c < 0x7f) {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
