package dev.underpin.errors.validation;

import dev.underpin.errors.internal.FieldPath;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Turns the violations of Bean Validation into field errors. Thread-safe.
 *
 * <p>The field of a detail is the path as a client wrote the input: {@code items[2].price}, {@code prices["a.b"]},
 * {@code tags[]} for an element of a set, {@code $} for the input as a whole. Its names are those of the properties in
 * Java, unless the validator is given a provider of others (see the README). The code is the name of the constraint,
 * {@code NOT_BLANK} for {@code @NotBlank}, with {@code KEY_} before it where the key of a map is at fault. The arguments
 * are the numbers and booleans of the constraint, such as {@code max}. Details are sorted by field, message and code.
 *
 * <p>The message is the one the validator made, in the locale it chose, and is not interpolated again. A validator chooses
 * {@link java.util.Locale#getDefault()} unless told otherwise: build its factory with {@code .defaultLocale(Locale.ENGLISH)}
 * so that messages do not change with the machine.
 *
 * <p>A message that shows the rejected value is replaced by {@code is not valid}. A violation does not tell what went into
 * its message, so this is what can be relied on:
 *
 * <ul>
 *   <li>A message that the constraint declares as a constant, or with no placeholders but its own attributes such as
 *       <code>{max}</code>, is always shown as it is. (A validator of the service that gives the message a parameter with
 *       the name of an attribute is not found out.)
 *   <li>A template with an expression (<code>${...}</code>) is never shown.
 *   <li>Any other message, so one of a bundle, the standard ones too, or one that the service's validator made up, is
 *       searched for the text of the value, whatever its case. A value of one character is not looked for; one of two or
 *       three is found as a word of its own, a longer one anywhere.
 *   <li>For a number or a time, no such message with a digit is shown, unless all its numbers are attributes of the
 *       constraint.
 *   <li>Of a record, an array, a collection, a map or an optional the texts of what it holds are looked for, and of what
 *       that holds: the first hundred of them in all, and the text of the whole, if that is not longer. Of any other
 *       object it is what {@code toString} returns. If a text cannot be had (it throws; the record is in a package that is
 *       not open to this module), the message is not shown.
 *   <li>Not found are: a part of the value, a number inside an object in another format, what a bean holds but does not
 *       print, and a value that is encoded, translated or otherwise changed.
 * </ul>
 */
@SuppressWarnings("exports") // optional: see module-info
public final class BeanValidation {
    private static final Comparator<Detail> ORDER =
            Comparator.comparing(Detail::field).thenComparing(Detail::message).thenComparing(Detail::code);
    private static final int NO_BODY = -1;
    private static final int OF_VALUE = 0;
    private static final int OF_KEY = 1;
    private static final int OUR_FAULT = 2;

    private final Validator validator;
    private final Constraints constraints = new Constraints();

    private final @Nullable String[] paths = new @Nullable String[256];

    // One path to build them all, taken by one thread at a time; another that comes meanwhile makes its own.
    private final AtomicReference<@Nullable FieldPath> spare = new AtomicReference<>();

    private BeanValidation(Validator validator) {
        this.validator = validator;
    }

    /**
     * {@return field errors by a validator}
     *
     * @param validator the service's validator
     */
    public static BeanValidation of(Validator validator) {
        return new BeanValidation(Objects.requireNonNull(validator, "validator"));
    }

    /**
     * {@return the bean, or its faults} What the validator throws flies.
     *
     * @param bean the bean
     * @param groups the groups of constraints to check; the default group if none is given
     * @param <T> the type of the bean
     * @throws jakarta.validation.ValidationException if the validator fails
     */
    public <T> Result<T, ValidationError> check(T bean, Class<?>... groups) {
        Set<ConstraintViolation<T>> violations = validator.validate(bean, groups);
        if (violations.isEmpty()) {
            return Result.ok(bean);
        }
        return Result.err(new ValidationError(details(violations, NO_BODY)));
    }

    /**
     * {@return the error that a framework's exception stands for} Violations of parameters, beans and the constructors of
     * records are faults of the input; those of a return value or of any other constructor are a bug of the service, and
     * an internal error. An exception without violations is a validation error without details.
     *
     * @param exception what a framework's interceptor or the service itself has thrown
     */
    public DomainError toError(ConstraintViolationException exception) {
        return toError(exception, NO_BODY);
    }

    /**
     * {@return the error that a framework's exception stands for}, as {@link #toError(ConstraintViolationException)}, of a
     * method one of whose parameters is the body of the request: the name of that parameter, which no client knows, is
     * left out of the paths.
     *
     * @param exception what a framework's interceptor has thrown
     * @param bodyParameter the index of the parameter
     */
    public DomainError toError(ConstraintViolationException exception, int bodyParameter) {
        Set<ConstraintViolation<?>> violations = exception.getConstraintViolations();
        if (violations == null || violations.isEmpty()) {
            return ErrorKind.VALIDATION.code().error();
        }
        List<Detail> details = details(violations, bodyParameter);
        return details.isEmpty()
                ? DomainError.builder(ErrorKind.INTERNAL.code())
                        .cause(exception)
                        .build()
                : new ValidationError(details);
    }

    /** {@return the details of at least one violation; none at all if one of them is no fault of the input} */
    private List<Detail> details(Set<? extends ConstraintViolation<?>> violations, int bodyParameter) {
        Detail[] details = new Detail[violations.size()];
        FieldPath path = spare.getAndSet(null);
        path = path == null ? new FieldPath() : path;
        int i = 0;
        for (ConstraintViolation<?> violation : violations) {
            int walk = walk(violation, path.clear(), bodyParameter);
            if (walk == OUR_FAULT) {
                return List.of();
            }
            Constraints.Facts constraint = constraints.of(violation.getConstraintDescriptor());
            details[i++] = new Detail(
                    path.toString(paths),
                    walk == OF_KEY ? constraint.keyCode() : constraint.code(),
                    Messages.safe(violation, constraint),
                    constraint.args(),
                    null);
        }
        spare.set(path);
        Arrays.sort(details, ORDER);
        return List.of(details);
    }

    /** Appends the path of a violation, and tells whether it leads through the key of a map, or to a fault of ours. */
    private static int walk(ConstraintViolation<?> violation, FieldPath path, int bodyParameter) {
        int walk = OF_VALUE;
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.isInIterable()) {
                position(node, path); // in the container that the node before this one names
            }
            switch (node.getKind()) {
                case PROPERTY -> {
                    Path.PropertyNode property = node.as(Path.PropertyNode.class);
                    walk |= keyOf(property.getContainerClass(), property.getTypeArgumentIndex());
                    path.name(property.getName());
                }
                case PARAMETER -> {
                    if (node.as(Path.ParameterNode.class).getParameterIndex() != bodyParameter) {
                        path.name(node.getName());
                    }
                }
                case BEAN -> {
                    Path.BeanNode bean = node.as(Path.BeanNode.class);
                    walk |= keyOf(bean.getContainerClass(), bean.getTypeArgumentIndex());
                }
                case CONTAINER_ELEMENT -> {
                    Path.ContainerElementNode element = node.as(Path.ContainerElementNode.class);
                    walk |= keyOf(element.getContainerClass(), element.getTypeArgumentIndex());
                }
                case RETURN_VALUE -> {
                    return OUR_FAULT;
                }
                case CONSTRUCTOR -> {
                    if (!isRecord(violation.getRootBeanClass())) {
                        return OUR_FAULT;
                    }
                }
                case METHOD, CROSS_PARAMETER -> {} // nothing a client knows
            }
        }
        return walk;
    }

    /** {@return whether a constructor is where input is bound} A constructor of anything else gets its arguments from us. */
    private static boolean isRecord(@Nullable Class<?> type) {
        return type != null && type.isRecord();
    }

    private static void position(Path.Node node, FieldPath path) {
        if (node.getIndex() != null) {
            path.index(node.getIndex());
        } else if (node.getKey() != null) {
            path.key(node.getKey());
        } else {
            path.element();
        }
    }

    private static int keyOf(@Nullable Class<?> container, @Nullable Integer typeArgument) {
        boolean key =
                container != null && typeArgument != null && typeArgument == 0 && Map.class.isAssignableFrom(container);
        return key ? OF_KEY : OF_VALUE;
    }
}
