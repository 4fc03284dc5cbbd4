package dev.underpin.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptTest {
    @AfterEach
    void clearTheInterruptFlag() {
        Thread.interrupted();
    }

    @Test
    void attempt_value_isOk() {
        assertThat(Result.attempt(IOException.class, () -> "read")).isEqualTo(Result.ok("read"));
    }

    @Test
    void attempt_expectedException_isTheReason() {
        var thrown = new IOException("disk");

        assertThat(Result.<String, IOException>attempt(IOException.class, () -> {
                    throw thrown;
                }))
                .isEqualTo(Result.err(thrown));
    }

    @Test
    void attempt_subclassOfTheExpected_isTheReason() {
        var thrown = new FileNotFoundException("no file");

        assertThat(Result.<String, IOException>attempt(IOException.class, () -> {
                    throw thrown;
                }))
                .isEqualTo(Result.err(thrown));
    }

    @Test
    void attempt_uncheckedExpectedException_isTheReason() {
        Result<Integer, NumberFormatException> parsed =
                Result.attempt(NumberFormatException.class, () -> Integer.parseInt("x"));

        assertThat(parsed.isOk()).isFalse();
    }

    @Test
    void attempt_otherException_flies() {
        var bug = new IllegalStateException("bug");

        assertThatThrownBy(() -> Result.attempt(IOException.class, () -> {
                    throw bug;
                }))
                .isSameAs(bug);
    }

    @Test
    void attempt_undeclaredCheckedException_fliesUnchanged() {
        var undeclared = new TimeoutException("undeclared");

        assertThatThrownBy(() -> Result.attempt(IOException.class, () -> {
                    throw AttemptTest.<RuntimeException>sneak(undeclared);
                }))
                .isSameAs(undeclared);
    }

    @Test
    void attempt_errors_fly() {
        for (Error error : new Error[] {
            new AssertionError("assertion"), new OutOfMemoryError("memory"), new LinkageError("linkage")
        }) {
            assertThatThrownBy(() -> Result.attempt(Exception.class, () -> {
                        throw error;
                    }))
                    .isSameAs(error);
        }
    }

    @Test
    void attempt_interrupted_isTheReasonAndTheFlagIsSetAgain() {
        var thrown = new InterruptedException("stop");

        Result<String, InterruptedException> result = Result.attempt(InterruptedException.class, () -> {
            throw thrown;
        });

        assertThat(result).isEqualTo(Result.err(thrown));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void attempt_interruptedAsOneOfManyExpected_setsTheFlagAgain() {
        Result<String, Exception> result = Result.attempt(Exception.class, () -> {
            throw new InterruptedException("stop");
        });

        assertThat(result.isOk()).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void attempt_anythingButInterrupted_leavesTheFlagAlone() {
        assertThat(Result.<String, IOException>attempt(IOException.class, () -> {
                            throw new IOException("disk");
                        })
                        .isOk())
                .isFalse();
        assertThat(Thread.interrupted()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(classes = {Exception.class, RuntimeException.class, CancellationException.class, IOException.class})
    void attempt_cancelled_fliesWhateverIsExpected(Class<? extends Exception> expected) {
        var cancelled = new CancellationException("caller's wish");

        assertThatThrownBy(() -> Result.attempt(expected, () -> {
                    throw cancelled;
                }))
                .isSameAs(cancelled);
    }

    @Test
    void attempt_nullPointerExpectedAndBodyReturnsNull_fliesAsTheBugItIs() {
        assertThatThrownBy(() -> Result.attempt(NullPointerException.class, () -> null))
                .isExactlyInstanceOf(NullPointerException.class)
                .hasMessage("attempt body returned null");
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Exception> X sneak(Exception thrown) throws X {
        throw (X) thrown;
    }
}
