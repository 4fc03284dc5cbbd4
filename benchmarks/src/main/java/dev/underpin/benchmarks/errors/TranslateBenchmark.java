package dev.underpin.benchmarks.errors;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.errors.Translator;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does it cost to find the error that an exception stands for?
 *
 * <p>Dimensions: contestant; what was thrown. Three classes are registered. The limit knows them all by name.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar errors.TranslateBenchmark -prof gc}
 */
@Question("What does it cost to find the error that an exception stands for?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class TranslateBenchmark {
    private static final ErrorCode MISSING = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "No such order");

    private static final DomainError NOT_FOUND = MISSING.error();
    private static final DomainError BAD_GATEWAY = ErrorKind.BAD_GATEWAY.code().error();
    private static final DomainError TIMEOUT = ErrorKind.TIMEOUT.code().error();

    /** What was thrown. */
    public enum Thrown {
        /** A registered class, in two wrappers. */
        WRAPPED(new CompletionException(new ExecutionException(new NoSuchElementException()))),
        /** A class whose superclass is registered. */
        SUBCLASS(new FileNotFoundException()),
        /** A class nobody registered. */
        UNKNOWN(new IllegalStateException());

        private final Exception exception;

        Thrown(Exception exception) {
            this.exception = exception;
        }
    }

    /** What was thrown. */
    @Param
    public Thrown thrown = Thrown.WRAPPED;

    private final Translator translator = Translator.builder()
            .on(NoSuchElementException.class, e -> NOT_FOUND)
            .on(IOException.class, e -> BAD_GATEWAY)
            .on(TimeoutException.class, e -> TIMEOUT)
            .build();

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Translator", role = Role.OURS)
    public DomainError ours() {
        return translator.translate(thrown.exception);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "instanceof by hand", role = Role.LIMIT)
    public DomainError byHand() {
        Throwable failure = thrown.exception;
        while ((failure instanceof CompletionException || failure instanceof ExecutionException)
                && failure.getCause() != null) {
            failure = failure.getCause();
        }
        if (failure instanceof NoSuchElementException) {
            return NOT_FOUND;
        }
        if (failure instanceof IOException) {
            return BAD_GATEWAY;
        }
        if (failure instanceof TimeoutException) {
            return TIMEOUT;
        }
        return DomainError.builder(ErrorKind.INTERNAL.code())
                .cause(thrown.exception)
                .build();
    }
}
