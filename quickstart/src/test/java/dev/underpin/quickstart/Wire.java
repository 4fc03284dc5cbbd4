package dev.underpin.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.UUID;

/** A client that sends what a test writes, when it writes it. */
final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 15_000;

    private final Socket socket;

    private Wire(Socket socket) {
        this.socket = socket;
    }

    static Wire to(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return new Wire(socket);
    }

    void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
        socket.getOutputStream().flush();
    }

    String get(String path) throws IOException {
        write("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        return read();
    }

    /** Announces an order; once this returns, the server waits for its body. */
    void announceOrder(int length) throws IOException {
        write("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + "Idempotency-Key: "
                + UUID.randomUUID() + "\r\nExpect: 100-continue\r\nContent-Length: " + length + "\r\n\r\n");
        String answer = read();
        if (!answer.startsWith("HTTP/1.1 100 ")) {
            throw new AssertionError(answer);
        }
    }

    /** {@return one answer, with its body} */
    String read() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("Closed after: " + head);
            }
            head.append((char) next);
        }
        String length = head.toString().replaceFirst("(?s).*\r\nContent-Length: ([0-9]+)\r\n.*", "$1");
        return length.equals(head.toString())
                ? length
                : head + new String(socket.getInputStream().readNBytes(Integer.parseInt(length)), UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
