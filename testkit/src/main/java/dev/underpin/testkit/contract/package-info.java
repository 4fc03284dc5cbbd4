/**
 * Contracts of the SPIs: what an implementation promises, as tests that it inherits. They need JUnit, and the module whose
 * SPI it is.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.testkit.contract;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
