package dev.underpin.errors.json;

import dev.underpin.errors.BodyWriter;
import dev.underpin.errors.internal.FieldName;
import dev.underpin.errors.internal.FieldPath;
import dev.underpin.errors.internal.Fields;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * JSON as a service needs it at its edges, by the mapper the service already has. {@link Jackson2Json} and
 * {@link Jackson3Json} make one; both write the same bytes. Thread-safe.
 *
 * <p>The mapper decides how the service's own data looks, and what is accepted of a request. What stands around the data
 * is not its business. An error has the same bytes whatever the mapper's settings are. So has an envelope, but for the
 * values of {@code data} and {@code meta}, which the mapper writes by its naming strategy, inclusion rules, formats and
 * escapes; an envelope is never indented, and its data is not either. A
 * {@link Result}, a {@link DomainError}, a throwable, a stream, or a bare {@link Object} is refused wherever it stands in
 * the data: written as a bean it would show what it must not, or nothing.
 */
public abstract sealed class Json implements BodyWriter permits Jackson2Json, Jackson3Json {
    private static final int DEEP = 50; // levels; a request of a person's making has a handful
    private static final int MAX_CAUSES = 50;
    private static final String ALL_ASCII =
            IntStream.range(0, 0x80).mapToObj(Character::toString).collect(Collectors.joining());

    // A value of each class this has seen, held by the class itself: no class is kept alive by the cache.
    private final ClassValue<Map<String, String>> propertyNames = new ClassValue<>() {
        @Override
        protected Map<String, String> computeValue(Class<?> owner) {
            try {
                return Map.copyOf(propertyNames(owner));
            } catch (RuntimeException e) {
                return Map.of(); // a class the mapper cannot make sense of has no names but its own
            }
        }
    };

    Json() {}

    /**
     * {@return the bytes of a tree, in UTF-8}
     *
     * @param tree what a {@link dev.underpin.errors.Renderer} hands to its writer, an
     *     {@link dev.underpin.errors.Envelope}, or the service's own data
     * @throws RuntimeException if the tree holds what cannot be written
     */
    @Override
    public abstract byte[] write(Object tree);

    /**
     * {@return the value of a body, or what is wrong with it}
     *
     * <p>The error names the field as the client wrote it and the code says what is wrong (see {@link JsonErrors}), in
     * words of ours: no text of the parser, no class name and no value of the body. The exception is its cause, for the
     * log. Whatever the body holds, nothing but an {@link Error} is thrown, and no {@link StackOverflowError}: a body nested
     * too deep for the stack is malformed. After the value the body must end.
     *
     * <p>A constructor or factory method that throws a {@link DomainErrorException} answers with the details of that
     * error, below the path of its value; one that throws any other exception, with {@link JsonErrors#VALUE_INVALID}. A
     * type that the mapper cannot read at all is an internal error.
     *
     * @param body the bytes of a request; none is {@link JsonErrors#BODY_MISSING}
     * @param type the type of the value
     * @param <T> the type of the value
     */
    public final <T> Result<T, DomainError> read(byte @Nullable [] body, Class<T> type) {
        Objects.requireNonNull(type, "type");
        if (body == null) {
            return Result.err(malformed(FieldPath.WHOLE, JsonErrors.BODY_MISSING, null));
        }
        try {
            T value = bind(body, type);
            return value == null
                    ? Result.err(malformed(FieldPath.WHOLE, JsonErrors.BODY_MISSING, null))
                    : Result.ok(value);
        } catch (Exception e) {
            return Result.err(explained(e, body));
        } catch (StackOverflowError e) {
            // Nested deeper than this thread can follow, and perhaps not deeper than the parser allows: the one Error
            // that a
            // client can cause at will. A recursion of the service's own still flies.
            if (!isDeep(body)) {
                throw e;
            }
            return Result.err(malformed(FieldPath.WHOLE, JsonErrors.JSON_MALFORMED, e));
        }
    }

