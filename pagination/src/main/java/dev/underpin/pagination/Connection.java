package dev.underpin.pagination;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page in the shape of the Relay Cursor Connections specification.
 *
 * @param edges the rows, each with its cursor
 * @param pageInfo what is around them
 * @param <T> the type of the rows
 */
public record Connection<T>(List<Edge<T>> edges, PageInfo pageInfo) {
    /** Copies the edges. */
    public Connection {
        edges = List.copyOf(edges);
    }

    /**
     * A row and its cursor.
     *
     * @param node the row
     * @param cursor the cursor of what is behind it
     * @param <T> the type of the rows
     */
    public record Edge<T>(T node, String cursor) {}

    /**
     * What is around a page.
     *
     * @param hasNextPage whether there is any row behind it
     * @param hasPreviousPage whether there is any row before it
     * @param startCursor the cursor of the first row; null if there is none
     * @param endCursor the cursor of the last row; null if there is none
     */
    public record PageInfo(
            boolean hasNextPage,
            boolean hasPreviousPage,
            @Nullable String startCursor,
            @Nullable String endCursor) {}
}
