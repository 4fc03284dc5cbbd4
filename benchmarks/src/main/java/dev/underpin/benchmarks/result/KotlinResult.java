package dev.underpin.benchmarks.result;

import com.github.michaelbull.result.Result;
import com.github.michaelbull.result.ResultKt;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import kotlin.jvm.functions.Function1;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * The steps with kotlin-result, whose {@code Result} is a value class: a success is the bare value, and only a failure
 * is wrapped.
 *
 * <p>Its {@code map}, {@code andThen} and {@code fold} are inline functions, so this is what the Kotlin compiler leaves
 * of a chain, written in Java: the library's own {@code isOk}, {@code value}, {@code error}, {@code Ok} and {@code Err}.
 * Their names are no identifiers of Java; constant method handles reach them, and the JIT compiler inlines those.
 */
final class KotlinResult {
    private static final MethodHandle IS_OK = handle("isOk-impl", boolean.class);
    private static final MethodHandle VALUE = handle("getValue-impl", Object.class);
    private static final MethodHandle ERROR = handle("getError-impl", Object.class);
    private static final MethodHandle BOX = handle("box-impl", Result.class);

    private KotlinResult() {}

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    static Object find(int input) {
        return findInlined(input);
    }

    static Object findInlined(int input) {
        return input < 0 ? ResultKt.Err(new Rejected(-input)) : ResultKt.Ok(input);
    }

    static int one(Object found) {
        return fold(isOk(found) ? ResultKt.Ok(value(found) + 1) : found);
    }

    static int three(Object found) {
        Object first = isOk(found) ? ResultKt.Ok(value(found) + 1) : found;
        Object second = isOk(first) ? ResultKt.Ok(value(first) + 2) : first;
        return fold(isOk(second) ? ResultKt.Ok(value(second) + 3) : second);
    }

    static int ten(Object found) {
        Object r1 = isOk(found) ? ResultKt.Ok(value(found) + 1) : found;
        Object r2 = isOk(r1) ? ResultKt.Ok(value(r1) + 2) : r1;
        Object r3 = isOk(r2) ? ResultKt.Ok(value(r2) + 3) : r2;
        Object r4 = isOk(r3) ? ResultKt.Ok(value(r3) + 4) : r3;
        Object r5 = isOk(r4) ? ResultKt.Ok(value(r4) + 5) : r4;
        Object r6 = isOk(r5) ? ResultKt.Ok(value(r5) + 6) : r5;
        Object r7 = isOk(r6) ? ResultKt.Ok(value(r6) + 7) : r6;
        Object r8 = isOk(r7) ? ResultKt.Ok(value(r7) + 8) : r7;
        Object r9 = isOk(r8) ? ResultKt.Ok(value(r8) + 9) : r8;
        return fold(isOk(r9) ? ResultKt.Ok(value(r9) + 10) : r9);
    }

    static int fold(Object result) {
        return isOk(result) ? value(result) : -error(result).code();
    }

    static Object map(Object result, Function1<Integer, Integer> f) {
        return isOk(result) ? ResultKt.Ok(f.invoke(value(result))) : result;
    }

    /** As a lambda that is not inlined returns it: boxed. */
    @SuppressWarnings("unchecked") // a handle knows no type arguments
    static Result<Integer, Rejected> findBoxed(int input) {
        try {
            return (Result<Integer, Rejected>) (Result<?, ?>) BOX.invokeExact(findInlined(input));
        } catch (Throwable impossible) {
            throw new LinkageError("box", impossible);
        }
    }

    static boolean isOk(Object result) {
        try {
            return (boolean) IS_OK.invokeExact(result);
        } catch (Throwable impossible) {
            throw new LinkageError("isOk", impossible);
        }
    }

    static int value(Object result) {
        try {
            return (Integer) (Object) VALUE.invokeExact(result);
        } catch (Throwable impossible) {
            throw new LinkageError("value", impossible);
        }
    }

    static Rejected error(Object result) {
        try {
            return (Rejected) (Object) ERROR.invokeExact(result);
        } catch (Throwable impossible) {
            throw new LinkageError("error", impossible);
        }
    }

    private static MethodHandle handle(String name, Class<?> returned) {
        try {
            return MethodHandles.lookup().findStatic(Result.class, name, MethodType.methodType(returned, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("kotlin-result has no " + name, e);
        }
    }
}
