package dev.underpin.quickstart.http;

import dev.underpin.errors.json.Json;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import dev.underpin.result.ValidationError;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads bodies, path parameters and conditions. Thread-safe. */
final class Requests {
    private static final Pattern MEDIA_TYPE =
            Pattern.compile("application/json *(?:; *charset *= *\"?utf-8\"? *)?", Pattern.CASE_INSENSITIVE);
    private static final String ETAG = "(?:W/)?\"[^\"]*\"";
    private static final Pattern ETAGS = Pattern.compile(ETAG + "(?: *, *" + ETAG + ")*");

    private final Json json;

    Requests(Json json) {
        this.json = json;
    }

    /** {@return the body of a request} */
    <T> Result<T, DomainError> body(Context http, Class<T> type) {
        return bytes(http).flatMap(body -> json.read(body, type));
    }

    /** {@return a parameter of the path} Its faults say that they are in the path. */
    static <T> Result<T, DomainError> path(
            Context http, String name, Function<String, ? extends Result<? extends T, ? extends DomainError>> parse) {
        return at(name, "path", parse.apply(http.pathParam(name)));
    }

    /** {@return the same error; the faults of fields say that they are in the body} */
    static DomainError inBody(DomainError error) {
        return error instanceof ValidationError faults ? faults.in("body") : error;
    }

    /** {@return which versions the request means, if its {@code If-Match} says so} */
    static Result<Optional<LongPredicate>, DomainError> ifMatch(Context http) {
        // A list header may come in several lines.
        String tags = String.join(",", Collections.list(http.req().getHeaders("If-Match")))
                .strip();
        if (tags.isEmpty()) {
            return Result.ok(Optional.empty());
        }
        if (tags.equals("*")) {
            return Result.ok(Optional.of(version -> true));
        }
        if (!ETAGS.matcher(tags).matches()) {
            return at("If-Match", "header", Result.err(HttpErrors.ETAG_MALFORMED.error()));
        }
        // A weak tag never matches: in W/"1" the tag does not follow the comma.
        String separated = ',' + tags.replace(" ", "") + ',';
        return Result.ok(Optional.of(version -> separated.contains(",\"" + version + "\",")));
    }

    private static <T> Result<T, DomainError> at(
            String field, String in, Result<? extends T, ? extends DomainError> result) {
        var v = Validation.start();
        var value = v.<T>check(field, result);
        Result<T, ValidationError> checked = v.build(value);
        return checked.mapError(faults -> faults.in(in));
    }

    private static Result<byte[], DomainError> bytes(Context http) {
        if (!isJson(http)) {
            return Result.err(HttpErrors.MEDIA_TYPE_UNSUPPORTED.error());
        }
        // It is all there already, and not too large: see BodyReader.
        return Result.ok(http.bodyAsBytes());
    }

    private static boolean isJson(Context http) {
        @Nullable String encoding = http.header("Content-Encoding");
        @Nullable String type = http.contentType();
        return type != null
                && MEDIA_TYPE.matcher(type.strip()).matches()
                && (encoding == null || encoding.toLowerCase(Locale.ROOT).equals("identity"));
    }
}
