package dev.underpin.benchmarks.errors;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.errors.context.RequestContext;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.MDC;

/**
 * Question: what does the context of a request cost above two calls of the MDC?
 *
 * <p>Dimensions: contestant; what is done (the row): a context is opened and closed, with an id that the client sent or
 * one that is made; a task is wrapped and run. The MDC is logback's.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar errors.RequestContextBenchmark -prof gc}
 */
@Question("What does the context of a request cost above two calls of the MDC?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class RequestContextBenchmark {
    private static final String KEY = RequestContext.REQUEST_ID;

    private final Map<String, String> none = Map.of();
    private int ran;

    /** A context that is open while tasks are wrapped, and only then: around the other rows it would be an outer one. */
    @State(Scope.Thread)
    public static class Opened {
        private RequestContext context;

        /** Opens it. */
        @Setup(Level.Trial)
        public void open() {
            context = RequestContext.open(Bodies.HEADERS::get);
        }

        /** Closes it. */
        @TearDown(Level.Trial)
        public void close() {
            context.close();
        }
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "RequestContext", role = Role.OURS, row = "open and close, id sent")
    public String sentOurs() {
        try (RequestContext opened = RequestContext.open(Bodies.HEADERS::get)) {
            return opened.requestId();
        }
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "MDC.put, then as before", role = Role.LIMIT, row = "open and close, id sent")
    public String sentByHand() {
        Function<String, String> headers = Bodies.HEADERS::get;
        return opened(headers.apply("X-Request-Id"));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "RequestContext", role = Role.OURS, row = "open and close, id made")
    public String madeOurs() {
        try (RequestContext opened = RequestContext.open(none::get)) {
            return opened.requestId();
        }
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "random id, MDC.put, then as before", role = Role.LIMIT, row = "open and close, id made")
    public String madeByHand() {
        return opened(RequestIdBenchmark.idByHand());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(
            value = "UUID.randomUUID, MDC.put, then as before",
            role = Role.REFERENCE,
            row = "open and close, id made")
    public String madeByUuid() {
        return opened(UUID.randomUUID().toString());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "RequestContext.wrap", role = Role.OURS, row = "wrap and run")
    public int wrapOurs(Opened opened) {
        opened.context.wrap(() -> ran++).run();
        return ran;
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "context maps by hand", role = Role.LIMIT, row = "wrap and run")
    public int wrapByHand(Opened opened) {
        Map<String, String> carried = MDC.getCopyOfContextMap();
        Runnable wrapped = () -> {
            Map<String, String> before = MDC.getCopyOfContextMap();
            MDC.setContextMap(carried);
            try {
                ran++;
            } finally {
                MDC.setContextMap(before);
            }
        };
        wrapped.run();
        return ran;
    }

    private static String opened(String id) {
        String before = MDC.get(KEY);
        MDC.put(KEY, id);
        try {
            return id;
        } finally {
            if (before == null) {
                MDC.remove(KEY);
            } else {
                MDC.put(KEY, before);
            }
        }
    }
}
