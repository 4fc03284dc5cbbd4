package dev.underpin.errors.validation;

import jakarta.validation.ConstraintViolation;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Calendar;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether the message of a violation may be shown. A validator interpolates what it is told to, the rejected
 * value too, and a violation does not say what went into its message: so it is looked for there.
 */
final class Messages {
    /** What is shown in place of a message that gives something away. */
    static final String GENERIC = "is not valid";

    private static final int MIN_LENGTH = 2; // a single character is in most sentences, and gives little away
    private static final int MIN_LENGTH_WITHIN_WORDS = 4;

    private Messages() {}

    static String safe(ConstraintViolation<?> violation, Constraints.Facts constraint) {
        String message = violation.getMessage();
        String template = violation.getMessageTemplate();
        if (message == null || template == null || template.contains("${")) {
            return GENERIC;
        }
        Object value = violation.getInvalidValue();
        return value != null && gives(message, value, template, constraint) ? GENERIC : message;
    }

    private static boolean gives(String message, Object value, String template, Constraints.Facts constraint) {
        if (value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte) {
            return givesWhole(message, ((Number) value).longValue(), template, constraint);
        }
        boolean number = value instanceof Number;
        boolean time = value instanceof TemporalAccessor
                || value instanceof TemporalAmount
                || value instanceof Date
                || value instanceof Calendar;
        if ((number || time) && isOwnKey(template) && hasForeignNumber(message, constraint.args())) {
            return true; // the value in a format of its own, for all we can tell
        }
        boolean scalar = number
                || time
                || value instanceof CharSequence
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum
                || value instanceof UUID;
        if (!scalar && isFixed(template, constraint)) {
            return false;
        }
        String text = text(value);
        return text != null
                && !isLimit(text, constraint.args())
                && (shows(message, text) || (text.indexOf('\\') >= 0 && shows(message, unescaped(text))));
    }

    /** The commonest of rejected numbers, looked for without making a text of it. */
    private static boolean givesWhole(String message, long value, String template, Constraints.Facts constraint) {
        if (!hasDigit(message)) {
            return false;
        }
        if (isOwnKey(template) && hasForeignNumber(message, constraint.args())) {
            return true;
        }
        if (value >= 0 && value < 10) {
            return false; // a single character
        }
        String text = Long.toString(value);
        return !isLimit(text, constraint.args()) && shows(message, text);
    }

    /** {@return whether a text is that of a limit}, which stands in the message on its own account. */
    private static boolean isLimit(String text, Map<String, Object> args) {
        for (Object arg : args.values()) {
            if (arg.toString().equals(text)) {
                return true;
            }
        }
        return false;
    }

    /** {@return whether a template cannot show an object: the standard's own, or a constant without placeholders} */
    private static boolean isFixed(String template, Constraints.Facts constraint) {
        return template.startsWith("{jakarta.validation.")
                || (template.indexOf('{') < 0 && template.equals(constraint.template()));
    }

    /** {@return whether a template names a text of the service, which may hold expressions} */
    private static boolean isOwnKey(String template) {
        return template.indexOf('{') >= 0
                && !template.startsWith("{jakarta.validation.")
                && !template.startsWith("{org.hibernate.validator.");
    }

    /** {@return the text of a value as a validator would have printed it; null if it could not have} */
    private static @Nullable String text(Object value) {
        try {
            return value.toString();
        } catch (RuntimeException | StackOverflowError e) {
            return null; // an object graph with a cycle, often: nothing interpolated that
        }
    }

    private static boolean shows(String message, String text) {
        if (text.length() < MIN_LENGTH) {
            return false;
        }
        boolean anywhere = text.length() >= MIN_LENGTH_WITHIN_WORDS;
        for (int at = message.indexOf(text); at >= 0; at = message.indexOf(text, at + 1)) {
            int end = at + text.length();
            if (anywhere || (isBoundary(message, at - 1, at) && isBoundary(message, end - 1, end))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBoundary(String message, int before, int after) {
        return before < 0
                || after >= message.length()
                || !Character.isLetterOrDigit(message.charAt(before))
                || !Character.isLetterOrDigit(message.charAt(after));
    }

    /** {@return a text as it comes out of an interpolation, which takes its backslashes for escapes} */
    private static String unescaped(String text) {
        return text.replace("\\{", "{").replace("\\}", "}").replace("\\$", "$").replace("\\\\", "\\");
    }

    private static boolean hasDigit(String message) {
        for (int i = 0; i < message.length(); i++) {
            if (Character.isDigit(message.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** {@return whether a message holds a number that is none of the constraint's} */
    private static boolean hasForeignNumber(String message, Map<String, Object> args) {
        String rest = message;
        for (Object arg : args.values()) {
            if (arg instanceof Number) {
                rest = rest.replace(arg.toString(), "");
            }
        }
        return hasDigit(rest);
    }
}
