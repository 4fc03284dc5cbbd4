package dev.underpin.quickstart.downstream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A payment service that charges a card once for each key, and fails when it is told to. {@code POST /charges} with an
 * {@code Idempotency-Key} and a form of {@code card} and {@code amount} is 201, or 402 if the card is declined;
 * {@code POST /faults?next=drop} lets the next charge go wrong; {@code GET /charges} has what each key has paid. All that is
 * as long as the process. Thread-safe.
 */
public final class FlakyPayments implements AutoCloseable {
    /** What can go wrong with the first request of a key. */
    public enum Fault {
        /** 503, and nothing is charged. */
        UNAVAILABLE,
        /** 402, now and whenever it is asked again. */
        DECLINE,
        /** The card is charged, and the connection dropped. */
        DROP,
        /** The card is charged, and there is no answer until {@link #release}. */
        HANG
    }

    /**
     * What became of a key.
     *
     * @param requests how often it was sent
     * @param charges how often money has moved
     */
    public record Entry(String key, String card, String amount, int requests, int charges) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHARGED = 201;
    private static final int DECLINED = 402;
    private static final int UNAVAILABLE = 503;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newCachedThreadPool(FlakyPayments::daemon);
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Semaphore hanging = new Semaphore(0);
    private final Semaphore released = new Semaphore(0);
    private final Map<String, Entry> ledger = new LinkedHashMap<>(); // guarded by itself
    private final Map<String, Integer> answers = new LinkedHashMap<>(); // guarded by the ledger: statuses, for ever

    private FlakyPayments(HttpServer server) {
        this.server = server;
    }

    /** {@return a service on this machine, on any port that is free} */
    public static FlakyPayments start() {
        try {
            var payments =
                    new FlakyPayments(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            payments.server.setExecutor(payments.executor);
            payments.server.createContext("/charges", payments::charges);
            payments.server.createContext("/faults", payments::faults);
            payments.server.start();
            return payments;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "payments");
        thread.setDaemon(true);
        return thread;
    }

    /** {@return where it is} */
    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Lets as many of the next charges go wrong. */
    public void next(Fault... next) {
        faults.addAll(Arrays.asList(next));
    }

    /** Waits for a request that hangs, each time for another one. */
    public void awaitHanging() throws InterruptedException {
        if (!hanging.tryAcquire(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("No request hangs");
        }
    }

    /** Lets one that hangs have its answer. */
    public void release() {
        released.release();
    }

    /** {@return what became of each key, the oldest first} */
    public List<Entry> ledger() {
        synchronized (ledger) {
            return List.copyOf(ledger.values());
        }
    }

    private void charges(HttpExchange http) throws IOException {
        if (http.getRequestMethod().equals("GET")) {
            answer(http, 200, JSON.writeValueAsBytes(ledger()));
            return;
        }
        @Nullable String key = http.getRequestHeaders().getFirst("Idempotency-Key");
        Map<String, String> form = form(new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        if (key == null || !form.containsKey("card") || !form.containsKey("amount")) {
            answer(http, 400, new byte[0]);
            return;
        }
        @Nullable Fault fault;
        int status;
        synchronized (ledger) {
            fault = answers.containsKey(key) ? null : faults.poll();
            status = charged(key, form, fault);
        }
        if (fault == Fault.HANG) {
            hanging.release();
            released.acquireUninterruptibly();
        }
        if (fault == Fault.DROP) {
            http.close();
        } else {
            answer(http, status, new byte[0]);
        }
    }

    private static int first(@Nullable Fault fault) {
        return fault == Fault.UNAVAILABLE ? UNAVAILABLE : fault == Fault.DECLINE ? DECLINED : CHARGED;
    }

    /** Charges a card, unless its key was answered before. {@return the status} */
    private int charged(String key, Map<String, String> form, @Nullable Fault fault) {
        boolean isFirst = !answers.containsKey(key);
        int status = answers.getOrDefault(key, first(fault));
        if (status != UNAVAILABLE) {
            answers.put(key, status);
        }
        int charges = isFirst && status == CHARGED ? 1 : 0;
        ledger.merge(
                key,
                new Entry(key, form.getOrDefault("card", ""), form.getOrDefault("amount", ""), 1, charges),
                (before, now) -> new Entry(
                        key, now.card, now.amount, before.requests + now.requests, before.charges + now.charges));
        return status;
    }

    private void faults(HttpExchange http) throws IOException {
        @Nullable String query = http.getRequestURI().getQuery();
        try {
            next(Fault.valueOf(
                    form(query == null ? "" : query).getOrDefault("next", "").toUpperCase(Locale.ROOT)));
            answer(http, 200, new byte[0]);
        } catch (IllegalArgumentException e) {
            answer(
                    http,
                    400,
                    ("next must be one of " + Arrays.toString(Fault.values())).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** {@return the fields of a form, none of which needs an escape here} */
    private static Map<String, String> form(String text) {
        Map<String, String> form = new LinkedHashMap<>();
        for (String field : text.split("&", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                form.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        return form;
    }

    private static void answer(HttpExchange http, int status, byte[] body) throws IOException {
        http.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (http) {
            http.getResponseBody().write(body);
        }
    }

    /** Drops the requests that hang, and is gone. */
    @Override
    public void close() {
        server.stop(/* delay= */ 0);
        executor.shutdown();
    }
}
