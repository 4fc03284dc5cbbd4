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
    private static final Facts UNKNOWN = new Facts("INVALID", "KEY_INVALID", Map.of(), null);
    private static final String VALUE = "value";
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
     * @param template the message it declares
     */
    record Facts(
            String code,
            String keyCode,
            Map<String, Object> args,
            @Nullable String template) {}

    Facts of(@Nullable ConstraintDescriptor<?> descriptor) {
        if (descriptor == null) {
            return UNKNOWN;
        }
        Facts known = facts.get(descriptor);
        return known != null ? known : compute(descriptor);
    }

    private Facts compute(ConstraintDescriptor<?> descriptor) {
        String code = CODES.get(descriptor.getAnnotation().annotationType());
        Facts computed = new Facts(code, "KEY_" + code, args(descriptor), descriptor.getMessageTemplate());
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