    /**
     * {@return the error that the answer of a remote service stands for} Understands the error envelope of this library
     * and problem details (RFC 9457); anything else is {@link ErrorKind#BAD_GATEWAY}.
     *
     * <p>The kind is that of the status, the code is the remote one if it is a valid name, and the text is always our own:
     * what a remote service says about its failure is not shown to clients of this one. Details are kept for statuses
     * below 500, at most a hundred: which field, what code, and those parameters that are numbers or booleans; their
     * texts are left out, too, and each says {@link JsonErrors#VALUE_INVALID} in words. The time to wait is taken from {@code Retry-After} or the body, at most a year.
     * Arguments are {@code remoteStatus} and, if there is a valid one, {@code remoteRequestId}. Nothing but
     * an {@link Error} is thrown, whatever the answer.
     *
     * <p>A status of 410 is a {@link ErrorKind#NOT_FOUND}, 408 a {@link ErrorKind#TIMEOUT}, 425 is
     * {@link ErrorKind#UNAVAILABLE}, and any other below 500 without a kind of its own is {@link ErrorKind#MALFORMED}. A 401
     * or 403 becomes {@link ErrorKind#UNAUTHENTICATED} or {@link ErrorKind#FORBIDDEN}: a service that calls with
     * credentials of its own, and not with those of its client, maps them to something else before it answers.
     *
     * @param status the status of the answer
     * @param headers finds a header of the answer by name and returns null if there is none
     * @param body the bytes of the answer
     */
    public final DomainError readError(int status, Function<String, @Nullable String> headers, byte @Nullable [] body) {
        Objects.requireNonNull(headers, "headers");
        return new RemoteError(status, headers, remoteTree(body)).toError();
    }

    /**
     * {@return a codec that stores values as the mapper writes them}
     *
     * @param type the type of the values
     * @param <T> the type of the values
     */
    public final <T> Codec<T> codec(Class<T> type) {
        Objects.requireNonNull(type, "type");
        return new Codec<>() {
            @Override
            public byte[] encode(T value) throws IOException {
                return Json.this.encode(Objects.requireNonNull(value, "value"), type);
            }

            @Override
            public T decode(byte[] bytes) throws IOException {
                T value;
                try {
                    value = bind(Objects.requireNonNull(bytes, "bytes"), type);
                } catch (Exception e) {
                    throw new IOException("The bytes are not those of a " + type.getSimpleName(), e);
                }
                if (value == null) {
                    throw new IOException("The bytes hold no " + type.getSimpleName());
                }
                return value;
            }
        };
    }

    /**
     * {@return the name of a property as the mapper reads it in a request}: {@code line_items} for {@code lineItems}
     * under a naming strategy or an annotation. A property the mapper does not know keeps its Java name. With Hibernate
     * Validator's {@code propertyNodeNameProvider} it brings those names into the paths of violations.
     *
     * @param owner the class that declares the property
     * @param javaName the name of the property or record component in Java
     */
    public final String propertyName(Class<?> owner, String javaName) {
        Objects.requireNonNull(javaName, "javaName");
        return propertyNames.get(owner).getOrDefault(javaName, javaName);
    }

    /* ---- what each Jackson does its own way ---- */

    /** {@return the value of all the bytes, or null if there is none} */
    abstract <T> @Nullable T bind(byte[] body, Class<T> type) throws Exception;

    /** {@return what is wrong with the syntax, by the mapper's own rules; null if nothing is} */
    abstract @Nullable Fault syntax(byte[] body);

    /** {@return what is wrong with a body of correct syntax that could not be bound} */
    abstract Fault misfit(Exception thrown);

    /** {@return whether an exception is one of the parser's own} */
    abstract boolean isOfParser(Throwable thrown);

    /** {@return maps, lists and scalars, by no rules but those of JSON} */
    abstract @Nullable Object untyped(byte[] body) throws Exception;

    abstract byte[] encode(Object value, Class<?> type) throws IOException;

    /** {@return the names in requests by the names in Java} */
    abstract Map<String, String> propertyNames(Class<?> owner);

    /**
     * One thing that is wrong with a body.
     *
     * @param code one of {@link JsonErrors}, or that of an internal error
     * @param path where
     * @param args for the detail
     */
    record Fault(ErrorCode code, String path, Map<String, Object> args) {
        static Fault at(String path, ErrorCode code) {
            return new Fault(code, path, Map.of());
        }

        /** {@return broken syntax} A parser that does not know the line says so by a number below one. */
        static Fault malformed(int line) {
            return new Fault(JsonErrors.JSON_MALFORMED, FieldPath.WHOLE, line < 1 ? Map.of() : Map.of("line", line));
        }
    }

    /* ---- shared ---- */

