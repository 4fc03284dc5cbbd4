package dev.underpin.pagination;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a page, with named parameters ({@code :name}). Their text depends on the listing, the sort, the
 * filters that are set and how many values each has, and which values of the cursor are null; on no value.
 *
 * <p>Values are {@code Long}, {@code String}, {@code BigDecimal}, {@code Double}, {@code Boolean}, {@code UUID},
 * {@code Instant}, {@code LocalDate} and {@code LocalDateTime}, by the type of the column, and {@code Integer} or
 * {@code Long} for limits: what a driver does not take as it is, the caller converts.
 *
 * @param rows gives the rows of the page and one more, in the order {@link PageQuery#page} takes them
 * @param previousProbe gives a row if there is any before the page, in the direction of {@code rows}; null if there can
 *     be none, since the page begins at the start
 * @param binds the values of the parameters of both, by name; those of the service's own conditions are not among them
 */
public record SeekSql(String rows, @Nullable String previousProbe, Map<String, Object> binds) {
    /** Copies the values. */
    public SeekSql {
        binds = Map.copyOf(binds);
    }

    /** {@return the statements: values may be what no log should hold} */
    @Override
    public String toString() {
        return "SeekSql[rows=" + rows + ", previousProbe=" + previousProbe + ", " + binds.size() + " binds]";
    }
}
