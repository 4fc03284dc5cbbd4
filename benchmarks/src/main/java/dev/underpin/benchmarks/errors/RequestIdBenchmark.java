package dev.underpin.benchmarks.errors;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.errors.context.RequestContext;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
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
 * Question: what does it cost to check a request id that a client sent, and to make one?
 *
 * <p>Dimensions: contestant; check or make (the row). Ours are package-private, since nobody else should call them;
 * constant method handles reach them, and the JIT compiler inlines those.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar errors.RequestIdBenchmark -prof gc}
 */
@Question("What does it cost to check a request id, and to make one?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class RequestIdBenchmark {
    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final MethodHandle CHECK = handle("isRequestId", boolean.class, String.class);
    private static final MethodHandle MAKE = handle("newRequestId", String.class);

    // A field and no constant, so that the answer is not computed once for all.
    private String sent = Bodies.REQUEST_ID;

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "RequestContext, checking", role = Role.OURS, row = "check")
    public boolean checkOurs() {
        try {
            return (boolean) CHECK.invokeExact(sent);
        } catch (Throwable impossible) {
            throw new LinkageError("isRequestId", impossible);
        }
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "loop over the characters by hand", role = Role.LIMIT, row = "check")
    public boolean checkByHand() {
        String id = sent;
        if (id.isEmpty() || id.length() > 128) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean digit = c >= '0' && c <= '9';
            if (!letter && !digit && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "regular expression", role = Role.REFERENCE, row = "check")
    public boolean checkByRegex() {
        return PATTERN.matcher(sent).matches();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "RequestContext, making", role = Role.OURS, row = "make")
    public String makeOurs() {
        try {
            return (String) MAKE.invokeExact();
        } catch (Throwable impossible) {
            throw new LinkageError("newRequestId", impossible);
        }
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "two random numbers in hex by hand", role = Role.LIMIT, row = "make")
    public String makeByHand() {
        return idByHand();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "UUID.randomUUID", role = Role.REFERENCE, row = "make")
    public String makeByUuid() {
        return UUID.randomUUID().toString();
    }

    /** The cheapest way to write two numbers in hex: the class library makes the text without copying it. */
    static String idByHand() {
        var random = ThreadLocalRandom.current();
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    private static MethodHandle handle(String name, Class<?> returned, Class<?>... parameters) {
        try {
            Class<?> type = Class.forName(RequestContext.class.getPackageName() + ".RequestHeaders");
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
                    .findStatic(type, name, MethodType.methodType(returned, parameters));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no " + name, e);
        }
    }
}
