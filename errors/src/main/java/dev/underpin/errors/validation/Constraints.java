package dev.underpin.errors.validation;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.metadata.ConstraintDescriptor;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is the same for every violation of one constraint, computed once. Thread-safe. */
final class Constraints {
    private static final Facts UNKNOWN = new Facts("INVALID", "KEY_INVALID", Map.of(), new String[0], null, false);
    private static final String VALUE = "value";
    private static final String MESSAGE = "message"; // an attribute, too, and the template itself
    private static final int MAX_CODE_LENGTH = 59; // of 63, with KEY_ before it

    // Descriptors live as long as the validator that made them. More constraints than this are not those of a service
    // but of a program that makes up constraints as it goes; it pays for them each time.
    private static final int MAX_CACHED = 4096;

    private static final ClassValue<String> CODES = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> constraint) {
            return code(constraint.getSimpleName());
        }
    };

    private final Map<ConstraintDescriptor<?>, Facts> facts = new ConcurrentHashMap<>();

    /**
     * The facts of one constraint.
     *
     * @param code the code of its violations
     * @param keyCode the code where the violation is that of a key
     * @param args its numbers and booleans
     * @param limits the numbers, as they stand in a message
     * @param template the message it declares
     * @param fixed whether that cannot show a value: it is a constant, or has but attributes of the constraint in it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and an array is the least to walk
    record Facts(
            String code,
            String keyCode,
            Map<String, Object> args,
            String[] limits,
            @Nullable String template,
            boolean fixed) {}

    Facts of(@Nullable ConstraintDescriptor<?> descriptor) {
        if (descriptor == null) {
            return UNKNOWN;
        }
        Facts known = facts.get(descriptor);
        return known != null ? known : compute(descriptor);
    }

    private Facts compute(ConstraintDescriptor<?> descriptor) {
        String code = CODES.get(descriptor.getAnnotation().annotationType());
        Map<String, Object> args = args(descriptor);
        String template = descriptor.getMessageTemplate();
        Facts computed = new Facts(
                code, "KEY_" + code, args, limits(args), template, isFixed(template, descriptor.getAttributes()));
        if (facts.size() < MAX_CACHED) {
            facts.put(descriptor, computed);
        }
        return computed;
    }

    private static Map<String, Object> args(ConstraintDescriptor<?> descriptor) {
        Map<String, Object> args = new HashMap<>();
        descriptor.getAttributes().forEach((name, value) -> {
            if (value instanceof Number || value instanceof Boolean) {
                args.put(name, value);
            } else if (name.equals(VALUE) && value instanceof String limit && isDecimal(descriptor)) {
                args.put(name, new BigDecimal(limit));
            }
        });
        return Map.copyOf(args);
    }

    private static String[] limits(Map<String, Object> args) {
        return args.values().stream()
                .filter(Number.class::isInstance)
                .map(Object::toString)
                .toArray(String[]::new);
    }

    /** {@return whether a template is the same whatever the value} A key names a text that may hold anything. */
    private static boolean isFixed(@Nullable String template, Map<String, Object> attributes) {
        if (template == null || template.indexOf('$') >= 0 || template.indexOf('\\') >= 0) {
            return false;
        }
        for (int open = template.indexOf('{'); open >= 0; open = template.indexOf('{', open + 1)) {
            int close = template.indexOf('}', open);
            String name = close < 0 ? MESSAGE : template.substring(open + 1, close);
            if (name.equals(MESSAGE) || !attributes.containsKey(name)) {
                return false;
            }
        }
        return true;
    }

    /** {@return whether the constraint declares its limit as text} It was parsed when its validator was made. */
    private static boolean isDecimal(ConstraintDescriptor<?> descriptor) {
        return descriptor.getAnnotation() instanceof DecimalMin || descriptor.getAnnotation() instanceof DecimalMax;
    }

    /** {@return a name in upper snake case}: {@code NOT_BLANK}, {@code MOD10_CHECK}, {@code HTML_TEXT}. */
    static String code(String simpleName) {
        StringBuilder code = new StringBuilder(simpleName.length() + 8);
        for (int i = 0; i < simpleName.length() && code.length() < MAX_CODE_LENGTH; i++) {
            char c = simpleName.charAt(i);
            if (isUpper(c) && !code.isEmpty() && startsWord(simpleName, i)) {
                code.append('_');
            }
            if (isUpper(c) || (c >= '0' && c <= '9')) {
                code.append(c);
            } else if (c >= 'a' && c <= 'z') {
                code.append((char) (c - 'a' + 'A'));
            }
        }
        return code.isEmpty() ? UNKNOWN.code() : code.toString();
    }

    private static boolean startsWord(String name, int i) {
        boolean endsAcronym = i + 1 < name.length() && name.charAt(i + 1) >= 'a' && name.charAt(i + 1) <= 'z';
        return !isUpper(name.charAt(i - 1)) || endsAcronym;
    }

    private static boolean isUpper(char c) {
        return c >= 'A' && c <= 'Z';
    }
}
