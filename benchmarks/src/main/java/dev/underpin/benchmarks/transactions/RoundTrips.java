package dev.underpin.benchmarks.transactions;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a driver and its server, and counts how often the driver sends something and waits for an answer. */
public final class RoundTrips implements AutoCloseable {
    private final ServerSocket listening;
    private final int target;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /**
     * Listens.
     *
     * @param target the port of the server, on this machine
     * @throws IOException if it cannot
     */
    public RoundTrips(int target) throws IOException {
        this.target = target;
        listening = new ServerSocket(0, /* backlog= */ 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    /** {@return where the driver connects to} */
    public int port() {
        return listening.getLocalPort();
    }

    /** {@return how many there have been; once an answer has arrived, it is counted} */
    public int count() {
        return count.get();
    }

    private void accept() throws IOException {
        while (true) {
            Socket driver = listening.accept();
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            driver.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            open.add(driver);
            open.add(server);
            var asked = new AtomicBoolean();
            start(() -> copy(driver, server, () -> asked.set(true)));
            start(() -> copy(server, driver, () -> {
                if (asked.compareAndSet(true, false)) {
                    count.incrementAndGet();
                }
            }));
        }
    }

    private void copy(Socket from, Socket to, Runnable seen) throws IOException {
        try (from;
                to) {
            byte[] buffer = new byte[1 << 16];
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                seen.run();
                out.write(buffer, 0, n);
            }
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        var thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (IOException e) {
                        // One of the two is gone, or this is closed.
                    }
                },
                "round trips");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
