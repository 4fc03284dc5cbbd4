package dev.underpin.quickstart.downstream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A payment service that charges a card once for each key, and fails when it is told to. {@code POST /charges} with an
 * {@code Idempotency-Key} and a form of {@code card} and {@code amount} is 201, or 402 if the card is declined;
 * {@code POST /faults?next=drop} lets the next charge go wrong, once; {@code GET /charges} has what each key has paid. All that is
 * as long as the process. Thread-safe.
 */
public final class FlakyPayments extends FlakyService {
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

    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final Semaphore hanging = new Semaphore(0);
    private final Semaphore released = new Semaphore(0);
    private final Map<String, Entry> ledger = new LinkedHashMap<>(); // guarded by itself
    private final Map<String, Integer> answers = new LinkedHashMap<>(); // guarded by the ledger: statuses, for ever

    private FlakyPayments() {
        super("payments");
        serve("/charges", this::charges);
        serve("/faults", http -> command(http, "next", Fault.class, this::next));
    }

    /** {@return a service on this machine, on any port that is free} */
    public static FlakyPayments start() {
        var payments = new FlakyPayments();
        payments.open();
        return payments;
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
        if (isRefused(http)) {
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
            served(http, status, new byte[0]);
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
}
