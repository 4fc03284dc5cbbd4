/** A payment service as somebody else might run it, with all that can go wrong there. It knows nothing of the shop. */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart.downstream;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
