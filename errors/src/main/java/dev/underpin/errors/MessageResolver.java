package dev.underpin.errors;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the text of an error in the language of a request. Must be thread-safe.
 *
 * <p>The texts of one answer are all resolved or all default, so that languages never mix: one empty answer of a
 * resolver makes the whole answer use the default texts; null counts as empty. A resolver that throws costs the client
 * its answer: it gets the constant one for internal errors.
 *
 * <p>A failure of the server has a generic text in every language: for one, the key is that of the code of its kind,
 * such as {@code error.SERVICE_UNAVAILABLE}, whatever its own code, and no detail is asked for.
 */
@FunctionalInterface
public interface MessageResolver {
    /**
     * {@return the finished text, with the arguments in place; empty if there is none for this key and locale} It is
     * sent as it is.
     *
     * @param key {@code error.} and the code of the error or of a detail, such as {@code error.ORDER_NOT_FOUND}; of a
     *     failure of the server, the code of its kind
     * @param args the arguments by name; empty for a failure of the server, whose arguments no client sees
     * @param locale what the client asked for; {@link Locale#ENGLISH} if nothing
     */
    Optional<String> resolve(String key, Map<String, Object> args, Locale locale);
}
