package dev.underpin.benchmarks.errors;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.Rendered;
import dev.underpin.errors.Renderer;
import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does rendering an answer cost above writing the same bytes with Jackson?
 *
 * <p>Dimensions: what is rendered (the row: a success with an order of three items; an error with three details, as
 * envelope and as problem details); Jackson 2 or 3; contestant. The limit is a cached {@code ObjectWriter} that writes a
 * record made beforehand; another way is to build maps and write those. Ours also chooses status, format and headers, hides
 * what nobody may see, bounds every text and asks the log.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar errors.RenderBenchmark -prof gc}
 */
@Question("What does rendering an answer cost above writing the same bytes with Jackson?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class RenderBenchmark {
    /** Which Jackson. */
    @Param
    public Jackson jackson = Jackson.JACKSON_2;

    private final Result<Envelope<Orders.Order>, DomainError> success = Result.ok(Envelope.of(Orders.VALID));
    private final Result<Object, DomainError> failure = Result.err(Bodies.ERROR);

    // Made in prepare: what is made here would be made with one Jackson and then with the other.
    private Renderer renderer;
    private Jackson.Writer successWriter;
    private Jackson.Writer errorWriter;
    private Jackson.Writer problemWriter;
    private Jackson.Writer mapWriter;
    private RequestContext context = RequestContext.open(Bodies.HEADERS::get);
    private RequestContext problemContext = RequestContext.open(Bodies.PROBLEM_HEADERS::get);

    /** Makes the renderer and the writers of the chosen Jackson. */
    @Setup(Level.Trial)
    public void prepare() {
        renderer = renderer(jackson);
        successWriter = jackson.writerOf(Bodies.Data.class);
        errorWriter = jackson.writerOf(Bodies.Error.class);
        problemWriter = jackson.writerOf(Bodies.Problem.class);
        mapWriter = jackson.writerOf(Map.class);
    }

    /** Closes the contexts. */
    @TearDown(Level.Trial)
    public void close() {
        problemContext.close();
        context.close();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Renderer", role = Role.OURS, row = "success")
    public Rendered successOurs() {
        return renderer.render(success, context);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "ObjectWriter of a record", role = Role.LIMIT, row = "success")
    public byte[] successByHand() {
        return successWriter.write(Bodies.DATA);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Renderer.answer, with its context", role = Role.REFERENCE, row = "success")
    public Rendered successAnswer() {
        return renderer.answer(Bodies.HEADERS::get, opened -> success);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Renderer", role = Role.OURS, row = "error")
    public Rendered errorOurs() {
        return renderer.render(failure, context);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "ObjectWriter of a record", role = Role.LIMIT, row = "error")
    public byte[] errorByHand() {
        return errorWriter.write(Bodies.ERROR_RECORD);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "maps, made and written", role = Role.REFERENCE, row = "error")
    public byte[] errorMap() {
        return mapWriter.write(Bodies.errorMap());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Renderer", role = Role.OURS, row = "problem details")
    public Rendered problemOurs() {
        return renderer.render(failure, problemContext);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "ObjectWriter of a record", role = Role.LIMIT, row = "problem details")
    public byte[] problemByHand() {
        return problemWriter.write(Bodies.PROBLEM_RECORD);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "maps, made and written", role = Role.REFERENCE, row = "problem details")
    public byte[] problemMap() {
        return mapWriter.write(Bodies.problemMap());
    }

    private static Renderer renderer(Jackson jackson) {
        return Renderer.builder(jackson.json())
                .problemType(URI.create("https://example.org/problems/"))
                .build();
    }
}
