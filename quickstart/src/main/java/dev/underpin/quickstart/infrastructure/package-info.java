/** What is outside: the database, with its schema, sample data and all SQL there is; and the payment service. */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart.infrastructure;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
