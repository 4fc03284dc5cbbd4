package dev.underpin.errors;

import static dev.underpin.errors.Requests.problemRequest;
import static dev.underpin.errors.Requests.request;

import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Retry;
import dev.underpin.result.ValidationError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Every shape of a body, with the bytes it must have in {@code golden/<name>.json}. The format is published and stored:
 * a change of one of these files is a change for every client. Every {@link BodyWriter} of ours writes all of them.
 */
public enum GoldenAnswers {
    /** Data, no metadata. */
    SUCCESS(request(), Result.ok(List.of("ann", "bob"))),
    /** Data and metadata, sorted by name. */
    SUCCESS_META(request(), Result.ok(Envelope.of(List.of(1, 2)).meta(Map.of("size", 2, "next", "c2Vl")))),
    /** No data. */
    SUCCESS_UNIT(request(), Result.ok()),
    /** The least an error has. */
    ERROR(request(), Codes.NOT_FOUND.error()),
    /** Everything an error can have. */
    ERROR_FULL(request(), full()) {
        @Override
        Renderer.Builder options(Renderer.Builder builder) {
            return builder.docs(URI.create("https://docs.example.org/errors#"));
        }
    },
    /** Every type of argument that can be sent. */
    ERROR_PARAMS(request(), params()),
    /** More details than are shown. */
    ERROR_TRUNCATED(request(), tooManyDetails()),
    /** A failure of the server: the code stays, all else is generic. */
    ERROR_UNAVAILABLE(request(), unavailable()),
    /** An exception nobody registered. */
    ERROR_INTERNAL(request(), thrown()),
    /** Text that is hostile to logs, terminals and encoders. */
    ERROR_HOSTILE_TEXT(request(), hostileText()),
    /** In the client's language. */
    ERROR_FRENCH(request("Accept-Language", "fr-CH, fr;q=0.9"), full()) {
        @Override
        Renderer.Builder options(Renderer.Builder builder) {
            return builder.messages((key, args, locale) -> locale.getLanguage().equals("fr")
                    ? Optional.of("fr:" + key.toLowerCase(Locale.ROOT))
                    : Optional.empty());
        }
    },
    /** A forbidden thing that looks like a missing one. */
    ERROR_CONCEALED(request(), Codes.NOT_YOURS.error()) {
        @Override
        Renderer.Builder options(Renderer.Builder builder) {
            return builder.concealForbidden();
        }
    },
    /** The least problem details have. */
    PROBLEM(problemRequest(), Codes.NOT_FOUND.error()),
    /** Everything problem details can have. */
    PROBLEM_FULL(problemRequest(), full()) {
        @Override
        Renderer.Builder options(Renderer.Builder builder) {
            return builder.problemType(URI.create("https://docs.example.org/problems/"));
        }
    },
    /** More details than are shown. */
    PROBLEM_TRUNCATED(problemRequest(), tooManyDetails()),
    /** A failure of the server. */
    PROBLEM_UNAVAILABLE(problemRequest(), unavailable()),
    /** A request id that is no UUID has no instance. */
    PROBLEM_WITHOUT_INSTANCE(
            request("Accept", "application/problem+json", "X-Request-Id", "job-7"), Codes.NOT_FOUND.error());

    private final Function<String, @Nullable String> headers;
    private final Result<?, ? extends DomainError> result;

    GoldenAnswers(Function<String, @Nullable String> headers, Result<?, ? extends DomainError> result) {
        this.headers = headers;
        this.result = result;
    }

    GoldenAnswers(Function<String, @Nullable String> headers, DomainError error) {
        this(headers, Result.err(error));
    }

    Renderer.Builder options(Renderer.Builder builder) {
        return builder;
    }

    /**
     * {@return the answer as a writer writes it}
     *
     * @param writer the writer to be tested
     */
    public Rendered render(BodyWriter writer) {
        return options(Renderer.builder(writer)).build().answer(headers, context -> result);
    }

