package dev.underpin.pagination;

import dev.underpin.pagination.PageQuery.Start;

/** Requests for pages that a client makes with a cursor. */
final class SeekSqlQueries {
    private SeekSqlQueries() {}

    /** {@return the request for the page before a row} */
    static <T> PageQuery<T> before(PageQuery<T> query, T row) {
        PageQuery<T> after = query.after(row);
        Start start = after.start();
        return after.from(new Start(/* backward= */ true, /* inclusive= */ false, start.values(), start.encoded()));
    }
}
