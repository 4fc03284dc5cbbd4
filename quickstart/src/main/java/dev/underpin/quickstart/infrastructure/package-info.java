/** The database: connections, schema, sample data, and all SQL there is. */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart.infrastructure;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
