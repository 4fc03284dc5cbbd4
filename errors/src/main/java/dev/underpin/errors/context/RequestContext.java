package dev.underpin.errors.context;

import dev.underpin.errors.internal.LogText;
import dev.underpin.result.CanIgnoreReturnValue;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What is known about one request: its id, its trace, and what the client prefers. While it is open, {@code requestId}
 * and, if there is one, {@code traceId} are in the MDC, and so in every log line of the thread. A {@code traceId} that
 * the thread has from elsewhere is not: it is back when the context is closed.
 *
 * <p>The request id is the client's {@code X-Request-Id} if it is {@code [A-Za-z0-9._-]{1,128}}, else the trace id of a
 * valid {@code traceparent}, else a new one; so the log lines of one request can be found, and nobody can forge one.
 *
 * <p>{@link #put} and {@link #close} belong to the thread that opened the context; all other methods are thread-safe,
 * and work after closing too. The MDC follows neither a {@link java.util.concurrent.CompletableFuture} nor a new thread:
 * {@link #wrap(Executor)} carries it there.
 */
public final class RequestContext implements AutoCloseable {
    /** The MDC key of the request id. */
    public static final String REQUEST_ID = "requestId";

    /** The MDC key of the trace id. */
    public static final String TRACE_ID = "traceId";

    private static final int MAX_VALUE = 128;

    // What is never closed stays reachable from its thread; so many at most.
    private static final int MAX_DEPTH = 16;

    private static final ThreadLocal<@Nullable RequestContext> INNERMOST = new ThreadLocal<>();

    private final String requestId;
    private final @Nullable String traceId;
    private final @Nullable String accept;
    private final @Nullable String acceptLanguage;
    private final boolean conditional;
    private final Thread opener = Thread.currentThread();
    private final Map<String, @Nullable String> outer = new HashMap<>(4);
    private final @Nullable RequestContext enclosing;
    private final int depth;
    private volatile Map<String, String> own;
    private @Nullable Locale locale; // found on demand; a Locale may be published by a race
    private boolean closed;

    private RequestContext(Function<String, @Nullable String> headers) {
        // Everything is read now: a server may reuse the request object once the answer is sent.
        String sent = RequestHeaders.read(headers, "X-Request-Id");
        traceId = RequestHeaders.traceId(RequestHeaders.read(headers, "traceparent"));
        if (sent != null && RequestHeaders.isRequestId(sent)) {
            requestId = sent;
        } else {
            requestId = traceId == null ? RequestHeaders.newRequestId() : traceId;
        }
        accept = RequestHeaders.read(headers, "Accept");
        acceptLanguage = RequestHeaders.read(headers, "Accept-Language");
        conditional = RequestHeaders.read(headers, "If-Match") != null
                || RequestHeaders.read(headers, "If-None-Match") != null
                || RequestHeaders.read(headers, "If-Modified-Since") != null
                || RequestHeaders.read(headers, "If-Unmodified-Since") != null;
        own = traceId == null ? Map.of(REQUEST_ID, requestId) : Map.of(REQUEST_ID, requestId, TRACE_ID, traceId);
        RequestContext innermost = INNERMOST.get();
        enclosing = innermost == null || innermost.depth == MAX_DEPTH ? null : innermost;
        depth = enclosing == null ? 0 : enclosing.depth + 1;
        INNERMOST.set(this);
        String stale = traceId == null ? MDC.get(TRACE_ID) : null;
        if (stale != null) {
            outer.put(TRACE_ID, stale);
            MDC.remove(TRACE_ID);
        }
        own.forEach(this::enter);
    }

    /**
     * Opens a context, to be closed by the same thread. Contexts nest: closing one restores what the MDC held before.
     *
     * @param headers finds a header by name and returns null if there is none; one that throws counts as none. It is
     *     called during this call only.
     * @return the open context
     */
    public static RequestContext open(Function<String, @Nullable String> headers) {
        return new RequestContext(Objects.requireNonNull(headers, "headers"));
    }

    /**
     * Adds a value to the MDC until this context is closed, such as the user or the tenant.
     *
     * @param mdcKey the key; not {@value #REQUEST_ID} or {@value #TRACE_ID}
     * @param value the value; what could end or disguise a log line becomes {@code _}, and only the first
     *     {@value #MAX_VALUE} characters are kept
     * @return this
     * @throws IllegalArgumentException if the key is one of the two
     * @throws IllegalStateException if the context is closed, or was opened by another thread
     */
    @CanIgnoreReturnValue
    public RequestContext put(String mdcKey, String value) {
        Objects.requireNonNull(mdcKey, "mdcKey");
        Objects.requireNonNull(value, "value");
        if (mdcKey.equals(REQUEST_ID) || mdcKey.equals(TRACE_ID)) {
            throw new IllegalArgumentException("mdcKey must not be one that this context sets itself: " + mdcKey);
        }
        if (closed || !Thread.currentThread().equals(opener)) {
            throw new IllegalStateException("put needs an open context, and the thread that opened it");
        }
        String printable = LogText.of(value, MAX_VALUE);
        Map<String, String> more = new HashMap<>(own);
        more.put(mdcKey, printable);
        own = Map.copyOf(more);
        enter(mdcKey, printable);
        return this;
    }

    private void enter(String key, String value) {
        if (!outer.containsKey(key)) {
            outer.put(key, MDC.get(key));
        }
        MDC.put(key, value);
    }

    /** {@return the id of the request: in the answer, in the MDC, in every log line} */
    public String requestId() {
        return requestId;
    }

    /** {@return the 32 hex digits of the W3C trace the request belongs to} */
    public Optional<String> traceId() {
        return Optional.ofNullable(traceId);
    }

    /** {@return the language the client prefers; English if it names none, never the default of this process} */
    public Locale locale() {
        Locale known = locale;
        if (known == null) {
            known = RequestHeaders.locale(acceptLanguage);
            locale = known;
        }
        return known;
    }

    /** {@return the {@code Accept} header, as it was sent} */
    public Optional<String> accept() {
        return Optional.ofNullable(accept);
    }

    /**
     * {@return whether the request has a condition: {@code If-Match}, {@code If-None-Match}, {@code If-Modified-Since} or
     * {@code If-Unmodified-Since}}
     */
    public boolean conditional() {
        return conditional;
    }

    /**
     * {@return a task that runs with the MDC this thread has now, and this context's values in it} Whatever the thread
     * that runs it had in its MDC is hidden from the task, and is back afterwards.
     *
     * @param task the task
     */
    public Runnable wrap(Runnable task) {
        Objects.requireNonNull(task, "task");
        return carrying(MDC.getCopyOfContextMap(), task);
    }

    private Runnable carrying(@Nullable Map<String, String> caller, Runnable task) {
        Map<String, String> carried = caller == null ? new HashMap<>() : new HashMap<>(caller);
        if (traceId == null) {
            carried.remove(TRACE_ID);
        }
        carried.putAll(own);
        return () -> {
            Map<String, String> before = MDC.getCopyOfContextMap();
            MDC.setContextMap(carried);
            try {
                task.run();
            } finally {
                if (before == null) {
                    MDC.clear();
                } else {
                    MDC.setContextMap(before);
                }
            }
        };
    }

    /**
     * {@return an executor whose tasks run with the MDC this thread has now, and this context's values in it} For
     * {@code CompletableFuture.supplyAsync(task, context.wrap(executor))} and its like. The MDC of the thread that hands
     * a task in is not looked at: a future hands its next stage in from whichever thread completes it, which may work
     * for somebody else. What is {@link #put} before a task is handed in, the task sees.
     *
     * @param executor runs the tasks
     */
    public Executor wrap(Executor executor) {
        Objects.requireNonNull(executor, "executor");
        Map<String, String> caller = MDC.getCopyOfContextMap();
        return task -> executor.execute(carrying(caller, Objects.requireNonNull(task, "task")));
    }

    /**
     * Restores what the MDC held before. Does nothing if called again.
     *
     * <p>Does nothing, and says nothing, on another thread than the one that opened the context: the MDC belongs to a
     * thread, and that of the opener stays as it is until it closes the context itself. Where a request changes threads,
     * close the context where it was opened, and carry it on by {@link #wrap(Executor)}.
     *
     * <p>Contexts are to be closed in the reverse order of opening, as try-with-resources does. A context that is closed
     * too early takes the values of those opened after it on the same thread out of the MDC as well; closing these later
     * does nothing.
     */
    @Override
    public void close() {
        if (closed || !Thread.currentThread().equals(opener)) {
            return;
        }
        closed = true;
        RequestContext innermost = INNERMOST.get();
        if (isAround(innermost)) {
            for (RequestContext inner = innermost; inner != null && !inner.equals(this); inner = inner.enclosing) {
                inner.restore();
            }
            if (enclosing == null) {
                INNERMOST.remove();
            } else {
                INNERMOST.set(enclosing);
            }
        }
        restore();
    }

    private boolean isAround(@Nullable RequestContext innermost) {
        RequestContext one = innermost;
        while (one != null && !one.equals(this)) {
            one = one.enclosing;
        }
        return one != null;
    }

    private void restore() {
        outer.forEach((key, before) -> {
            if (before == null) {
                MDC.remove(key);
            } else {
                MDC.put(key, before);
            }
        });
        outer.clear();
    }
}
