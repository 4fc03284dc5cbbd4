package dev.underpin.errors.validation;

import jakarta.validation.ConstraintViolation;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.Calendar;
import java.util.Date;

/**
 * Decides whether the message of a violation may be shown. A validator interpolates what it is told to, the rejected
 * value too, and a violation does not say what went into its message: so, unless the template tells that it cannot be
 * the value, it is looked for there.
 */
final class Messages {
    /** What is shown in place of a message that gives something away. */
    static final String GENERIC = "is not valid";

    private Messages() {}

    static String safe(ConstraintViolation<?> violation, Constraints.Facts constraint) {
        String message = violation.getMessage();
        String template = violation.getMessageTemplate();
        if (message == null || template == null) {
            return GENERIC;
        }
        if (constraint.fixed() && template.equals(constraint.template())) {
            return message; // whatever the value is: what is no secret in one answer must be none in another
        }
        if (template.contains("${")) {
            return GENERIC;
        }
        Object value = violation.getInvalidValue();
        return value != null && gives(message, value, constraint) ? GENERIC : message;
    }

    private static boolean gives(String message, Object value, Constraints.Facts constraint) {
        if (value instanceof Number || isTime(value)) {
            // In a format of its own, for all we can tell: any number that is not the constraint's could be it.
            return hasForeignNumber(message, constraint.limits())
                    || (!isWhole(value) && shows(message, value, constraint));
        }
        return shows(message, value, constraint);
    }

    private static boolean shows(String message, Object value, Constraints.Facts constraint) {
        return new ValueSearch(message, constraint.limits()).finds(value);
    }

    /** {@return whether a value has a text of digits alone, and cannot but be found by them} */
    private static boolean isWhole(Object value) {
        return value instanceof Integer || value instanceof Long || value instanceof Short || value instanceof Byte;
    }

    private static boolean isTime(Object value) {
        return value instanceof TemporalAccessor
                || value instanceof TemporalAmount
                || value instanceof Date
                || value instanceof Calendar;
    }

    /** {@return whether a message holds a number that is none of the constraint's} */
    private static boolean hasForeignNumber(String message, String[] limits) {
        for (int i = 0; i < message.length(); i++) {
            if (Character.isDigit(message.charAt(i))) {
                int length = lengthOfLimit(message, i, limits);
                if (length == 0) {
                    return true;
                }
                i += length - 1;
            }
        }
        return false;
    }

    /** {@return how long the limit is that stands in a message from a digit on; 0 if none does} */
    private static int lengthOfLimit(String message, int from, String[] limits) {
        int longest = 0;
        for (String limit : limits) {
            int sign = limit.startsWith("-") ? 1 : 0;
            int length = limit.length() - sign;
            int end = from + length;
            boolean whole = end >= message.length() || !Character.isDigit(message.charAt(end));
            if (length > longest && whole && message.startsWith(limit.substring(sign), from)) {
                longest = length;
            }
        }
        return longest;
    }
}
