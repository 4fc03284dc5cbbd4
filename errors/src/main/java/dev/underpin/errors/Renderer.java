package dev.underpin.errors;

import dev.underpin.errors.context.RequestContext;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/**
 * Turns results into HTTP answers. Immutable and thread-safe.
 *
 * <p>A success is {@code {"data": ..., "meta": ...}}. An error is {@code {"error": {"code", "message", "details"}}} as
 * {@code application/json}, or problem details (RFC 9457) if the client's {@code Accept} prefers
 * {@code application/problem+json}. Every answer has {@code X-Request-Id}; an error also {@code Vary}, and
 * {@code Retry-After} if it is known.
 *
 * <p>A failure of the server (status 500 and above, and the kinds INTERNAL, NOT_IMPLEMENTED, BAD_GATEWAY, UNAVAILABLE
 * and TIMEOUT) shows its code and the generic text of its kind, and nothing else. No answer shows anything of an
 * exception.
 *
 * <p>Each error is logged once, with code, status and request id: a failure of the server as ERROR with its exception and
 * its plain arguments, which no client sees; any other as DEBUG, without both. The exception behind any other error is
 * logged with it where its level is WARN or ERROR (see {@link Builder#logLevel}), or while this class's logger is on
 * TRACE; it may quote what the client sent. What could end or disguise a log line becomes {@code _} in all of them.
 *
 * <p>No rendering method throws, but for null arguments. An {@link Error} flies, and {@link Rendered#internalError()} is
 * there for the adapter that catches it.
 */
public final class Renderer {
    private static final byte[] NO_BODY = {};

    private final BodyWriter writer;
    private final Translator translator;
    private final Disclosure disclosure;
    private final AnswerLog log;
    private final Map<ErrorCode, Map<String, String>> headers;
    private final @Nullable CodeUris problemTypes;
    private final @Nullable CodeUris docs;
    private final String vary;

    private Renderer(Builder builder) {
        writer = builder.writer;
        translator = builder.translator;
        disclosure = new Disclosure(builder.statuses, builder.messages, builder.concealForbidden);
        log = new AnswerLog(builder.logLevel);
        headers = Map.copyOf(builder.headers);
        problemTypes = builder.problemType == null ? null : new CodeUris(builder.problemType);
        docs = builder.docs == null ? null : new CodeUris(builder.docs);
        vary = builder.messages == null ? "Accept" : "Accept, Accept-Language";
    }

    /**
     * {@return a builder}
     *
     * @param writer turns the answers into bytes
     */
    public static Builder builder(BodyWriter writer) {
        return new Builder(writer);
    }

    /**
     * {@return the answer to a request} Opens the context, runs the use case, and renders what it returns or throws. The
     * MDC is afterwards what it was, whatever the use case put into it.
     *
     * @param headers finds a header of the request by name and returns null if there is none
     * @param useCase what to do
     */
    public Rendered answer(Function<String, @Nullable String> headers, UseCase useCase) {
        Objects.requireNonNull(useCase, "useCase");
        Map<String, String> before = MDC.getCopyOfContextMap();
        try (RequestContext context = RequestContext.open(headers)) {
            return run(useCase, context);
        } finally {
            restoreMdc(before);
        }
    }

    private static void restoreMdc(@Nullable Map<String, String> before) {
        if (before == null || before.isEmpty()) {
            MDC.clear();
        } else {
            MDC.setContextMap(before);
        }
    }

    /**
     * {@return the answer to a result}
     *
     * @param result an {@link Envelope}, or data to be put into one ({@link dev.underpin.result.Unit} is written as
     *     null), or an error
     * @param context the request
     */
    public Rendered render(Result<?, ? extends DomainError> result, RequestContext context) {
        Objects.requireNonNull(context, "context");
        if (result instanceof Result.Ok<?, ? extends DomainError> ok) {
            return success(ok.value(), context);
        }
        if (result instanceof Result.Err<?, ? extends DomainError> err) {
            return error(err.error(), null, context);
        }
        return error(internal(new NullPointerException("the result is null")), null, context);
    }

    /**
     * {@return the answer to what was thrown}
     *
     * @param thrown anything, an {@link Error} too
     * @param context the request
     */
    public Rendered render(Throwable thrown, RequestContext context) {
        Objects.requireNonNull(context, "context");
        return error(translator.translate(thrown), thrown, context);
    }

