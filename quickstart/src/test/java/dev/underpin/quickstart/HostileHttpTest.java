package dev.underpin.quickstart;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What no HTTP client sends: bytes that are no request, half requests, and crowds of clients that say nothing. */
final class HostileHttpTest {
    private static final int MAX_CONNECTIONS = 20;
    private static final String POST =
            "POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n";

    @TempDir
    static Path directory;

    private static TestService service;

    @BeforeAll
    static void start() {
        service = TestService.start(
                DatabaseConfig.file(directory).orElseThrow(),
                new HttpConfig(
                        "127.0.0.1",
                        0,
                        MAX_CONNECTIONS,
                        Duration.ofMillis(700),
                        Duration.ofSeconds(10),
                        Duration.ZERO,
                        Duration.ofSeconds(5),
                        10_000,
                        CursorSecrets.random()));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Stream<Arguments> requests() {
        return Stream.of(
                row("no request line", "GARBAGE\r\n\r\n", 400),
                row("control characters", "\0\1\2\3\r\n\r\n", 400),
                row("a TLS handshake", "\26\3\1\2\0\1\0\1\374\3\3", 400),
                row("no version", "GET /\r\n\r\n", 400),
                row("an unknown version", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400),
                row("a space in the address", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                row("no host", "GET / HTTP/1.1\r\n\r\n", 400),
                row("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
                row("a header without a name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400),
                row("a header with a space in its name", "GET / HTTP/1.1\r\nHost: a\r\nX Y: x\r\n\r\n", 400),
                row("a folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400),
                row("a bad escape", "GET /orders/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
                row(
                        "a bad escape in the query",
                        "GET /orders?size=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                        400),
                row("an overlong escape", "GET /%c0%ae%c0%ae/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
                row("an escaped slash", "GET /orders/..%2fx HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
                row("a way out", "GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
                row("a path parameter", "GET /orders/..;/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400),
                row("an address too long", "GET /" + "a".repeat(9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
                row("a header too large", "GET / HTTP/1.1\r\nHost: a\r\nX: " + "a".repeat(9_000) + "\r\n\r\n", 431),
                row("too many headers", "GET / HTTP/1.1\r\nHost: a\r\n" + "X: a\r\n".repeat(3_000) + "\r\n", 431),
                row("a length that is no number", POST + "Content-Length: x\r\n\r\n", 400),
                row("a negative length", POST + "Content-Length: -1\r\n\r\n", 400),
                row("two lengths", POST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", 400),
                row(
                        "length and chunks",
                        POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                row("an unknown transfer coding", POST + "Transfer-Encoding: x\r\n\r\n{}", 400),
                row("a chunk without a length", POST + "Transfer-Encoding: chunked\r\n\r\nZZ\r\n", 400),
                row(
                        "a chunk too long for a number",
                        POST + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n",
                        400),
                row("a huge chunk, then silence", POST + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n{", 408),
                row("a large body announced", POST + "Content-Length: 99999999\r\n\r\n", 413),
                row(
                        "a large body announced, and leave asked",
                        POST + "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
                        413),
                row(
                        "a large body in chunks",
                        POST + "Transfer-Encoding: chunked\r\n\r\n"
                                + ("1000\r\n" + "x".repeat(4096) + "\r\n").repeat(17),
                        413),
                row("half a body, then silence", POST + "Content-Length: 50\r\n\r\n{\"customer\":", 408),
                row("a WebSocket", """
                        GET / HTTP/1.1
                        Host: a
                        Connection: Upgrade
                        Upgrade: websocket
                        Sec-WebSocket-Version: 13
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                        """.replace("\n", "\r\n"), 404),
                row("a proxy request", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400));
    }

    private static Arguments row(String name, String request, int status) {
        return Arguments.argumentSet(name, request, status);
    }

    @ParameterizedTest
    @MethodSource("requests")
    void request_hostile_getsTheEnvelope(String request, int status) throws Exception {
        String before = service.contents();

        String answer = send(request.getBytes(ISO_8859_1));

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").doesNotContain("Set-Cookie");
        String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        TestService.assertEnvelope(body, header(answer, "Content-Type"), header(answer, "X-Request-Id"));
        assertThat(service.contents()).isEqualTo(before);
        assertThat(service.get("/health/ready").status()).isEqualTo(200);
    }

    @Test
    void request_head_getsNoBody() throws Exception {
        String answer = send("HEAD /ordres HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(UTF_8));

        assertThat(answer).startsWith("HTTP/1.1 404 ").endsWith("\r\n\r\n");
    }

    @Test
    void request_http10_isAnswered() throws Exception {
        assertThat(send("GET /health/live HTTP/1.0\r\n\r\n".getBytes(UTF_8))).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void client_goneInTheMiddleOfABody_changesNothing() throws Exception {
        String before = service.contents();

        try (Socket socket = connect()) {
            socket.getOutputStream().write((POST + "Content-Length: 50\r\n\r\n{\"customer\":").getBytes(UTF_8));
            socket.setSoLinger(true, 0); // close() resets the connection
        }

        assertThat(service.get("/health/ready").status()).isEqualTo(200);
        assertThat(service.contents()).isEqualTo(before);
    }

    @Test
    void clients_manyAndSilent_doNotLockOthersOut() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < MAX_CONNECTIONS * 3; i++) {
                Socket socket = connect();
                silent.add(socket);
                socket.getOutputStream().write("GET /health/live HTTP/1.1\r\nHos".getBytes(UTF_8));
            }

            // Waits in the backlog until the first of the silent ones are sent away.
            assertThat(send("GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(UTF_8)))
                    .startsWith("HTTP/1.1 200 ");
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()), 10_000);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** {@return all that comes back until the server closes, or has sent as much as it announced} */
    private static String send(byte[] request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                byte[] buffer = new byte[8192];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    answer.write(buffer, 0, n);
                    if (isComplete(answer.toString(UTF_8))) {
                        break;
                    }
                }
            } catch (SocketTimeoutException e) {
                throw new AssertionError("No complete answer: " + answer.toString(UTF_8), e);
            }
            return answer.toString(UTF_8);
        }
    }

    private static boolean isComplete(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        String length = end < 0 ? "" : header(answer, "Content-Length");
        return !length.isEmpty() && answer.substring(end + 4).getBytes(UTF_8).length >= Integer.parseInt(length);
    }

    private static String header(String answer, String name) {
        return answer.lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("");
    }
}
