package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.pagination.Keys.Row;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what do cursors cost when eight threads make and read them at once?
 *
 * <p>Dimensions: what is done (the row); contestant. The threads share our paginator, which is what a service has; each
 * has what is by hand to itself, as if from a {@code ThreadLocal}. Three keys. The time is that of one thread, so with
 * fewer cores than threads it is longer than in {@code CursorBenchmark} by what they share.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar pagination.CursorThreadsBenchmark -prof gc}
 */
@Question("What do cursors cost when eight threads make and read them at once?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@Threads(8)
@State(Scope.Benchmark)
public class CursorThreadsBenchmark {
    private final OurCursors ours = new OurCursors(Keys.THREE);
    private final String cursor = ours.encode();

    /** What cannot be shared. */
    @State(Scope.Thread)
    public static class Confined {
        private final CursorsByHand byHand = new CursorsByHand(Keys.THREE, new OurCursors(Keys.THREE).scope());
        private final JsonCursors json = new JsonCursors(Keys.THREE, new OurCursors(Keys.THREE).scope());
        private final String jsonCursor = json.encodeSigned(Keys.ROW);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Page.cursor", role = Role.OURS, row = "encode")
    public String encodeOurs() {
        return ours.encode();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the same bytes by hand", role = Role.LIMIT, row = "encode")
    public String encodeByHand(Confined confined) {
        return confined.byHand.encode(Keys.ROW);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson and HMAC", role = Role.REFERENCE, row = "encode")
    public String encodeJsonSigned(Confined confined) {
        return confined.json.encodeSigned(Keys.ROW);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the cursor's share of Paginator.parse", role = Role.OURS, row = "decode")
    public Result<Object, DomainError> decodeOurs() {
        return ours.decode(cursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the same bytes by hand", role = Role.LIMIT, row = "decode")
    public Row decodeByHand(Confined confined) {
        return confined.byHand.decode(cursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson and HMAC", role = Role.REFERENCE, row = "decode")
    public Row decodeJsonSigned(Confined confined) {
        return confined.json.decodeSigned(confined.jsonCursor);
    }
}
