package dev.underpin.quickstart.http;

import dev.underpin.errors.context.RequestContext;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One line for each request, also for one that was none. Neither query nor headers nor the client's address: a log is
 * kept longer than those should be.
 */
final class AccessLog implements RequestLog {
    private static final Logger log = LoggerFactory.getLogger("access");
    private static final int MAX_TEXT = 200;

    @Override
    public void log(Request request, Response response) {
        @Nullable String requestId = response.getHeaders().get("X-Request-Id");
        // The context of the request is closed by now, and this may be another thread.
        MDC.put(RequestContext.REQUEST_ID, requestId == null ? "-" : requestId);
        try {
            log.atInfo()
                    .addKeyValue("method", bounded(request.getMethod()))
                    .addKeyValue("path", bounded(request.getHttpURI().getPath()))
                    .addKeyValue("status", response.getStatus())
                    .addKeyValue("bytes", Response.getContentBytesWritten(response))
                    .addKeyValue(
                            "millis", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - request.getBeginNanoTime()))
                    .log("Answered");
        } finally {
            MDC.remove(RequestContext.REQUEST_ID);
        }
    }

    private static String bounded(@Nullable String text) {
        return text == null || text.length() <= MAX_TEXT ? String.valueOf(text) : text.substring(0, MAX_TEXT) + "...";
    }
}
