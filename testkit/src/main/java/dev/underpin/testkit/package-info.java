/**
 * Deterministic tests: time that moves only when a test says so. Nothing here starts a thread or reads a clock of the
 * machine.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.testkit;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
