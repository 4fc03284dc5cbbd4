/**
 * Deterministic tests: time that moves only when a test says so, and faults that come when it does. Nothing here starts a
 * thread or reads a clock of the machine, but {@link dev.underpin.testkit.TcpProxy} and
 * {@link dev.underpin.testkit.ChildProcess}, which are a network and a process.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.testkit;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
