/**
 * How large a pool of HikariCP should be, and what of its settings works against
 * {@link dev.underpin.persistence.Transactions}. For services that have HikariCP; nothing else here needs it.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.persistence.hikari;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
