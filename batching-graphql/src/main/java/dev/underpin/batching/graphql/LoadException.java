package dev.underpin.batching.graphql;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import graphql.ErrorClassification;
import graphql.ErrorType;
import graphql.GraphQLError;
import graphql.language.SourceLocation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a field fails with whose key could not be loaded. It is a {@link GraphQLError}, so that the engine's own handler of
 * exceptions shows its extensions: {@code code}, the name of the error's code, and {@code kind}. The message is that of the
 * error; for a failure of the server it is the text of the kind, which reveals nothing. Neither has keys. A handler of the
 * service finds everything else in {@link #error}. Each caller has one of its own; no stack trace is taken. Not to be
 * serialized, although its type says so.
 */
public final class LoadException extends RuntimeException implements GraphQLError {
    private static final long serialVersionUID = 1;

    private final transient DomainError error;

    LoadException(DomainError error) {
        super(text(error), error.cause().orElse(null), /* enableSuppression= */ true, /* writableStackTrace= */ false);
        this.error = error;
    }

    private static String text(DomainError error) {
        ErrorKind kind = error.kind();
        return switch (kind) {
            case INTERNAL, NOT_IMPLEMENTED, BAD_GATEWAY, UNAVAILABLE, TIMEOUT ->
                kind.code().text();
            case MALFORMED,
                    VALIDATION,
                    UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_FOUND,
                    CONFLICT,
                    PRECONDITION,
                    UNPROCESSABLE,
                    RATE_LIMITED,
                    CANCELLED -> error.message();
        };
    }

    /** {@return the error of the loader} For logs and for handlers; it may hold what a client must not see. */
    public DomainError error() {
        return error;
    }

    /** {@return the text for the client} */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** {@return {@code code} and {@code kind}} */
    @Override
    public Map<String, Object> getExtensions() {
        Map<String, Object> extensions = new LinkedHashMap<>();
        extensions.put("code", error.code().name());
        extensions.put("kind", error.kind().name());
        return extensions;
    }

    /** {@return that it happened while data was fetched} */
    @Override
    public ErrorClassification getErrorType() {
        return ErrorType.DataFetchingException;
    }

    /** {@return null: the engine knows where} */
    @Override
    public @Nullable List<SourceLocation> getLocations() {
        return null;
    }
}
