package dev.underpin.quickstart.http;

import dev.underpin.errors.json.Json;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.quickstart.application.Once;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.result.Validation;
import dev.underpin.result.ValidationError;
import io.javalin.http.Context;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads bodies, path parameters and conditions. Thread-safe. */
final class Requests {
    private static final Pattern SEMICOLON = Pattern.compile(";");
    private static final Pattern OTHER_CHARSET =
            Pattern.compile("charset[ \t]*=(?![ \t]*\"?utf-8\"?\\z).*", Pattern.CASE_INSENSITIVE);

    /** One element of a list of entity tags; it may be empty. */
    private static final Pattern ETAG = Pattern.compile("\\G[ \t]*((?:W/)?\"[^\"]*\")?[ \t]*(?:,|\\z)");

    private final Json json;

    Requests(Json json) {
        this.json = json;
    }

    /** {@return the body of a request} */
    <T> Result<T, DomainError> body(Context http, Class<T> type) {
        if (!isJson(http)) {
            return Result.err(HttpErrors.MEDIA_TYPE_UNSUPPORTED.error());
        }
        // It is all there already, and not too large: see BodyReader.
        return Result.<byte[], DomainError>ok(http.bodyAsBytes())
                .filter(Requests::isUtf8, body -> ErrorKind.MALFORMED.code().error())
                .flatMap(body -> json.read(body, type));
    }

    /** Refuses a body where none belongs: what it asks for would be ignored. */
    static Result<Unit, DomainError> noBody(Context http) {
        return http.bodyAsBytes().length == 0 ? Result.ok() : Result.err(HttpErrors.BODY_UNEXPECTED.error());
    }

    /**
     * {@return the request as one that takes effect once}
     *
     * @param tenant whose key it is; in a service with accounts, the one that is logged in
     * @param operation what is asked for
     * @param answer what the client is shown of a result
     */
    static <T, A> Result<Once<T, A>, DomainError> once(
            Context http, String tenant, Operation<A> operation, Function<T, A> answer) {
        var said = Fingerprint.ofJson(http.bodyAsBytes()).and(http.method() + " " + http.path());
        return IdempotentRequest.of(tenant, Collections.list(http.req().getHeaders("Idempotency-Key")), said)
                .map(request -> new Once<>(operation, request, answer));
    }

    /** {@return a parameter of the path} Its faults say that they are in the path. */
    static <T> Result<T, DomainError> path(
            Context http, String name, Function<String, ? extends Result<? extends T, ? extends DomainError>> parse) {
        return at(name, "path", parse.apply(http.pathParam(name)));
    }

    /** {@return the parameters of the query} The router would leave out those that it cannot unescape. */
    static Result<Map<String, List<String>>, DomainError> query(Context http) {
        @Nullable String query = http.queryString();
        Map<String, List<String>> params = new LinkedHashMap<>();
        try {
            for (String part : query == null ? new String[0] : query.split("&", -1)) {
                if (!part.isEmpty()) {
                    int equals = part.indexOf('=');
                    String name = unescaped(equals < 0 ? part : part.substring(0, equals));
                    String value = equals < 0 ? "" : unescaped(part.substring(equals + 1));
                    params.computeIfAbsent(name, first -> new ArrayList<>()).add(value);
                }
            }
        } catch (IllegalArgumentException e) {
            return Result.err(ErrorKind.MALFORMED.code().error());
        }
        return Result.ok(params);
    }

    private static String unescaped(String part) {
        return URLDecoder.decode(part, StandardCharsets.UTF_8);
    }

    /** {@return an address of this service} Written anew, because not everything that clients send is a URI. */
    static URI address(String path, Map<String, List<String>> params) {
        var query = new StringJoiner("&", "?", "").setEmptyValue("");
        params.forEach((name, values) ->
                values.forEach(value -> query.add(URLEncoder.encode(name, StandardCharsets.UTF_8)
                        + '='
                        + URLEncoder.encode(value, StandardCharsets.UTF_8))));
        return URI.create(path + query);
    }

    /** {@return the same error; the faults of fields say that they are in the body} */
    static DomainError inBody(DomainError error) {
        return error instanceof ValidationError faults ? faults.in("body") : error;
    }

    /** {@return which versions the request means, if its {@code If-Match} says so} */
    static Result<Optional<LongPredicate>, DomainError> ifMatch(Context http) {
        List<String> lines = Collections.list(http.req().getHeaders("If-Match"));
        if (lines.isEmpty()) {
            return Result.ok(Optional.empty());
        }
        // A list header may come in several lines.
        String header = String.join(",", lines).strip();
        if (header.equals("*")) {
            return Result.ok(Optional.of(version -> true));
        }
        return tags(header).map(tags -> Optional.<LongPredicate>of(version -> tags.contains("\"" + version + '"')));
    }

    /** {@return what the client has already, if it says so} A list header may come in several lines. */
    static @Nullable String ifNoneMatch(Context http) {
        List<String> lines = Collections.list(http.req().getHeaders("If-None-Match"));
        return lines.isEmpty() ? null : String.join(",", lines);
    }

    /** {@return the tags as they were sent} A weak one never matches: it starts with its {@code W/}. */
    private static Result<Set<String>, DomainError> tags(String header) {
        Set<String> tags = new HashSet<>();
        Matcher element = ETAG.matcher(header);
        int end = 0;
        while (end < header.length() && element.find()) {
            if (element.group(1) != null) {
                tags.add(element.group(1));
            }
            end = element.end();
        }
        return end < header.length() || tags.isEmpty()
                ? at("If-Match", "header", Result.err(HttpErrors.ETAG_MALFORMED.error()))
                : Result.ok(tags);
    }

    private static <T> Result<T, DomainError> at(
            String field, String in, Result<? extends T, ? extends DomainError> result) {
        var v = Validation.start();
        var value = v.<T>check(field, result);
        Result<T, ValidationError> checked = v.build(value);
        return checked.mapError(faults -> faults.in(in));
    }

    private static boolean isJson(Context http) {
        @Nullable String encoding = http.header("Content-Encoding");
        List<String> types = Collections.list(http.req().getHeaders("Content-Type"));
        return types.size() == 1
                && isJson(types.get(0))
                && (encoding == null || encoding.toLowerCase(Locale.ROOT).equals("identity"));
    }

    private static boolean isJson(String type) {
        List<String> parts = SEMICOLON.splitAsStream(type).map(String::strip).toList();
        return !parts.isEmpty()
                && parts.get(0).equalsIgnoreCase("application/json")
                && parts.stream().noneMatch(part -> OTHER_CHARSET.matcher(part).matches());
    }

    /** A parser finds out the encoding by itself. One with two bytes for a letter has a zero byte in all that is JSON. */
    private static boolean isUtf8(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .chars()
                    .noneMatch(c -> c == 0);
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
