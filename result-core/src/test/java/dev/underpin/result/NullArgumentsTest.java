package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every public entry point refuses null by a message that is the name of the argument. */
class NullArgumentsTest {
    private static final ErrorCode CODE = ErrorKind.CONFLICT.code();
    private static final DomainError ERROR = CODE.error();
    private static final Detail DETAIL = Detail.of("field", CODE);

    private static Stream<Refusal> refusals() {
        return Stream.of(
                        ofResult(),
                        ofBothOutcomes(Result.ok(1)),
                        ofBothOutcomes(Result.err("bad")),
                        ofErrors(),
                        ofDetails(),
                        ofValidation())
                .flatMap(List::stream);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource
    void call_withNull_namesTheArgument(String method, String argument, Supplier<Object> call) {
        assertThatThrownBy(call::get)
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage(argument);
    }

    static Stream<Arguments> call_withNull_namesTheArgument() {
        return refusals().map(refusal -> Arguments.of(refusal.method, refusal.argument, refusal.call));
    }

    /** A public method that is added with a reference parameter needs a row above. */
    @Test
    void table_publicMethods_isComplete() {
        assertThat(refusals()
                        .collect(Collectors.groupingBy(
                                Refusal::method,
                                Collectors.mapping(
                                        Refusal::argument,
                                        Collectors.collectingAndThen(Collectors.toSet(), Set::size)))))
                .isEqualTo(Stream.of(
                                Result.class,
                                Result.Ok.class,
                                Result.Err.class,
                                DomainError.class,
                                DomainError.Builder.class,
                                DomainErrorException.class,
                                ErrorCode.class,
                                Detail.class,
                                ValidationError.class,
                                Validation.class)
                        .flatMap(type -> Stream.concat(
                                Arrays.stream(type.getDeclaredMethods()),
                                Arrays.stream(type.getDeclaredConstructors())))
                        .filter(NullArgumentsTest::takesReferences)
                        .collect(Collectors.toMap(NullArgumentsTest::name, NullArgumentsTest::references)));
    }

    @SuppressWarnings({"FutureReturnValueIgnored", "NullOptional"}) // none is returned: that is the test
    private static List<Refusal> ofResult() {
        Result<Integer, String> ok = Result.ok(1);
        Function<Object, Result<Integer, String>> f = any -> ok;
        return List.of(
                refusal("Ok(1)", "value", () -> new Result.Ok<>(null)),
                refusal("Err(1)", "error", () -> new Result.Err<>(null)),
                refusal("Result.ok(1)", "value", () -> Result.ok(null)),
                refusal("Result.err(1)", "error", () -> Result.err(null)),
                refusal("Result.ofOptional(2)", "value", () -> Result.ofOptional(null, () -> "")),
                refusal("Result.ofOptional(2)", "absent", () -> Result.ofOptional(Optional.of(1), null)),
                refusal("Result.attempt(2)", "expected", () -> Result.attempt(null, () -> 1)),
                refusal("Result.attempt(2)", "body", () -> Result.attempt(Exception.class, null)),
                refusal("Result.fromFuture(2)", "stage", () -> Result.fromFuture(null, e -> e)),
                refusal("Result.fromFuture(2)", "toError", () -> Result.fromFuture(new CompletableFuture<>(), null)),
                refusal("Result.widen(1)", "result", () -> Result.widen(null)),
                refusal("Result.traverse(2)", "items", () -> Result.traverse(null, f)),
                refusal("Result.traverse(2)", "f", () -> Result.traverse(List.of(), null)),
                refusal("Result.traverseAll(2)", "items", () -> Result.traverseAll(null, f)),
                refusal("Result.traverseAll(2)", "f", () -> Result.traverseAll(List.of(), null)),
                refusal("Result.zip(3)", "a", () -> Result.zip(null, ok, (a, b) -> a)),
                refusal("Result.zip(3)", "b", () -> Result.zip(ok, null, (a, b) -> a)),
                refusal("Result.zip(3)", "f", () -> Result.zip(ok, ok, null)),
                refusal("Result.partitioning(1)", "f", () -> Result.partitioning(null)));
    }

    /** Checked whatever the outcome, so that the mistake shows in the first test. */
    private static List<Refusal> ofBothOutcomes(Result<Integer, String> result) {
        return List.of(
                refusal("Result.map(1)", "f", () -> result.map(null)),
                refusal("Result.flatMap(1)", "f", () -> result.flatMap(null)),
                refusal("Result.mapError(1)", "f", () -> result.mapError(null)),
                refusal("Result.filter(2)", "test", () -> result.filter(null, n -> "")),
                refusal("Result.filter(2)", "otherwise", () -> result.filter(n -> true, null)),
                refusal("Result.recoverWith(1)", "f", () -> result.recoverWith(null)),
                refusal("Result.onOk(1)", "f", () -> result.onOk(null)),
                refusal("Result.onErr(1)", "f", () -> result.onErr(null)),
                refusal("Result.fold(2)", "ok", () -> result.fold(null, e -> 1)),
                refusal("Result.fold(2)", "err", () -> result.fold(n -> n, null)),
                refusal("Result.recover(1)", "f", () -> result.recover(null)),
                refusal("Result.orElse(1)", "other", () -> result.orElse(null)),
                refusal("Result.orElseThrow(1)", "f", () -> result.<RuntimeException>orElseThrow(null)));
    }

    private static List<Refusal> ofErrors() {
        DomainError.Builder builder = DomainError.builder(CODE);
        return List.of(
                refusal("DomainError.is(1)", "code", () -> ERROR.is(null)),
                refusal("DomainError.widen(1)", "error", () -> DomainError.widen(null)),
                refusal("DomainError.mostUrgent(1)", "errors", () -> DomainError.mostUrgent(null)),
                refusal("DomainError.builder(1)", "code", () -> DomainError.builder(null)),
                refusal("Builder.arg(2)", "name", () -> builder.arg(null, 1)),
                refusal("Builder.arg(2)", "value of id", () -> builder.arg("id", null)),
                refusal("Builder.args(1)", "args", () -> builder.args(null)),
                refusal("Builder.detail(1)", "detail", () -> builder.detail(null)),
                refusal("Builder.retry(1)", "retry", () -> builder.retry(null)),
                refusal("Builder.retryAfter(1)", "delay", () -> builder.retryAfter(null)),
                refusal("Builder.cause(1)", "cause", () -> builder.cause(null)),
                refusal("DomainErrorException(1)", "error", () -> new DomainErrorException(null)),
                refusal("ErrorCode(3)", "kind", () -> new ErrorCode(null, "CODE", "")),
                refusal("ErrorCode(3)", "name", () -> new ErrorCode(ErrorKind.CONFLICT, null, "")),
                refusal("ErrorCode(3)", "text", () -> new ErrorCode(ErrorKind.CONFLICT, "CODE", null)),
                refusal("ErrorCode.of(3)", "kind", () -> ErrorCode.of(null, "CODE", "")),
                refusal("ErrorCode.of(3)", "name", () -> ErrorCode.of(ErrorKind.CONFLICT, null, "")),
                refusal("ErrorCode.of(3)", "text", () -> ErrorCode.of(ErrorKind.CONFLICT, "CODE", null)),
                refusal("ErrorCode.error(1)", "args", () -> CODE.error(null)));
    }

    private static List<Refusal> ofDetails() {
        return List.of(
                refusal("Detail(5)", "field", () -> new Detail(null, "CODE", "", Map.of(), null)),
                refusal("Detail(5)", "code", () -> new Detail("field", null, "", Map.of(), null)),
                refusal("Detail(5)", "message", () -> new Detail("field", "CODE", null, Map.of(), null)),
                refusal("Detail(5)", "args", () -> new Detail("field", "CODE", "", null, null)),
                refusal("Detail.of(2)", "field", () -> Detail.of(null, CODE)),
                refusal("Detail.of(2)", "code", () -> Detail.of("field", (ErrorCode) null)),
                refusal("Detail.at(1)", "prefix", () -> DETAIL.at(null)),
                refusal("ValidationError(1)", "details", () -> new ValidationError(null)),
                refusal("ValidationError.in(1)", "location", () -> new ValidationError(List.of(DETAIL)).in(null)));
    }

    private static List<Refusal> ofValidation() {
        Validation v = Validation.start();
        return List.of(
                refusal("Validation.check(2)", "field", () -> v.check(null, Result.ok(1))),
                refusal("Validation.check(2)", "result", () -> v.check("field", null)),
                refusal("Validation.require(3)", "field", () -> v.require(null, true, CODE)),
                refusal("Validation.require(3)", "otherwise", () -> v.require("field", true, null)),
                refusal("Validation.checkEach(3)", "field", () -> v.checkEach(null, List.of(), n -> Result.ok(1))),
                refusal("Validation.checkEach(3)", "items", () -> v.checkEach("field", null, n -> Result.ok(1))),
                refusal("Validation.checkEach(3)", "f", () -> v.checkEach("field", List.of(), null)),
                refusal("Validation.at(1)", "prefix", () -> v.at(null)),
                refusal("Validation.build(1)", "whenValid", () -> v.build(null)));
    }

    private record Refusal(String method, String argument, Supplier<Object> call) {}

    private static Refusal refusal(String method, String argument, Supplier<Object> call) {
        return new Refusal(method, argument, call);
    }

    private static boolean takesReferences(Executable method) {
        return Modifier.isPublic(method.getModifiers())
                && !method.isSynthetic()
                && !method.getName().equals("equals")
                && references(method) > 0;
    }

    private static int references(Executable method) {
        List<Parameter> references = new ArrayList<>(List.of(method.getParameters()));
        references.removeIf(parameter -> parameter.getType().isPrimitive()
                || parameter.getAnnotatedType().isAnnotationPresent(Nullable.class));
        return references.size();
    }

    private static String name(Executable method) {
        String type = method.getDeclaringClass().getSimpleName();
        String arity = "(" + method.getParameterCount() + ")";
        return method instanceof Method ? type + '.' + method.getName() + arity : type + arity;
    }
}