    /** {@return whether nothing in a tree is the service's own} */
    static boolean isAllOurs(Fields tree) {
        for (int i = 0; i < tree.size(); i++) {
            FieldName name = tree.ownName(i);
            if (name == FieldName.DATA || name == FieldName.META) {
                return false;
            }
        }
        return true;
    }

    /** Refuses a mapper whose factory has a quote character or escapes that make something else of a text. */
    final void checkTexts() {
        Fields tree = new Fields(2).add(FieldName.DATA, null).add("text", ALL_ASCII);
        Object read;
        try {
            read = untyped(write(tree));
        } catch (Exception e) {
            throw notJson(e);
        }
        if (!tree.equals(read)) {
            throw notJson(null);
        }
    }

    private static IllegalArgumentException notJson(@Nullable Exception cause) {
        return new IllegalArgumentException(
                "mapper must write JSON that any parser reads back: its factory has a quote character or escapes that change"
                        + " texts",
                cause);
    }

    private static boolean isDeep(byte[] body) {
        int depth = 0;
        for (byte b : body) {
            depth += b == '[' || b == '{' ? 1 : b == ']' || b == '}' ? -1 : 0;
            if (depth > DEEP) {
                return true;
            }
        }
        return false;
    }

    private DomainError explained(Exception thrown, byte[] body) {
        try {
            return explain(thrown, body);
        } catch (RuntimeException e) { // the exception, or an error in it, is the service's, and fails when asked
            return malformed(FieldPath.WHOLE, JsonErrors.VALUE_INVALID, thrown);
        }
    }

    private DomainError explain(Exception thrown, byte[] body) {
        // Syntax is judged first and alone: an exception out of the middle of a binding does not say reliably whether
        // the bytes or the types were wrong, and the two Jacksons disagree.
        Fault syntax = syntax(body);
        if (syntax != null) {
            return malformed(syntax, thrown);
        }
        Throwable cause = causeBeyondParser(thrown);
        if (cause instanceof Error error) {
            throw error;
        }
        Fault misfit = misfit(thrown);
        if (cause instanceof DomainErrorException refused) {
            return refused(misfit.path(), refused.error(), thrown);
        }
        if (misfit.code().kind() == ErrorKind.INTERNAL) {
            return DomainError.builder(misfit.code()).cause(thrown).build();
        }
        return malformed(misfit, thrown);
    }

    private static DomainError malformed(Fault fault, @Nullable Throwable cause) {
        ErrorCode code = fault.code();
        return error(
                code.kind(), List.of(new Detail(fault.path(), code.name(), code.text(), fault.args(), null)), cause);
    }

    private static DomainError malformed(String path, ErrorCode code, @Nullable Throwable cause) {
        return malformed(Fault.at(path, code), cause);
    }

    /** {@return the details of what a constructor threw, below its path} What is no fault of the input stays itself. */
    private static DomainError refused(String path, DomainError error, Exception thrown) {
        return switch (error.kind()) {
            case MALFORMED, VALIDATION, NOT_FOUND, CONFLICT, PRECONDITION, UNPROCESSABLE ->
                error(
                        ErrorKind.VALIDATION,
                        error.details().isEmpty()
                                ? List.of(new Detail(path, error.code().name(), error.message(), error.args(), null))
                                : error.details().stream()
                                        .map(detail -> detail.at(path))
                                        .toList(),
                        thrown);
            case UNAUTHENTICATED,
                    FORBIDDEN,
                    RATE_LIMITED,
                    CANCELLED,
                    INTERNAL,
                    NOT_IMPLEMENTED,
                    BAD_GATEWAY,
                    UNAVAILABLE,
                    TIMEOUT -> error;
        };
    }

    private static DomainError error(ErrorKind kind, List<Detail> details, @Nullable Throwable cause) {
        var error = DomainError.builder(kind.code());
        details.forEach(error::detail);
        if (cause != null) {
            error.cause(cause);
        }
        return error.build();
    }

    /** {@return what code other than the parser threw, if any did} */
    final @Nullable Throwable causeBeyondParser(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (!isOfParser(cause) && !(cause instanceof ReflectiveOperationException)) {
                return cause;
            }
            cause = cause.getCause();
        }
        return null;
    }

    private @Nullable Object remoteTree(byte @Nullable [] body) {
        if (body == null || body.length > RemoteError.MAX_BODY) {
            return null;
        }
        try {
            return untyped(body);
        } catch (Exception | StackOverflowError e) {
            return null; // not JSON: the status is all there is
        }
    }
}
