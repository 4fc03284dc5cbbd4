package dev.underpin.persistence;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** Stands between a driver and its server: counts round trips, and breaks connections where it is told to. */
final class TcpProxy implements AutoCloseable {
    /** What happens to a connection on which a client asks for a commit. */
    enum AtCommit {
        NOTHING,
        /** The server never hears of it. */
        CUT_BEFORE,
        /** The server hears of it, and the client nothing any more. */
        CUT_BEHIND,
        /** The server hears of it, and the client waits for the answer. */
        FREEZE
    }

    /** Not {@code autocommit}, which is how a transaction begins on MariaDB, nor {@code synchronous_commit}. */
    private static final Pattern COMMIT = Pattern.compile("(?i)(?<![a-z_])commit(?![a-z_])");

    private final ServerSocket listening;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger roundTrips = new AtomicInteger();
    private volatile AtCommit atCommit = AtCommit.NOTHING;
    private volatile Pattern awaited = COMMIT;
    private volatile int commitsToPass;
    private volatile Runnable atBreak = () -> {};
    private volatile boolean down;
    private final Object thaw = new Object();
    private boolean frozen;
    private boolean withheld;

    TcpProxy(int target) throws IOException {
        this.target = target;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("accept", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Breaks the next connection that asks for a commit, once. */
    void breakNext(AtCommit how) {
        breakAfter(0, how);
    }

    /** Breaks the next connection that asks for a commit, once, and does something to the server at the same moment. */
    void breakNext(AtCommit how, Runnable action) {
        atBreak = action;
        breakAfter(0, how);
    }

    /** Breaks one of the connections that are open, if there is any. */
    void breakOne(RandomGenerator random) {
        List<Socket> all = List.copyOf(open);
        if (!all.isEmpty()) {
            close(all.get(random.nextInt(all.size())));
        }
    }

    /** Breaks the next connection whose client says something, once, as if that were a commit. */
    void breakAt(String text, AtCommit how) {
        commitsToPass = 0;
        awaited = Pattern.compile(Pattern.quote(text));
        atCommit = how;
    }

    /** Lets some commits pass, and breaks the connection that asks for the next one. */
    void breakAfter(int commits, AtCommit how) {
        commitsToPass = commits;
        awaited = COMMIT;
        atCommit = how;
    }

    /** Refuses and breaks all connections, or does so no more. */
    void down(boolean isDown) {
        down = isDown;
        if (isDown) {
            open.forEach(TcpProxy::close);
        }
    }

    /** Keeps back whatever the server says from now on, or hands it over; no connection ends by it. */
    void freeze(boolean isFrozen) {
        synchronized (thaw) {
            frozen = isFrozen;
            withheld = false;
            thaw.notifyAll();
        }
    }

    /** Keeps back the answer to the next commit, and whatever the server says from then on. */
    void freezeAtCommit() {
        breakAfter(0, AtCommit.FREEZE);
    }

    /** Waits until the server has said something that is kept back. */
    void awaitWithheld() throws InterruptedException {
        synchronized (thaw) {
            while (!withheld) {
                thaw.wait();
            }
        }
    }

    private void awaitThaw() {
        synchronized (thaw) {
            while (frozen) {
                if (!withheld) { // once: those who wait here would wake each other for ever
                    withheld = true;
                    thaw.notifyAll();
                }
                try {
                    thaw.wait();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /** Refuses new connections, or does so no more; those that are open stay so. */
    void refuseNew(boolean refuses) {
        down = refuses;
    }

    /** Counts round trips from nought. */
    void forgetRoundTrips() {
        roundTrips.set(0);
    }

    /** {@return how often the client has sent something and then got an answer} */
    int roundTrips() {
        return roundTrips.get();
    }

    private void accept() throws IOException {
        while (!listening.isClosed()) {
            Socket client = listening.accept();
            if (down) {
                close(client);
                continue;
            }
            Socket server;
            try {
                server = new Socket(InetAddress.getLoopbackAddress(), target);
            } catch (IOException e) {
                close(client); // the server is down
                continue;
            }
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            open.add(client);
            open.add(server);
            var link = new Link(client, server);
            start("request", link::requests);
            start("answer", link::answers);
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean asked;
        private volatile boolean muted;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void requests() throws IOException {
            byte[] buffer = new byte[1 << 16];
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    AtCommit how = isAwaited(buffer, n) ? next() : AtCommit.NOTHING;
                    if (how == AtCommit.CUT_BEFORE) {
                        runAtBreak();
                        break;
                    }
                    if (how == AtCommit.FREEZE) {
                        freeze(true);
                    }
                    muted = how == AtCommit.CUT_BEHIND;
                    asked = true;
                    out.write(buffer, 0, n);
                    out.flush();
                }
            } finally {
                if (!muted) {
                    end();
                }
            }
        }

        void answers() throws IOException {
            byte[] buffer = new byte[1 << 16];
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            try {
                for (int n = in.read(buffer); n >= 0 && !muted; n = in.read(buffer)) {
                    awaitThaw();
                    if (asked) {
                        asked = false;
                        roundTrips.incrementAndGet();
                    }
                    out.write(buffer, 0, n);
                    out.flush();
                }
                if (muted) {
                    runAtBreak();
                }
            } finally {
                end(); // once the server has answered what nobody will hear
            }
        }

        private void runAtBreak() {
            Runnable action = atBreak;
            atBreak = () -> {};
            action.run();
        }

        private void end() {
            close(client);
            close(server);
            open.remove(client);
            open.remove(server);
        }
    }

    private synchronized AtCommit next() {
        AtCommit how = atCommit;
        if (how == AtCommit.NOTHING || commitsToPass-- > 0) {
            return AtCommit.NOTHING;
        }
        atCommit = AtCommit.NOTHING;
        return how;
    }

    private boolean isAwaited(byte[] bytes, int length) {
        return atCommit != AtCommit.NOTHING
                && awaited.matcher(new String(bytes, 0, length, StandardCharsets.ISO_8859_1))
                        .find();
    }

    /** {@return whether a connection was broken as {@link #breakNext} says} */
    boolean hasBroken() {
        return atCommit == AtCommit.NOTHING;
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // the connection is gone, as it was meant to be
                    }
                },
                "proxy " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        open.forEach(TcpProxy::close);
    }
}