    /** {@return the bytes the body must have} */
    public byte[] expected() {
        String file = "/golden/" + name().toLowerCase(Locale.ROOT).replace('_', '-') + ".json";
        try (InputStream in = GoldenAnswers.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new AssertionError(file + " is missing");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DomainError full() {
        return DomainError.builder(Codes.OUT_OF_STOCK)
                .arg("left", 2)
                .arg("sku", "A-1")
                .detail(new Detail("items[2].quantity", "TOO_MANY", "must be at most 2", Map.of("max", 2), "body"))
                .detail(new Detail(
                        "limit", "OUT_OF_RANGE", "must be from 1 to 100", Map.of("min", 1, "max", 100), "query"))
                .detail(Detail.of("prices[\"a/b~c d\\u000d\"].amount", Codes.POSITIVE))
                .detail(Detail.of("$", Codes.POSITIVE))
                .retry(Retry.HIGHER_LEVEL)
                .retryAfter(Duration.ofMillis(1200))
                .build();
    }

    private static DomainError params() {
        Map<String, Object> args = Map.ofEntries(
                Map.entry("text", "a"),
                Map.entry("yes", true),
                Map.entry("int", 1),
                Map.entry("long", 9_007_199_254_740_993L),
                Map.entry("double", 0.5),
                Map.entry("decimal", new BigDecimal("12.30")),
                Map.entry("enum", DayOfWeek.MONDAY),
                Map.entry("uuid", UUID.fromString(Requests.ID)),
                Map.entry("date", LocalDate.of(2026, 11, 21)),
                Map.entry("duration", Duration.ofSeconds(90)),
                Map.entry("allowed", List.of("asc", DayOfWeek.FRIDAY, 3)));
        return new ValidationError(List.of(new Detail("sort", "UNKNOWN_SORT", "is not one of them", args, null)));
    }

    private static DomainError tooManyDetails() {
        List<Detail> details = new ArrayList<>();
        for (int i = 0; i < 101; i++) {
            details.add(Detail.of("items[" + i + "].quantity", Codes.POSITIVE));
        }
        return new ValidationError(details);
    }

    private static DomainError unavailable() {
        return DomainError.builder(Codes.STOCK_DOWN)
                .arg("host", "10.0.0.7")
                .detail(Detail.of("host", Codes.POSITIVE))
                .retryAfter(Duration.ofSeconds(30))
                .build();
    }

    private static DomainError thrown() {
        return Translator.builder().build().translate(new IllegalStateException("password=hunter2"));
    }

    private static DomainError hostileText() {
        String text =
                "nul \0 esc \u001b[31m crlf \r\n line \u2028 bidi \u202e lone \ud800 quote \" slash / back \\ {0} ${1+1} %s";
        return DomainError.builder(Codes.ECHO)
                .arg("text", text)
                .detail(new Detail(text, "ECHO", text, Map.of("text", text), null))
                .build();
    }

    /** The codes of these answers. */
    static final class Codes {
        static final ErrorCode NOT_FOUND =
                ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_NOT_FOUND", "There is no such order");
        static final ErrorCode NOT_YOURS =
                ErrorCode.of(ErrorKind.FORBIDDEN, "ORDER_NOT_YOURS", "This is not your order");
        static final ErrorCode OUT_OF_STOCK =
                ErrorCode.of(ErrorKind.CONFLICT, "OUT_OF_STOCK", "Only {left} of {sku} left");
        static final ErrorCode POSITIVE =
                ErrorCode.of(ErrorKind.VALIDATION, "NOT_POSITIVE", "must be greater than zero");
        static final ErrorCode STOCK_DOWN =
                ErrorCode.of(ErrorKind.UNAVAILABLE, "STOCK_UNAVAILABLE", "No connection to {host}");
        static final ErrorCode ECHO = ErrorCode.of(ErrorKind.UNPROCESSABLE, "ECHO", "{text}");

        private Codes() {}
    }
}