    private Rendered run(UseCase useCase, RequestContext context) {
        Result<?, ? extends DomainError> result;
        try {
            result = useCase.run(context);
        } catch (Exception thrown) {
            if (thrown instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            return render(thrown, context);
        }
        return render(result, context);
    }

    private Rendered success(Object value, RequestContext context) {
        Envelope<?> envelope = value instanceof Envelope<?> given ? given : Envelope.of(value);
        boolean hasBody = envelope.status() != 204 && envelope.status() != 205 && envelope.status() != 304;
        try {
            return new Rendered(
                    envelope.status(),
                    Headers.ofSuccess(envelope.headers(), hasBody, context.requestId()),
                    hasBody ? writer.write(tree(envelope)) : NO_BODY);
        } catch (Exception bug) {
            return error(internal(bug), null, context);
        }
    }

    private static Fields tree(Envelope<?> envelope) {
        Object data = envelope.data();
        Fields tree = new Fields(2).add(FieldName.DATA, data == Unit.UNIT ? null : data);
        return envelope.meta().isEmpty() ? tree : tree.add(FieldName.META, envelope.meta());
    }

    private Rendered error(DomainError error, @Nullable Throwable thrown, RequestContext context) {
        Shown shown;
        Rendered answer;
        Params params = new Params();
        try {
            shown = disclosure.of(error, context);
            boolean problem = Accept.prefersProblem(context.accept().orElse(""));
            Fields tree = problem ? ProblemTree.of(shown, problemTypes, params) : ErrorTree.of(shown, docs, params);
            answer = new Rendered(
                    shown.status(),
                    Headers.ofError(headers.get(shown.code()), problem, vary, shown),
                    writer.write(tree));
        } catch (Exception bug) {
            return constant(error, thrown, bug, context);
        }
        log.answered(error, thrown, shown, params.leftOut());
        return answer;
    }

    private Rendered constant(DomainError error, @Nullable Throwable thrown, Exception bug, RequestContext context) {
        log.failed(error, thrown, bug, context.requestId());
        Rendered constant = Rendered.internalError();
        return new Rendered(
                constant.status(),
                Headers.ofSuccess(constant.headers(), /* body= */ true, context.requestId()),
                constant.body());
    }

    private static DomainError internal(Exception cause) {
        return DomainError.builder(ErrorKind.INTERNAL.code()).cause(cause).build();
    }

    /** Builds a {@link Renderer}; every option has a default. Confined to one thread. */
    public static final class Builder {
        final BodyWriter writer;
        final Map<ErrorCode, Map<String, String>> headers = new HashMap<>();
        Statuses statuses = Statuses.standard();
        Translator translator = Translator.builder().build();

        @Nullable
        MessageResolver messages;

        @Nullable
        URI problemType;

        @Nullable
        URI docs;

        boolean concealForbidden;

        @Nullable
        Function<? super DomainError, Level> logLevel;

        private Builder(BodyWriter writer) {
            this.writer = Objects.requireNonNull(writer, "writer");
        }

        /**
         * Sets which status an error gets; {@link Statuses#standard()} by default.
         *
         * @param statuses the table
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder statuses(Statuses statuses) {
            this.statuses = Objects.requireNonNull(statuses, "statuses");
            return this;
        }

        /**
         * Sets what exceptions stand for; by default every one is an internal error.
         *
         * @param translator the translator
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder translator(Translator translator) {
            this.translator = Objects.requireNonNull(translator, "translator");
            return this;
        }

        /**
         * Sets where texts in the client's language are found; by default every answer has the default texts. Those of a
         * failure of the server stay generic: they are looked up by the code of its kind.
         *
         * @param resolver finds the texts
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder messages(MessageResolver resolver) {
            this.messages = Objects.requireNonNull(resolver, "resolver");
            return this;
        }

        /**
         * Sets what the {@code type} of problem details begins with; {@code about:blank} by default.
         *
         * @param base for example {@code https://example.org/problems/}; the code in kebab-case is appended as it is
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder problemType(URI base) {
            this.problemType = Objects.requireNonNull(base, "base");
            return this;
        }

        /**
         * Sets what the {@code docUrl} of an error envelope begins with; by default there is none.
         *
         * @param base for example {@code https://example.org/errors#}; the code in kebab-case is appended as it is
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder docs(URI base) {
            this.docs = Objects.requireNonNull(base, "base");
            return this;
        }

        /**
         * Adds headers to every answer to errors with one code, such as {@code WWW-Authenticate}. The headers that every
         * error has ({@code Content-Type}, {@code X-Request-Id}, {@code Vary}, {@code Retry-After}) win over these.
         *
         * @param code the code; what was set for it before is replaced
         * @param headers headers by name
         * @return this
         * @throws IllegalArgumentException if the name of a header is no token or one that only the server sets
         *     ({@code Content-Length}, {@code Transfer-Encoding}, {@code Connection}), or its value has control
         *     characters or characters beyond Latin-1
         */
        @CanIgnoreReturnValue
        public Builder headers(ErrorCode code, Map<String, String> headers) {
            this.headers.put(Objects.requireNonNull(code, "code"), Headers.copyOf(headers));
            return this;
        }

        /**
         * Makes "you may not see this" and "this does not exist" look the same: every error of kind FORBIDDEN or
         * NOT_FOUND is answered as the same NOT_FOUND, with its generic code and text and without details. The log has
         * the real one. Off by default.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder concealForbidden() {
            this.concealForbidden = true;
            return this;
        }

        /**
         * Sets at which level an error is logged; by default a failure of the server at ERROR, any other at DEBUG. At WARN
         * and ERROR the exception behind the error is logged with it.
         *
         * @param level the level of an error; where it throws or returns null, the default counts
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder logLevel(Function<? super DomainError, Level> level) {
            this.logLevel = Objects.requireNonNull(level, "level");
            return this;
        }

        /** {@return the renderer} */
        public Renderer build() {
            return new Renderer(this);
        }
    }
}
