/**
 * The use cases: each is one transaction, or steps that survive a crash, and returns a {@link dev.underpin.result.Result}. What they need of a database
 * is the {@link dev.underpin.quickstart.application.Store}, which the infrastructure implements.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart.application;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
