package dev.underpin.quickstart.http;

import dev.underpin.errors.Rendered;
import dev.underpin.errors.Renderer;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers where a request never reached the router: a request line that is none, headers that are too large, a server
 * that is stopping. Jetty would answer with a page of its own, or with the text of its exception.
 */
final class ServerErrors implements Request.Handler {
    private final Renderer renderer;

    ServerErrors(Renderer renderer) {
        this.renderer = renderer;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        @Nullable Throwable thrown = (Throwable) request.getAttribute(ErrorHandler.ERROR_EXCEPTION);
        int status = thrown instanceof HttpException http ? http.getCode() : response.getStatus();
        DomainError error = error(status, thrown);
        Rendered answer = renderer.answer(request.getHeaders()::get, context -> Result.err(error));
        answer.send(
                response::setStatus,
                response.getHeaders()::put,
                body -> response.write(/* last= */ true, ByteBuffer.wrap(body), callback));
        return true;
    }

    private static DomainError error(int status, @Nullable Throwable thrown) {
        var error = DomainError.builder(HttpErrors.of(status));
        if (thrown != null) {
            error.cause(thrown);
        }
        return error.build();
    }
}
