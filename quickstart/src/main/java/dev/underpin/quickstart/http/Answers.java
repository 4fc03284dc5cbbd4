package dev.underpin.quickstart.http;

import dev.underpin.caching.http.CacheControl;
import dev.underpin.errors.Rendered;
import dev.underpin.errors.Renderer;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.Result;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends every answer that goes through the router. Thread-safe. */
final class Answers {
    private static final Logger log = LoggerFactory.getLogger(Answers.class);

    private static final int NOT_MODIFIED = 304;
    private static final int FIRST_OF_ERRORS = 400;

    private final Renderer renderer;

    Answers(Renderer renderer) {
        this.renderer = renderer;
    }

    /** What a route does with a request. */
    @FunctionalInterface
    interface Route {
        /** {@return an envelope, or data to be put into one, or an error} */
        Result<?, ? extends DomainError> run(Context http);
    }

    /** {@return a handler that answers with what the route returns or throws} */
    Handler to(Route route) {
        return http -> send(http, renderer.answer(http::header, request -> route.run(http)));
    }

    /** Answers where the router itself gives up: no such address, no such method. */
    void refused(HttpResponseException e, Context http) {
        ErrorCode code = HttpErrors.of(e.getStatus());
        send(http, renderer.answer(http::header, request -> Result.err(code.error())));
        if (e instanceof MethodNotAllowedResponse) {
            e.getDetails().values().forEach(methods -> http.header("Allow", methods));
        }
    }

    /** Answers where the router failed around a route. */
    void failed(Exception e, Context http) {
        send(http, renderer.answer(http::header, request -> {
            throw e;
        }));
    }

    /** Answers an {@link Error}, of which nothing is known but that ordinary code cannot be relied on. */
    static void broken(HttpServletResponse response, Error error) {
        log.error("A request ended in an error of the virtual machine", error);
        if (response.isCommitted()) {
            return;
        }
        response.resetBuffer();
        Rendered.internalError().send(response::setStatus, response::setHeader, body -> write(response, body));
    }

    private static void write(HttpServletResponse response, byte[] body) {
        try {
            response.getOutputStream().write(body);
        } catch (IOException e) {
            log.debug("The client went away", e);
        }
    }

    private static void send(Context http, Rendered answer) {
        if (answer.status() >= FIRST_OF_ERRORS) {
            CacheControl.NO_STORE.headers().forEach(http::header);
        }
        if (answer.status() == NOT_MODIFIED) {
            // That of the router, which whoever has the content would take for the type of it.
            http.res().setContentType(null);
        }
        answer.send(http::status, http::header, http::result);
    }

    static Map<String, String> etag(long version) {
        return Map.of("ETag", "\"" + version + '"');
    }
}
