package dev.underpin.quickstart.http;

import dev.underpin.pagination.CursorKeys;
import java.time.Duration;

/**
 * What a server is given and what it bears.
 *
 * @param host the address to listen on
 * @param port the port; 0 for any that is free
 * @param maxConnections how many clients at once; when there are so many, each may be silent for a second only
 * @param idleTimeout how long a client may be silent in the middle of a request, or between two
 * @param bodyTimeout how long the body of a request may take
 * @param drainTime how long the server goes on serving, but says that it is not ready, before it stops
 * @param stopTimeout how long running requests may take to finish once the server is stopping
 * @param estimatesPerMinute how many deliveries a client may have estimated
 * @param cursorKeys what the cursors of listings are signed with
 */
public record HttpConfig(
        String host,
        int port,
        int maxConnections,
        Duration idleTimeout,
        Duration bodyTimeout,
        Duration drainTime,
        Duration stopTimeout,
        int estimatesPerMinute,
        CursorKeys cursorKeys) {
    /** {@return what a small service needs} */
    public static HttpConfig standard(String host, int port, CursorKeys cursorKeys) {
        return new HttpConfig(
                host,
                port,
                500,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(2),
                Duration.ofSeconds(20),
                30,
                cursorKeys);
    }
}
