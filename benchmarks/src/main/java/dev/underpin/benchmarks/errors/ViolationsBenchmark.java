package dev.underpin.benchmarks.errors;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.result.DomainError;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
 * beside as a reference. Ours keeps index and key of each path, finds a code and the limits of the constraint, hides
 * rejected values and sorts; the others do less: a path and a message, in the order of the set.
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
    private final BeanValidation validation = BeanValidation.of(Orders.VALIDATOR);
    private final ConstraintViolationException exception = new ConstraintViolationException(Orders.violations());

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "BeanValidation", role = Role.OURS)
    public DomainError ours() {
        return validation.toError(exception);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "by Path.toString", role = Role.PEER)
    public List<Fault> byToString() {
        List<Fault> faults = new ArrayList<>();
        for (ConstraintViolation<?> violation : exception.getConstraintViolations()) {
            faults.add(new Fault(
                    violation.getPropertyPath().toString(),
                    violation.getMessage(),
                    violation
                            .getConstraintDescriptor()
                            .getAnnotation()
                            .annotationType()
                            .getSimpleName()));
        }
        return faults;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "nodes walked by hand", role = Role.LIMIT)
    public List<Fault> byHand() {
        List<Fault> faults = new ArrayList<>(exception.getConstraintViolations().size());
        for (ConstraintViolation<?> violation : exception.getConstraintViolations()) {
            faults.add(new Fault(
                    path(violation.getPropertyPath()),
                    violation.getMessage(),
                    violation
                            .getConstraintDescriptor()
                            .getAnnotation()
                            .annotationType()
                            .getSimpleName()));
        }
        faults.sort(Comparator.comparing(Fault::field));
        return faults;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the validation before it", role = Role.REFERENCE)
    public Set<?> validation() {
        return Orders.VALIDATOR.validate(Orders.FAULTY);
    }

    private static String path(Path path) {
        var text = new StringBuilder();
        for (Path.Node node : path) {
            if (node.getIndex() != null) {
                text.append('[').append(node.getIndex().intValue()).append(']');
            }
            if (node.getName() != null) {
                if (text.length() > 0) {
                    text.append('.');
                }
                text.append(node.getName());
            }
        }
        return text.toString();
    }

    /** One fault, as a person writes it for one case. */
    public record Fault(String field, String message, String code) {}
}
