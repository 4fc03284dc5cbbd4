/**
 * The interface to the outside: routes, the requests they read, the answers they give, and the server. Whatever a client
 * sends, it gets an envelope: from a route, from the router, or from the server itself.
 */
@CheckReturnValue
@NullMarked
package dev.underpin.quickstart.http;

import dev.underpin.result.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
