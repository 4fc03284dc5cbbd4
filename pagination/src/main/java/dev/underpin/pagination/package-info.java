/**
 * Keyset pagination: what a listing may be sorted and filtered by ({@link dev.underpin.pagination.PageSpec}), requests for
 * pages of it ({@link dev.underpin.pagination.Paginator}), and pages with cursors that are signed and bound to their
 * listing. Knows the shapes of SQL that seek, and no database.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.pagination;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
