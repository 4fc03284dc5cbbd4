package dev.underpin.quickstart.downstream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A service that is as it is told to be: {@code POST /condition?be=down} tells it, {@code GET /condition} says how it is
 * and what it was asked so far. Thread-safe.
 */
public abstract sealed class FlakyService implements AutoCloseable permits FlakyPayments, FlakyCourier {
    static final int SLOW_MILLIS = 5_000;

    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;
    private static final String PATIENCE_SECONDS = "60";

    private final HttpServer server;
    private final ExecutorService executor;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger repeats = new AtomicInteger();
    private final AtomicInteger flakes = new AtomicInteger();
    private volatile Condition condition = Condition.WELL;

    /** Makes a service on this machine, on any port that is free. */
    FlakyService(String name) {
        executor = Executors.newCachedThreadPool(task -> daemon(task, name));
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(executor);
        server.createContext("/condition", this::condition);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Serves something at an address. */
    final void serve(String path, HttpHandler handler) {
        server.createContext(path, handler);
    }

    final void open() {
        server.start();
    }

    /** {@return whether the request has had its answer} That is so where the condition does not let it be served. */
    final boolean isRefused(HttpExchange http) throws IOException {
        requests.incrementAndGet();
        if (http.getRequestHeaders().containsKey("Previous-Attempts")) {
            repeats.incrementAndGet();
        }
        Condition now = condition;
        if (now == Condition.BUSY) {
            http.getResponseHeaders().set("Retry-After", PATIENCE_SECONDS);
            answer(http, TOO_MANY_REQUESTS, new byte[0]);
            return true;
        }
        if (now == Condition.DOWN || (now == Condition.FLAKY && flakes.getAndIncrement() % 2 == 0)) {
            answer(http, UNAVAILABLE, new byte[0]);
            return true;
        }
        return false;
    }

    /** Answers what was served; late, if the service is slow. */
    final void served(HttpExchange http, int status, byte[] body) throws IOException {
        if (condition == Condition.SLOW) {
            try {
                TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        answer(http, status, body);
    }

    static void answer(HttpExchange http, int status, byte[] body) throws IOException {
        http.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        try (http) {
            http.getResponseBody().write(body);
        }
    }

    /** {@return a parameter of the address; empty if it is not there} */
    static String parameter(HttpExchange http, String name) {
        @Nullable String query = http.getRequestURI().getQuery();
        return form(query == null ? "" : query).getOrDefault(name, "");
    }

    /** {@return the fields of a form, none of which needs an escape here} */
    static Map<String, String> form(String text) {
        Map<String, String> form = new LinkedHashMap<>();
        for (String field : text.split("&", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                form.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        return form;
    }

    /** Does what one of the constants that a parameter names asks for. */
    static <E extends Enum<E>> void command(HttpExchange http, String parameter, Class<E> type, Consumer<E> order)
            throws IOException {
        try {
            order.accept(Enum.valueOf(type, parameter(http, parameter).toUpperCase(Locale.ROOT)));
            answer(http, OK, new byte[0]);
        } catch (IllegalArgumentException e) {
            String names = Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
            answer(http, BAD_REQUEST, (parameter + " must be one of " + names).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void condition(HttpExchange http) throws IOException {
        if (http.getRequestMethod().equals("GET")) {
            String told = condition + ", " + requests + " requests, " + repeats + " of them repeats";
            answer(http, OK, told.getBytes(StandardCharsets.UTF_8));
        } else {
            command(http, "be", Condition.class, this::be);
        }
    }

    /** {@return where it is} */
    public final URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Makes it well, or not. */
    public final void be(Condition next) {
        flakes.set(0);
        condition = next;
    }

    /** {@return how often it was asked, repeats included} */
    public final int requests() {
        return requests.get();
    }

    /** {@return how many of the requests said that they were repeats} */
    public final int repeats() {
        return repeats.get();
    }

    /** Drops the requests that have no answer yet, and is gone. */
    @Override
    public void close() {
        server.stop(/* delay= */ 0);
        executor.shutdown();
    }
}
