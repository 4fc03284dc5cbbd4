/**
 * What a service on JDBI needs to trust its database layer. {@link dev.underpin.persistence.KeysetQuery} runs a page of a
 * listing in the form in which its database seeks.
 *
 * <p>Exceptions of JDBI and the driver pass unchanged.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.persistence;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
