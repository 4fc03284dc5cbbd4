package dev.underpin.benchmarks.result;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import io.vavr.collection.Seq;
import java.util.ArrayList;
import java.util.List;
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

/**
 * Question: what does it cost to check ten fields, keep every fault, and build a value if there is none?
 *
 * <p>Dimensions: contestant; how many fields are faulty. The value is a record of ten numbers; a fault names its field,
 * a code and a text. vavr combines at most eight validations by type, so its ten are a sequence.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar result.AccumulateBenchmark -prof gc}
 */
@Question("What does it cost to check ten fields and keep every fault?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Benchmark)
public class AccumulateBenchmark {
    static final ErrorCode NOT_POSITIVE = ErrorCode.of(ErrorKind.VALIDATION, "NOT_POSITIVE", "must be positive");

    private static final String[] FIELDS = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

    /** How many of the ten are faulty. */
    @Param({"0", "1", "10"})
    public int faults;

    private int[] form = {};

    /** Makes the input. */
    @Setup(Level.Trial)
    public void prepare() {
        form = new int[FIELDS.length];
        for (int i = 0; i < form.length; i++) {
            form[i] = i < faults ? -1 : i + 1;
        }
    }

    /** {@return the sum of the input} */
    @Benchmark
    @Contestant(value = "reading the input", role = Role.BASELINE)
    public int baseline() {
        int sum = 0;
        for (int field : form) {
            sum += field;
        }
        return sum;
    }

    /** {@return the value or its faults} */
    @Benchmark
    @Contestant(value = "Validation", role = Role.OURS)
    public Result<Form, ValidationError> ours() {
        int[] in = form;
        var v = dev.underpin.result.Validation.start();
        var a = v.check(FIELDS[0], positive(in[0]));
        var b = v.check(FIELDS[1], positive(in[1]));
        var c = v.check(FIELDS[2], positive(in[2]));
        var d = v.check(FIELDS[3], positive(in[3]));
        var e = v.check(FIELDS[4], positive(in[4]));
        var f = v.check(FIELDS[5], positive(in[5]));
        var g = v.check(FIELDS[6], positive(in[6]));
        var h = v.check(FIELDS[7], positive(in[7]));
        var i = v.check(FIELDS[8], positive(in[8]));
        var j = v.check(FIELDS[9], positive(in[9]));
        return v.build(() ->
                new Form(a.get(), b.get(), c.get(), d.get(), e.get(), f.get(), g.get(), h.get(), i.get(), j.get()));
    }

    /** {@return the value or its faults} */
    @Benchmark
    @Contestant(value = "vavr Validation", role = Role.PEER)
    public io.vavr.control.Validation<Seq<Fault>, Form> vavr() {
        int[] in = form;
        return io.vavr.control.Validation.sequence(List.of(
                        valid(0, in),
                        valid(1, in),
                        valid(2, in),
                        valid(3, in),
                        valid(4, in),
                        valid(5, in),
                        valid(6, in),
                        valid(7, in),
                        valid(8, in),
                        valid(9, in)))
                .map(all -> new Form(
                        all.get(0),
                        all.get(1),
                        all.get(2),
                        all.get(3),
                        all.get(4),
                        all.get(5),
                        all.get(6),
                        all.get(7),
                        all.get(8),
                        all.get(9)));
    }

    /** {@return the value or its faults} */
    @Benchmark
    @Contestant(value = "list of faults by hand", role = Role.LIMIT)
    public Checked byHand() {
        List<Fault> found = null;
        for (int i = 0; i < form.length; i++) {
            if (form[i] <= 0) {
                if (found == null) {
                    found = new ArrayList<>();
                }
                found.add(new Fault(FIELDS[i], NOT_POSITIVE.name(), NOT_POSITIVE.text()));
            }
        }
        if (found != null) {
            return new Faults(found);
        }
        int[] in = form;
        return new Form(in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8], in[9]);
    }

    private static Result<Integer, DomainError> positive(int number) {
        return number > 0 ? Result.ok(number) : Result.err(NOT_POSITIVE.error());
    }

    private static io.vavr.control.Validation<Seq<Fault>, Integer> valid(int field, int[] in) {
        return in[field] > 0
                ? io.vavr.control.Validation.valid(in[field])
                : io.vavr.control.Validation.invalid(
                        io.vavr.collection.List.of(new Fault(FIELDS[field], NOT_POSITIVE.name(), NOT_POSITIVE.text())));
    }

    /** The value or its faults, as a person writes it for one case. */
    public sealed interface Checked {}

    /** The value. */
    public record Form(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j) implements Checked {}

    /** All faults. */
    public record Faults(List<Fault> faults) implements Checked {}

    /** One fault, as a person writes it for one case. */
    public record Fault(String field, String code, String message) {}
}
