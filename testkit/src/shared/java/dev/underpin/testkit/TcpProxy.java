package dev.underpin.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network between a client and its server that fails when a test says so, and counts round trips.
 *
 * <p>The client is given the loopback address and {@link #port} in the place of its server's. As it is made, the proxy
 * passes everything on. {@link #inject} breaks the next connection whose client sends a given text; {@link #cut},
 * {@link #freeze} and {@link #refuse} befall all connections at once; {@link #heal} ends whatever a test has begun.
 *
 * <p>What clients send is looked at as it arrives, in pieces of up to 64 KiB, each byte a character: a text that came in
 * two pieces is not found, nor one that is encrypted, compressed, or known to the server by a number since it was first
 * sent, as prepared statements are. Answers are told from requests by their turn, so that the protocol should be one in
 * which the client waits. A side that ends its half of a connection ends all of it. Whose connection is broken sees its
 * stream end, or a reset.
 *
 * <p>Thread-safe. The proxy has a daemon thread, and two more for each connection.
 */
public final class TcpProxy implements AutoCloseable {
    /** What happens to a connection whose client sends what a test waits for. */
    public enum Fault {
        /** The connection ends, and the server never hears the request. */
        LOSE_REQUEST,
        /** The server hears the request, and the connection ends when it answers. */
        LOSE_ANSWER,
        /** The server hears the request, and from then on the network is as {@link #freeze} says. */
        HANG_ANSWER
    }

    /**
     * A request for a commit: the word in any case, but not in {@code autocommit}, by which transactions begin on some
     * servers, nor in names such as {@code synchronous_commit}.
     */
    public static final Predicate<String> COMMIT =
            Pattern.compile("(?i)(?<![a-z_])commit(?![a-z_])").asPredicate();

    private final InetAddress here = InetAddress.getLoopbackAddress();
    private final String host;
    private final int serverPort;
    private final ServerSocket listening;
    private final AtomicLong roundTrips = new AtomicLong();
    private final AtomicReference<@Nullable Injected> injected = new AtomicReference<>();

    /* The lock guards what follows, and is not held while anything is read, written or closed. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Link> links = new LinkedHashSet<>();
    private boolean refusing;
    private boolean frozen;
    private boolean withheld;

    private TcpProxy(String host, int serverPort) throws IOException {
        this.host = host;
        this.serverPort = serverPort;
        this.listening = new ServerSocket(0, 50, here);
    }

    /**
     * {@return a proxy that passes everything on}
     *
     * @param host the name or address of the server, which is looked up for each connection
     * @param port its port, from 1 to 65535; nobody needs to listen there yet
     * @throws IOException if no port can be listened on
     */
    public static TcpProxy to(String host, int port) throws IOException {
        Objects.requireNonNull(host, "host");
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port must be from 1 to 65535: " + port);
        }
        var proxy = new TcpProxy(host, port);
        proxy.start("accept", proxy::accept);
        return proxy;
    }

    /** {@return the port of the loopback address that clients connect to} */
    public int port() {
        return listening.getLocalPort();
    }

    /**
     * Breaks the next connection whose client sends a text, once, in place of what was injected before.
     *
     * @param fault how
     * @param text what the client sends, among other things
     */
    public void inject(Fault fault, String text) {
        Objects.requireNonNull(text, "text");
        inject(fault, sent -> sent.contains(text));
    }

    /**
     * Breaks the next connection whose client sends something, once, in place of what was injected before.
     *
     * @param fault how
     * @param request whether it is what was sent, such as {@link #COMMIT}; asked on the threads of all connections
     */
    public void inject(Fault fault, Predicate<String> request) {
        inject(fault, request, () -> {});
    }

    /**
     * Breaks the next connection whose client sends something, once, and does something else at that moment, in place of
     * what was injected before.
     *
     * @param fault how
     * @param request whether it is what was sent, such as {@link #COMMIT}; asked on the threads of all connections
     * @param action what to do before the client learns of it: when the request has come, or with
     *     {@link Fault#LOSE_ANSWER} when its answer has. It runs on the connection's thread, which passes nothing on
     *     meanwhile
     */
    public void inject(Fault fault, Predicate<String> request, Runnable action) {
        injected.set(new Injected(
                Objects.requireNonNull(fault, "fault"),
                Objects.requireNonNull(request, "request"),
                Objects.requireNonNull(action, "action")));
    }

    /** {@return whether what was injected has yet to happen} */
    public boolean pending() {
        return injected.get() != null;
    }

    /** Ends all connections. New ones are made as before. */
    public void cut() {
        links().forEach(Link::end);
    }

    /**
     * Ends one of the connections, if there is any.
     *
     * @param random says which
     */
    public void cutOne(RandomGenerator random) {
        List<Link> all = links();
        if (!all.isEmpty()) {
            all.get(random.nextInt(all.size())).end();
        }
    }

    /** Ends new connections as soon as they are made, until {@link #heal}. Those that there are stay. */
    public void refuse() {
        lock.lock();
        try {
            refusing = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps back whatever servers say, on all connections, until {@link #heal}. They still hear what clients say, and no
     * connection ends by it.
     */
    public void freeze() {
        lock.lock();
        try {
            frozen = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a server has said something that is kept back: it has done what it was asked, and its client does not
     * know.
     *
     * @throws InterruptedException if the thread is interrupted; its flag is cleared
     */
    public void awaitWithheld() throws InterruptedException {
        lock.lock();
        try {
            while (!withheld) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Makes new connections again, hands over what was kept back, and forgets what was injected and has yet to happen. */
    public void heal() {
        injected.set(null);
        lock.lock();
        try {
            refusing = false;
        } finally {
            lock.unlock();
        }
        thaw();
    }

    private void thaw() {
        lock.lock();
        try {
            frozen = false;
            withheld = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@return how often a client has sent something and then got an answer, on any connection so far} */
    public long roundTrips() {
        return roundTrips.get();
    }

    /** Ends all connections, and listens no more. What is kept back is lost. */
    @Override
    public void close() {
        refuse();
        try (listening) {
            cut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            thaw(); // no thread is left waiting
        }
    }

    private void accept() throws IOException {
        while (true) {
            var link = new Link(listening.accept());
            if (admit(link)) {
                start("requests", link::requests);
            } else {
                link.end();
            }
        }
    }

    private boolean admit(Link link) {
        lock.lock();
        try {
            return !refusing && links.add(link);
        } finally {
            lock.unlock();
        }
    }

    private List<Link> links() {
        lock.lock();
        try {
            return List.copyOf(links);
        } finally {
            lock.unlock();
        }
    }

    private void forget(Link link) {
        lock.lock();
        try {
            links.remove(link);
        } finally {
            lock.unlock();
        }
    }

    private void awaitThaw() {
        lock.lock();
        try {
            while (frozen) {
                if (!withheld) { // once: those who wait here would wake each other for ever
                    withheld = true;
                    changed.signalAll();
                }
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Injected take(byte[] bytes, int length) {
        Injected next = injected.get();
        return next != null
                        && next.request.test(new String(bytes, 0, length, ISO_8859_1))
                        && injected.compareAndSet(next, null)
                ? next
                : null;
    }

    private void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // the connection has ended, or the proxy
                    }
                },
                "proxy " + port() + " " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private interface Work {
        void run() throws IOException;
    }

    private record Injected(Fault fault, Predicate<String> request, Runnable action) {}

    /** A connection of a client, and the one to the server that is its other half. */
    private final class Link {
        private static final int PIECE = 1 << 16;

        private final Socket client;
        private final Socket server = new Socket();
        private volatile boolean asked;
        private volatile @Nullable Injected losing;

        Link(Socket client) {
            this.client = client;
        }

        void requests() throws IOException {
            try {
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                server.connect(new InetSocketAddress(host, serverPort));
                start("answers", this::answers);
                byte[] piece = new byte[PIECE];
                InputStream in = client.getInputStream();
                OutputStream out = server.getOutputStream();
                int length = in.read(piece);
                while (length >= 0 && isPassed(take(piece, length))) {
                    asked = true;
                    out.write(piece, 0, length);
                    length = in.read(piece);
                }
            } finally {
                if (losing == null) {
                    end();
                }
            }
        }

        private boolean isPassed(@Nullable Injected now) {
            if (now == null) {
                return true;
            }
            switch (now.fault) {
                case LOSE_REQUEST -> now.action.run();
                case LOSE_ANSWER -> losing = now;
                case HANG_ANSWER -> {
                    freeze();
                    now.action.run();
                }
            }
            return now.fault != Fault.LOSE_REQUEST;
        }

        private void answers() throws IOException {
            try {
                byte[] piece = new byte[PIECE];
                InputStream in = server.getInputStream();
                OutputStream out = client.getOutputStream();
                int length = in.read(piece);
                while (length >= 0 && losing == null) {
                    awaitThaw();
                    if (asked) {
                        asked = false;
                        roundTrips.incrementAndGet(); // before the client can know of it
                    }
                    out.write(piece, 0, length);
                    length = in.read(piece);
                }
                Injected now = losing;
                if (now != null) {
                    now.action.run();
                }
            } finally {
                end();
            }
        }

        void end() {
            forget(this);
            try (client;
                    server) {
                // both, even if one of them fails
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
