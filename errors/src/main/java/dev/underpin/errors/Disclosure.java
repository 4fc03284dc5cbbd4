package dev.underpin.errors;

import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Retry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Decides what of an error a client sees, in which words, and under which status. */
final class Disclosure {
    private static final int MAX_DETAILS = 100;
    private static final int PRECONDITION_OF_A_CONDITIONAL_REQUEST = 412;
    private static final DomainError CONCEALED = ErrorKind.NOT_FOUND.code().error();

    private final Statuses statuses;
    private final @Nullable MessageResolver messages;
    private final boolean concealForbidden;

    Disclosure(Statuses statuses, @Nullable MessageResolver messages, boolean concealForbidden) {
        this.statuses = statuses;
        this.messages = messages;
        this.concealForbidden = concealForbidden;
    }

    Shown of(DomainError error, RequestContext context) {
        DomainError answered = conceals(error.kind()) ? CONCEALED : error;
        int status = status(answered, context);
        boolean serverFault = status >= 500 || isServerFault(answered.kind());
        List<Detail> all = serverFault ? List.of() : answered.details();
        boolean truncated = all.size() > MAX_DETAILS;
        List<Detail> details = truncated ? all.subList(0, MAX_DETAILS) : all;
        Shown inDefaultWords = new Shown(
                answered.code(),
                status,
                serverFault ? answered.kind().code().text() : answered.message(),
                details,
                truncated,
                serverFault,
                answered.retry() != Retry.NO,
                seconds(answered.retryAfter()),
                context.requestId());
        if (messages == null) {
            return inDefaultWords;
        }
        // The arguments of a server's failure may name tables and hosts, and so may a text that was written for its
        // code: no text for a client is made of them.
        return serverFault
                ? translated(inDefaultWords, answered.kind().code(), Map.of(), messages, context)
                : translated(inDefaultWords, answered.code(), answered.args(), messages, context);
    }

    private boolean conceals(ErrorKind kind) {
        return concealForbidden && (kind == ErrorKind.FORBIDDEN || kind == ErrorKind.NOT_FOUND);
    }

    private int status(DomainError error, RequestContext context) {
        if (error.kind() == ErrorKind.PRECONDITION && context.conditional() && !statuses.decides(error)) {
            return PRECONDITION_OF_A_CONDITIONAL_REQUEST;
        }
        return statuses.http(error);
    }

    private static boolean isServerFault(ErrorKind kind) {
        return switch (kind) {
            case INTERNAL, NOT_IMPLEMENTED, BAD_GATEWAY, UNAVAILABLE, TIMEOUT -> true;
            case MALFORMED,
                    VALIDATION,
                    UNAUTHENTICATED,
                    FORBIDDEN,
                    NOT_FOUND,
                    CONFLICT,
                    PRECONDITION,
                    UNPROCESSABLE,
                    RATE_LIMITED,
                    CANCELLED -> false;
        };
    }

    /** {@return whole seconds, none too few; negative if there is nothing to say} */
    private static long seconds(Optional<Duration> retryAfter) {
        if (retryAfter.isEmpty() || retryAfter.get().isNegative()) {
            return -1;
        }
        Duration delay = retryAfter.get();
        long seconds = delay.toSeconds();
        return delay.toNanosPart() > 0 && seconds < Long.MAX_VALUE ? seconds + 1 : seconds;
    }

    /** {@return the same in the client's language, if there is a text for all of it} */
    private static Shown translated(
            Shown shown, ErrorCode code, Map<String, Object> args, MessageResolver messages, RequestContext context) {
        var locale = context.locale();
        Optional<String> message = text(code.name(), args, locale, messages);
        if (message.isEmpty()) {
            return shown;
        }
        List<Detail> details = new ArrayList<>(shown.details().size());
        for (Detail detail : shown.details()) {
            Optional<String> text = text(detail.code(), detail.args(), locale, messages);
            if (text.isEmpty()) {
                return shown;
            }
            details.add(new Detail(detail.field(), detail.code(), text.get(), detail.args(), detail.in()));
        }
        return new Shown(
                shown.code(),
                shown.status(),
                message.get(),
                details,
                shown.truncated(),
                shown.serverFault(),
                shown.retryable(),
                shown.retryAfterSeconds(),
                shown.requestId());
    }

    private static Optional<String> text(
            String code, Map<String, Object> args, Locale locale, MessageResolver messages) {
        Optional<String> text = messages.resolve("error." + code, args, locale);
        // A resolver that forgets itself means that it has none.
        return text == null ? Optional.empty() : text;
    }
}
