package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Counts;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.pagination.Keys.Row;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.Arrays;
import java.util.Base64;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Question: what does it cost to make a cursor, to read it, and to refuse a forged one?
 *
 * <p>Dimensions: what is done (the row); how many keys the sort has; contestant. The limit writes the same bytes, and so
 * does the HMAC alone. The peers' cursors are neither signed nor bound to anything, nor are those marked so; the JSON of
 * most services is shown both ways. Ours is read with what a request adds because of its cursor; what the rest of a
 * request costs is in {@code RequestBenchmark}. A forged cursor is one that somebody signed with a key of their own.
 * Making counts {@code chars}, the length of the cursor.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar pagination.CursorBenchmark -prof gc}
 */
@Question("What does it cost to make a cursor, to read it, and to refuse a forged one?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class CursorBenchmark {
    /** What is counted beside time and bytes. */
    public static final String CHARS = "chars";

    /** How many keys the sort has. */
    @Param
    public Keys keys = Keys.THREE;

    private Row row = Keys.ROW;
    private OurCursors ours;
    private CursorsByHand byHand;
    private JsonCursors json;
    private SerialCursors serial;
    private SpringCursors spring;
    private byte[] signed;
    private String cursor;
    private String jsonSignedCursor;
    private String jsonCursor;
    private String serialCursor;
    private String blazeCursor;
    private String springCursor;
    private String forged;
    private String jsonForged;

    /** Makes the contestants and the cursors that are read, and counts the characters of one that is made. */
    @Setup(Level.Trial)
    public void prepare(BenchmarkParams params) {
        prepare();
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        try {
            if (getClass().getMethod(method).invoke(this) instanceof String made) {
                Counts.set(CHARS, made.length());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(method, e);
        }
    }

    void prepare() {
        ours = new OurCursors(keys);
        byHand = new CursorsByHand(keys, ours.scope());
        json = new JsonCursors(keys, ours.scope());
        serial = new SerialCursors(keys);
        spring = new SpringCursors(keys);
        cursor = ours.encode();
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        signed = Arrays.copyOf(bytes, bytes.length - 18);
        jsonSignedCursor = json.encodeSigned(row);
        jsonCursor = json.encode(row);
        serialCursor = serial.encode(row);
        blazeCursor = serial.encodeBlaze(row);
        springCursor = spring.encode(row);
        forged = new OurCursors(keys, OurCursors.secret(8)).encode();
        jsonForged = new JsonCursors(keys, OurCursors.secret(9)).encodeSigned(row);
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
    public String encodeByHand() {
        return byHand.encode(row);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "HMAC of the same bytes alone", role = Role.REFERENCE, row = "encode")
    public byte[] encodeHmacAlone() {
        return byHand.sign(signed, signed.length);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson and HMAC", role = Role.REFERENCE, row = "encode")
    public String encodeJsonSigned() {
        return json.encodeSigned(row);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson, unsigned", role = Role.REFERENCE, row = "encode")
    public String encodeJson() {
        return json.encode(row);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Java serialisation, unsigned", role = Role.REFERENCE, row = "encode")
    public String encodeSerial() {
        return serial.encode(row);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Blaze-Persistence GraphQL, unsigned", role = Role.PEER, row = "encode")
    public String encodeBlaze() {
        return serial.encodeBlaze(row);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "spring-graphql, unsigned", role = Role.PEER, row = "encode")
    public String encodeSpring() {
        return spring.encode(row);
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
    public Row decodeByHand() {
        return byHand.decode(cursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson and HMAC", role = Role.REFERENCE, row = "decode")
    public Row decodeJsonSigned() {
        return json.decodeSigned(jsonSignedCursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson, unsigned", role = Role.REFERENCE, row = "decode")
    public Row decodeJson() {
        return json.decode(jsonCursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Java serialisation, unsigned", role = Role.REFERENCE, row = "decode")
    public Row decodeSerial() {
        return serial.decode(serialCursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Blaze-Persistence GraphQL, unsigned", role = Role.PEER, row = "decode")
    public Row decodeBlaze() {
        return serial.decodeBlaze(blazeCursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "spring-graphql, unsigned", role = Role.PEER, row = "decode")
    public Row decodeSpring() {
        return spring.decode(springCursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the cursor's share of Paginator.parse", role = Role.OURS, row = "refuse")
    public Result<Object, DomainError> refuseOurs() {
        return ours.decode(forged);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "ours, of a good one", role = Role.REFERENCE, row = "refuse")
    public Result<Object, DomainError> refuseNothing() {
        return ours.decode(cursor);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the same bytes by hand", role = Role.LIMIT, row = "refuse")
    public Row refuseByHand() {
        return byHand.decode(forged);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson and HMAC", role = Role.REFERENCE, row = "refuse")
    public Row refuseJsonSigned() {
        return json.decodeSigned(jsonForged);
    }
}
