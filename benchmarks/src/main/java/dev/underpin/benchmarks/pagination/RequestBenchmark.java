package dev.underpin.benchmarks.pagination;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.benchmarks.pagination.Keys.Row;
import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
 * Question: what does it cost to read the parameters of a request?
 *
 * <p>Dimensions: which parameters (the row): none; a sort, two filters and a size; these and a cursor; contestant. The
 * limit reads the second for this one listing, refuses what is not allowed and hashes what a cursor would be bound to;
 * ours also finds all faults at once and says what would be allowed.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar pagination.RequestBenchmark -prof gc}
 */
@Question("What does it cost to read the parameters of a request?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class RequestBenchmark {
    private static final Set<String> ALLOWED = Set.of("sort", "size", "cursor", "before", "status", "total[gte]");

    private final Paginator paginator =
            Paginator.builder(OurCursors.KEY_ID, OurCursors.SECRET).build();

    private final PageSpec<Row> listing = PageSpec.named("orders", Row.class)
            .sort("createdAt", "o.created_at", ColumnType.INSTANT, Row::createdAt)
            .sort("name", "o.name", ColumnType.TEXT, Row::name)
            .unique("id", "o.id", ColumnType.UUID, Row::id)
            .filter("status", "o.status", ColumnType.TEXT)
            .filterRange("total", "o.total", ColumnType.DECIMAL)
            .build();

    private final Map<String, List<String>> params = Map.of(
            "sort",
            List.of("-createdAt,name"),
            "status",
            List.of("open", "closed"),
            "total[gte]",
            List.of("10.50"),
            "size",
            List.of("50"));

    private final Map<String, List<String>> withCursor = withCursor();

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Paginator.parse", role = Role.OURS, row = "no parameters")
    public Result<PageQuery<Row>, DomainError> plainOurs() {
        return paginator.parse(listing, Map.of(), OurCursors.SCOPE);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Paginator.parse", role = Role.OURS, row = "sort, filters and size")
    public Result<PageQuery<Row>, DomainError> filteredOurs() {
        return paginator.parse(listing, params, OurCursors.SCOPE);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "for one listing by hand", role = Role.LIMIT, row = "sort, filters and size")
    public ByHand filteredByHand() {
        return byHand(params);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Paginator.parse", role = Role.OURS, row = "sort, filters, size and cursor")
    public Result<PageQuery<Row>, DomainError> cursorOurs() {
        return paginator.parse(listing, withCursor, OurCursors.SCOPE);
    }

    private Map<String, List<String>> withCursor() {
        Map<String, List<String>> more = new HashMap<>(params);
        PageQuery<Row> query =
                paginator.parse(listing, params, OurCursors.SCOPE).orElseThrow();
        more.put("cursor", List.of(query.page(List.of(Keys.ROW), false).cursor(0)));
        return Map.copyOf(more);
    }

    /** What a request says, as a person reads it for one listing. */
    public record ByHand(List<String> order, Set<String> status, BigDecimal atLeast, int size, byte[] scope) {}

    /** {@return what the parameters say; null if they are wrong} */
    static ByHand byHand(Map<String, List<String>> params) {
        if (!ALLOWED.containsAll(params.keySet())) {
            return null;
        }
        String sort = params.get("sort").get(0);
        List<String> order = new ArrayList<>(3);
        for (String part : sort.split(",")) {
            String column = switch (part) {
                case "createdAt" -> "o.created_at";
                case "-createdAt" -> "o.created_at desc";
                case "name" -> "o.name";
                case "-name" -> "o.name desc";
                default -> null;
            };
            if (column == null) {
                return null;
            }
            order.add(column);
        }
        order.add("o.id");
        Set<String> status = new TreeSet<>(params.get("status"));
        String text = params.get("total[gte]").get(0);
        BigDecimal atLeast;
        int size;
        try {
            atLeast = new BigDecimal(text);
            size = Math.min(Integer.parseInt(params.get("size").get(0)), 100);
        } catch (NumberFormatException e) {
            return null;
        }
        String bound =
                "orders\0" + order + '\0' + status + '\0' + atLeast.stripTrailingZeros() + '\0' + OurCursors.SCOPE;
        try {
            byte[] scope = MessageDigest.getInstance("SHA-256").digest(bound.getBytes(UTF_8));
            return new ByHand(order, status, atLeast, size, scope);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
