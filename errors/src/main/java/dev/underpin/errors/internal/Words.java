package dev.underpin.errors.internal;

/** Which words of another side may go into logs, headers and answers. */
public final class Words {
    private static final int MAX_REQUEST_ID = 128;

    private Words() {}

    /**
     * {@return whether an id of a request, which another side sent, is one}
     *
     * @param id the id
     */
    public static boolean isRequestId(String id) {
        return isWord(id, MAX_REQUEST_ID, "._-");
    }

    /**
     * {@return whether a text is a word of ASCII letters, digits and a few other characters, and not empty}
     *
     * @param text the text
     * @param maxLength how long it may be
     * @param others the other characters
     */
    public static boolean isWord(String text, int maxLength, String others) {
        if (text.isEmpty() || text.length() > maxLength) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && others.indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }
}
