package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import java.net.URI;
import java.util.Map;
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
 * Question: what does the {@code Link} header of a page cost?
 *
 * <p>Dimensions: contestant. The page is one in the middle, so the header has three links, and two cursors of three keys
 * are made for it. The limit makes the same text, with the same cursors by hand. What both cursors cost alone is shown.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar pagination.LinkBenchmark -prof gc}
 */
@Question("What does the Link header of a page cost?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class LinkBenchmark {
    private final OurCursors ours = new OurCursors(Keys.THREE);
    private final CursorsByHand byHand = new CursorsByHand(Keys.THREE, ours.scope());
    private final URI self = URI.create(
            "https://api.example.org/v1/orders?sort=createdAt,name&status=open&size=1&cursor=" + ours.encode());

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Page.headers", role = Role.OURS)
    public Map<String, String> ours() {
        return ours.headers(self);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the same text by hand", role = Role.LIMIT)
    public Map<String, String> byHand() {
        String address = self.toString();
        int query = address.indexOf('?');
        var link = new StringBuilder(2 * address.length() + 300).append('<').append(address, 0, query + 1);
        for (String parameter : address.substring(query + 1).replace(",", "%2C").split("&")) {
            if (!parameter.startsWith("cursor=")
                    && !parameter.startsWith("before=")
                    && !parameter.startsWith("page=")) {
                link.append(parameter).append('&');
            }
        }
        link.setLength(link.length() - 1);
        int base = link.length();
        link.append("&cursor=").append(byHand.encode(Keys.ROW)).append(">; rel=\"next\", ");
        link.append(link, 0, base).append("&cursor=").append(byHand.encodeBackward(Keys.ROW));
        link.append(">; rel=\"prev\", ").append(link, 0, base).append(">; rel=\"first\"");
        return Map.of("Link", link.toString());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "the cursors alone, ours", role = Role.REFERENCE)
    public Map<String, Object> cursors() {
        return ours.meta();
    }
}
