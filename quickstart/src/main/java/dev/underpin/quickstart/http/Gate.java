package dev.underpin.quickstart.http;

import dev.underpin.resilience.Deadline;
import dev.underpin.resilience.LoadShedder;
import dev.underpin.resilience.RateLimiter;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import io.javalin.http.Context;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Supplier;

/** Who is let in: not who has given up already, not more than can be served, not who asks too often. Thread-safe. */
final class Gate {
    /** Whoever does not say how long it waits is taken to wait as long as most clients do. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** A quarter of the server's threads each: half of them stay for all that is quick. */
    private static final int ORDERS_AT_ONCE = 16;

    private static final int ORDERS_WAITING = 16;
    private static final Duration MAX_WAIT = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final TimeSource time = TimeSource.system();
    private final LoadShedder orders = LoadShedder.named("orders")
            .maxConcurrent(ORDERS_AT_ONCE)
            .maxQueued(ORDERS_WAITING, MAX_WAIT)
            .build();
    private final RateLimiter<String> estimates;

    Gate(int estimatesPerMinute) {
        estimates =
                RateLimiter.named("estimates").limit(estimatesPerMinute, MINUTE).build();
    }

    /** {@return when the client stops waiting, by its {@value Deadline#HEADER}} */
    Deadline deadline(Context http) {
        return Deadline.parse(http.header(Deadline.HEADER), time).orElseGet(() -> Deadline.after(PATIENCE, time));
    }

    /** {@return what the work returns} It is not begun when nobody waits for it any more, or too many others run. */
    <T> Result<T, DomainError> order(
            Context http, Function<Deadline, ? extends Result<? extends T, ? extends DomainError>> work) {
        Deadline deadline = deadline(http);
        return orders.call(deadline, () -> work.apply(deadline));
    }

    /**
     * {@return what the work returns, if this client may ask for one more estimate} Every answer says how many are left. A
     * client is its address: behind a proxy all would be one, so there it is the proxy that should count.
     */
    <T> Result<T, DomainError> estimate(Context http, Supplier<Result<T, DomainError>> work) {
        String client = RateLimiter.addressKey(address(http));
        var permit = estimates.tryAcquire(client);
        estimates.state(client).headers().forEach(http::header);
        return permit.flatMap(given -> work.get());
    }

    private static InetAddress address(Context http) {
        try {
            return InetAddress.getByName(http.req().getRemoteAddr()); // a literal: nothing is looked up
        } catch (UnknownHostException e) {
            throw new IllegalStateException("The address of a client is none", e);
        }
    }
}
