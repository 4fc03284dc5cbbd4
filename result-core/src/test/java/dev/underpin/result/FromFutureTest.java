package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FromFutureTest {
    private final IOException failure = new IOException("disk");
    private final CompletableFuture<String> source = new CompletableFuture<>();

    @Test
    void fromFuture_completedStage_isTheValue() {
        source.complete("read");

        assertThat(outcomeOf(source)).isEqualTo(Result.ok("read"));
    }

    @Test
    void fromFuture_pendingStage_completesWithItAndNotBefore() {
        CompletableFuture<Result<String, Exception>> outcome = Result.fromFuture(source, e -> e);
        assertThat(outcome).isNotDone();

        source.complete("read");

        assertThat(outcome).isCompletedWithValue(Result.ok("read"));
    }

    static Stream<Arguments> wrappers() {
        return Stream.of(
                wrapper("none", failure -> failure),
                wrapper("of a later stage", CompletionException::new),
                wrapper("of a joined future", ExecutionException::new),
                wrapper("the same twice", failure -> new ExecutionException(new ExecutionException(failure))),
                wrapper("of a reflective call", InvocationTargetException::new),
                wrapper(
                        "all",
                        failure -> new CompletionException(
                                new InvocationTargetException(new ExecutionException(failure)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrappers")
    void fromFuture_failedStage_showsTheBareFailure(String name, UnaryOperator<Throwable> wrapper) {
        source.completeExceptionally(wrapper.apply(failure));

        assertThat(outcomeOf(source)).isEqualTo(Result.err(failure));
        assertThat(outcomeOf(source.thenApply(Function.identity()))).isEqualTo(Result.err(failure));
    }

    private static Arguments wrapper(String name, UnaryOperator<Throwable> wrapper) {
        return Arguments.of(name, wrapper);
    }

    @Test
    void fromFuture_wrapperWithoutCause_isTheFailureItself() {
        var bare = new ExecutionException("no cause", null);
        source.completeExceptionally(bare);

        assertThat(outcomeOf(source)).isEqualTo(Result.err(bare));
    }

    @Test
    void fromFuture_wrapperThatCausesItself_stillCompletes() {
        var circular = new CompletionException("circular", null) {
            private static final long serialVersionUID = 1;

            @Override
            public synchronized Throwable getCause() {
                return this;
            }
        };
        source.completeExceptionally(circular);

        assertThat(outcomeOf(source)).isEqualTo(Result.err(circular));
    }

    @Test
    void fromFuture_fiftyWrappers_areAllTakenOff() {
        source.completeExceptionally(wrapped(50));

        assertThat(outcomeOf(source)).isEqualTo(Result.err(failure));
    }

    @Test
    void fromFuture_moreThanFiftyWrappers_endAtTheBound() {
        source.completeExceptionally(wrapped(51));

        assertThat(outcomeOf(source).<Throwable>fold(v -> null, e -> e))
                .isInstanceOf(ExecutionException.class)
                .hasCause(failure);
    }

    @Test
    void fromFuture_cancelledStage_isFailureByCancellation() {
        CompletableFuture<String> later = source.thenApply(Function.identity());
        source.cancel(true);

        assertThat(outcomeOf(source).<Object>fold(v -> v, e -> e)).isInstanceOf(CancellationException.class);
        assertThat(outcomeOf(later).<Object>fold(v -> v, e -> e)).isInstanceOf(CancellationException.class);
    }

    @Test
    void fromFuture_errorOfTheStage_fliesToTheWaiter() {
        var error = new StackOverflowError("deep");
        source.completeExceptionally(new CompletionException(error));

        assertThatThrownBy(() -> outcomeOf(source)).isSameAs(error);
    }

    @Test
    void fromFuture_toErrorThrows_completesWithWhatItThrew() {
        var bug = new IllegalStateException("bug");
        source.completeExceptionally(failure);

        assertThatThrownBy(() -> waitFor(Result.<String, String>fromFuture(source, e -> {
                    throw bug;
                })))
                .isSameAs(bug);
    }

    @Test
    void fromFuture_toErrorThrowsAnError_completesWithIt() {
        var bug = new AssertionError("bug");
        source.completeExceptionally(failure);

        assertThatThrownBy(() -> waitFor(Result.<String, String>fromFuture(source, e -> {
                    throw bug;
                })))
                .isSameAs(bug);
    }

    @Test
    void fromFuture_toErrorReturnsNull_isNamed() {
        source.completeExceptionally(failure);

        assertThatThrownBy(() -> waitFor(Result.fromFuture(source, e -> null)))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("toError function returned null");
    }

    @Test
    void fromFuture_stageCompletesWithNull_isNamed() {
        source.complete(null);

        assertThatThrownBy(() -> outcomeOf(source))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("the stage completed with null");
    }

    @Test
    void cancel_outcome_doesNotTouchTheStage() {
        CompletableFuture<Result<String, Exception>> outcome = Result.fromFuture(source, e -> e);

        assertThat(outcome.cancel(true)).isTrue();
        assertThat(source).isNotDone();
        assertThat(source.complete("read")).isTrue();
        assertThat(outcome).isCancelled();
    }

    @Test
    void fromFuture_toError_runsOnTheCompletingThread() throws Exception {
        var ranOn = new AtomicReference<Thread>();
        CompletableFuture<Result<String, Exception>> outcome = Result.fromFuture(source, e -> {
            ranOn.set(Thread.currentThread());
            return e;
        });
        var completing = new Thread(() -> source.completeExceptionally(failure));

        completing.start();

        assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo(Result.err(failure));
        assertThat(ranOn.get()).isSameAs(completing);
        completing.join();
    }

    private Throwable wrapped(int times) {
        Throwable thrown = failure;
        for (int i = 0; i < times; i++) {
            thrown = new ExecutionException(thrown);
        }
        return thrown;
    }

    private static Result<String, Exception> outcomeOf(CompletionStage<String> stage) {
        return waitFor(Result.fromFuture(stage, e -> e));
    }

    /** Bounded, so that a bridge that never completes fails instead of hanging; unwraps what {@code get} adds. */
    private static <T> T waitFor(CompletableFuture<T> future) {
        try {
            return future.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw FromFutureTest.<RuntimeException>sneak(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> X sneak(Throwable thrown) throws X {
        throw (X) thrown;
    }
}
