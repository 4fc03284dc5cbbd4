package dev.underpin.quickstart.http;

import dev.underpin.result.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Reads each body before a route gets its request. A route blocks its thread, so it must not wait for a client: a few
 * slow ones would hold every thread. Here they hold a connection and what they have sent. Thread-safe.
 */
final class BodyReader extends Handler.Wrapper {
    /** A client that is still sending may miss its answer, so what is just too large is read to its end, and forgotten. */
    private static final int MAX_READ_BYTES = 4 * HttpErrors.MAX_BODY_BYTES;

    private final Duration timeout;

    /** @param timeout how long a body may take, however busily it arrives */
    BodyReader(Duration timeout) {
        this.timeout = timeout;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (request.getLength() > MAX_READ_BYTES) {
            Response.writeError(request, response, callback, HttpStatus.PAYLOAD_TOO_LARGE_413);
            return true;
        }
        new Reading(request, response, callback).run();
        return true;
    }

    /** One body on its way. Its runs never overlap; only the deadline comes from another thread. */
    private final class Reading implements Runnable {
        private final Request request;
        private final Response response;
        private final Callback callback;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private final AtomicBoolean isDecided = new AtomicBoolean();
        private int received;
        private Scheduler.@Nullable Task deadline;

        Reading(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void run() {
            while (true) {
                Content.@Nullable Chunk chunk = request.read();
                if (chunk == null) {
                    awaitMore();
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    // Of connections that say nothing, a stopping server bears a second; of running requests, more.
                    if (!chunk.isLast() && getServer().isStopping()) {
                        continue;
                    }
                    fail(chunk.getFailure());
                    return;
                }
                boolean isLast = chunk.isLast();
                append(chunk);
                if (isLast || received > MAX_READ_BYTES) {
                    pass();
                    return;
                }
            }
        }

        private void awaitMore() {
            if (deadline == null) {
                deadline = request.getComponents()
                        .getScheduler()
                        .schedule(this::expire, timeout.toMillis(), TimeUnit.MILLISECONDS);
            }
            request.demand(this);
        }

        private void append(Content.Chunk chunk) {
            byte[] bytes = new byte[chunk.remaining()];
            chunk.getByteBuffer().get(bytes);
            chunk.release();
            received += bytes.length;
            if (!isTooLarge()) {
                body.writeBytes(bytes);
            }
        }

        private boolean isTooLarge() {
            return received > HttpErrors.MAX_BODY_BYTES;
        }

        /** Makes the next read fail. */
        private void expire() {
            if (isDecided.compareAndSet(false, true)) {
                request.fail(new TimeoutException("The body was not complete after " + timeout));
            }
        }

        private void fail(Throwable failure) {
            decide();
            callback.failed(new HttpException.RuntimeException(status(failure), failure));
        }

        private int status(Throwable failure) {
            if (isTooLarge()) {
                return HttpStatus.PAYLOAD_TOO_LARGE_413;
            }
            if (failure instanceof HttpException http) {
                return http.getCode();
            }
            return failure instanceof TimeoutException ? HttpStatus.REQUEST_TIMEOUT_408 : HttpStatus.BAD_REQUEST_400;
        }

        private void pass() {
            if (!decide()) {
                fail(new TimeoutException("The body was complete too late"));
                return;
            }
            if (isTooLarge()) {
                Response.writeError(request, response, callback, HttpStatus.PAYLOAD_TOO_LARGE_413);
                return;
            }
            try {
                if (!getHandler().handle(new Whole(request, body.toByteArray()), response, callback)) {
                    Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
                }
            } catch (Throwable t) { // an Error, too: nobody else would answer the client
                Response.writeError(request, response, callback, t);
            }
        }

        /** {@return whether it was before the deadline} */
        @CanIgnoreReturnValue
        private boolean decide() {
            if (deadline != null) {
                deadline.cancel();
            }
            return isDecided.compareAndSet(false, true);
        }
    }

    /** A request whose body is all there. */
    private static final class Whole extends Request.Wrapper {
        private final Content.Source body;

        Whole(Request request, byte[] body) {
            super(request);
            this.body = Content.Source.from(ByteBuffer.wrap(body));
        }

        @Override
        public Content.@Nullable Chunk read() {
            return body.read();
        }

        @Override
        public void demand(Runnable onContent) {
            body.demand(onContent);
        }
    }
}
