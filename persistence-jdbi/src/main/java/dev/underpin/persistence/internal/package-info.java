/** What the packages of this module share; not exported. */
@CheckReturnValue
@NullMarked
package dev.underpin.persistence.internal;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
