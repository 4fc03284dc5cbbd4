/**
 * The context of one request: its id, its trace, the language and the format the client asked for, and what of that is
 * in every log line. Stands alone: nothing of it needs another exported package
 * of the module.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.errors.context;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
