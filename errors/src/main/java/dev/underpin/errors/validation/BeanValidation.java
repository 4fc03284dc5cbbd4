package dev.underpin.errors.validation;

import dev.underpin.errors.internal.FieldPath;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.ElementKind;
import jakarta.validation.Path;
import jakarta.validation.Validator;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
 * <p>The message is the one the validator made, in the locale it chose, unless it shows the rejected value: then it is
 * {@code is not valid}. It is not interpolated again.
 */
@SuppressWarnings("exports") // optional: see module-info
public final class BeanValidation {
    private static final Comparator<Detail> ORDER =
            Comparator.comparing(Detail::field).thenComparing(Detail::message).thenComparing(Detail::code);
    private static final int NO_BODY = -1;

    private final Validator validator;
    private final Constraints constraints = new Constraints();

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
        return violations.isEmpty() ? Result.ok(bean) : Result.err(new ValidationError(details(violations, NO_BODY)));
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
        for (ConstraintViolation<?> violation : violations) {
            if (isOurFault(violation)) {
                return DomainError.builder(ErrorKind.INTERNAL.code())
                        .cause(exception)
                        .build();
            }
        }
        return new ValidationError(details(violations, bodyParameter));
    }

    private static boolean isOurFault(ConstraintViolation<?> violation) {
        for (Path.Node node : violation.getPropertyPath()) {
            if (node.getKind() == ElementKind.RETURN_VALUE) {
                return true;
            }
            if (node.getKind() == ElementKind.CONSTRUCTOR) {
                Class<?> type = violation.getRootBeanClass();
                if (type == null || !type.isRecord()) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<Detail> details(Set<? extends ConstraintViolation<?>> violations, int bodyParameter) {
        Detail[] details = new Detail[violations.size()];
        FieldPath path = new FieldPath();
        int i = 0;
        for (ConstraintViolation<?> violation : violations) {
            details[i++] = detail(violation, path.clear(), bodyParameter);
        }
        Arrays.sort(details, ORDER);
        return List.of(details);
    }

    private Detail detail(ConstraintViolation<?> violation, FieldPath path, int bodyParameter) {
        Constraints.Facts constraint = constraints.of(violation.getConstraintDescriptor());
        boolean ofKey = walk(violation.getPropertyPath(), path, bodyParameter);
        return new Detail(
                path.toString(),
                ofKey ? constraint.keyCode() : constraint.code(),
                Messages.safe(violation, constraint),
                constraint.args(),
                null);
    }

    /** Appends a path, and returns whether it leads through the key of a map. */
    private static boolean walk(Path nodes, FieldPath path, int bodyParameter) {
        boolean ofKey = false;
        for (Path.Node node : nodes) {
            if (node.isInIterable()) {
                position(node, path); // in the container that the node before this one names
            }
            switch (node.getKind()) {
                case PROPERTY -> {
                    Path.PropertyNode property = node.as(Path.PropertyNode.class);
                    ofKey |= isKey(property.getContainerClass(), property.getTypeArgumentIndex());
                    path.name(property.getName());
                }
                case PARAMETER -> {
                    if (node.as(Path.ParameterNode.class).getParameterIndex() != bodyParameter) {
                        path.name(node.getName());
                    }
                }
                case BEAN -> {
                    Path.BeanNode bean = node.as(Path.BeanNode.class);
                    ofKey |= isKey(bean.getContainerClass(), bean.getTypeArgumentIndex());
                }
                case CONTAINER_ELEMENT -> {
                    Path.ContainerElementNode element = node.as(Path.ContainerElementNode.class);
                    ofKey |= isKey(element.getContainerClass(), element.getTypeArgumentIndex());
                }
                case METHOD, CONSTRUCTOR, CROSS_PARAMETER, RETURN_VALUE -> {} // nothing a client knows
            }
        }
        return ofKey;
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

    private static boolean isKey(@Nullable Class<?> container, @Nullable Integer typeArgument) {
        return container != null && typeArgument != null && typeArgument == 0 && Map.class.isAssignableFrom(container);
    }
}
