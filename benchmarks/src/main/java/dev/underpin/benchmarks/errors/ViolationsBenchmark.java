package dev.underpin.benchmarks.errors;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.result.DomainError;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to turn three violations into details of an error?
 *
 * <p>Dimensions: contestant. The violations are those of Hibernate Validator, found once; the validation itself stands
 * beside as a reference. All give path, code and message of each, ours and the limit sorted; ours has the limits of the
 * constraint too, knows paths through maps and sets, hides rejected values, and remembers the texts of paths, which the
 * limit makes anew.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar errors.ViolationsBenchmark -prof gc}
 */
@Question("What does it cost to turn three violations into details?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class ViolationsBenchmark {
    private static final Comparator<Fault> ORDER =
            Comparator.comparing(Fault::field).thenComparing(Fault::message).thenComparing(Fault::code);

    private static final Map<Class<?>, String> CODES =
            Map.of(NotBlank.class, "NOT_BLANK", NotNull.class, "NOT_NULL", Min.class, "MIN");

    // Here and not beside the orders, which others use too: its start takes half a second.
    private static final Validator VALIDATOR =
            Validation.buildDefaultValidatorFactory().getValidator();

    private final BeanValidation validation = BeanValidation.of(VALIDATOR);
    private final ConstraintViolationException exception =
            new ConstraintViolationException(VALIDATOR.validate(Orders.FAULTY));

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "BeanValidation", role = Role.OURS)
    public DomainError ours() {
        return validation.toError(exception);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "by Path.toString", role = Role.REFERENCE)
    public List<Fault> byToString() {
        List<Fault> faults = new ArrayList<>();
        for (ConstraintViolation<?> violation : exception.getConstraintViolations()) {
            faults.add(new Fault(violation.getPropertyPath().toString(), violation.getMessage(), code(violation)));
        }
        return faults;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "nodes walked by hand", role = Role.LIMIT)
    public List<Fault> byHand() {
        List<Fault> faults = new ArrayList<>(exception.getConstraintViolations().size());
        var text = new StringBuilder(32);
        for (ConstraintViolation<?> violation : exception.getConstraintViolations()) {
            faults.add(new Fault(path(violation.getPropertyPath(), text), violation.getMessage(), code(violation)));
        }
        faults.sort(ORDER);
        return faults;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the validation before it", role = Role.REFERENCE)
    public Set<?> validation() {
        return VALIDATOR.validate(Orders.FAULTY);
    }

    private static String path(Path path, StringBuilder text) {
        text.setLength(0);
        for (Path.Node node : path) {
            Integer index = node.getIndex();
            if (index != null) {
                text.append('[').append(index.intValue()).append(']');
            }
            String name = node.getName();
            if (name != null) {
                if (!text.isEmpty()) {
                    text.append('.');
                }
                text.append(name);
            }
        }
        return text.toString();
    }

    private static String code(ConstraintViolation<?> violation) {
        return CODES.get(violation.getConstraintDescriptor().getAnnotation().annotationType());
    }

    /** One fault, as a person writes it for one case. */
    public record Fault(String field, String message, String code) {}
}
