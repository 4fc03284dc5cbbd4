package dev.underpin.result;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One fault at one place of the input.
 *
 * <p>The field is a path as the client wrote the input: {@code items[2].price}, {@code prices["a.b"]}; {@code $} stands
 * for the input as a whole. The rejected value is never part of a detail.
 *
 * @param field the path of the faulty field
 * @param code the machine-readable cause, usually the name of an {@link ErrorCode}
 * @param message what is wrong, for a person
 * @param args the limits that were broken, by name, such as {@code max}; no value of the input; immutable
 * @param in where the field was sent ({@code body}, {@code query}, {@code path}, {@code header}), if known
 */
public record Detail(
        String field,
        String code,
        String message,
        Map<String, Object> args,
        @Nullable String in) {
    /** The field of a fault that belongs to the input as a whole. */
    static final String WHOLE = "$";

    /** Copies the arguments; an empty field becomes {@code $}. */
    public Detail {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(message, "message");
        field = field.isEmpty() ? WHOLE : field;
        args = Map.copyOf(Objects.requireNonNull(args, "args"));
    }

    /**
     * {@return a detail with the code's name and text}
     *
     * @param field the path of the faulty field
     * @param code the cause; a placeholder in its text stays as it is, since there are no arguments to put in its place
     */
    public static Detail of(String field, ErrorCode code) {
        Objects.requireNonNull(code, "code");
        return new Detail(field, code.name(), code.text(), Map.of(), null);
    }

    /**
     * {@return the error's own details below {@code field}, or the error itself as the one detail of that field}
     */
    static List<Detail> of(String field, DomainError error) {
        if (error.details().isEmpty()) {
            return List.of(new Detail(field, error.code().name(), error.message(), error.args(), null));
        }
        return error.details().stream().map(detail -> detail.at(field)).toList();
    }

    /**
     * {@return this detail with its field below {@code prefix}}: {@code street} at {@code address} is
     * {@code address.street}, {@code [0].sku} at {@code items} is {@code items[0].sku}, and {@code $} at {@code items}
     * is {@code items}.
     *
     * @param prefix the path of the surrounding object; empty or {@code $} for none
     */
    public Detail at(String prefix) {
        String path = join(Objects.requireNonNull(prefix, "prefix"), field);
        return path.equals(field) ? this : new Detail(path, code, message, args, in);
    }

    static String join(String prefix, String field) {
        if (prefix.isEmpty() || prefix.equals(WHOLE)) {
            return field;
        }
        if (field.isEmpty() || field.equals(WHOLE)) {
            return prefix;
        }
        return field.charAt(0) == '[' ? prefix + field : prefix + '.' + field;
    }
}
