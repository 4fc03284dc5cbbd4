package dev.underpin.errors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TranslatorTest {
    private static final ErrorCode MISSING = ErrorCode.of(ErrorKind.NOT_FOUND, "FILE_MISSING", "There is no such file");
    private static final ErrorCode BROKEN = ErrorCode.of(ErrorKind.UNAVAILABLE, "STORE_BROKEN", "The store is broken");
    private static final ErrorCode MARKED = ErrorCode.of(ErrorKind.CONFLICT, "MARKED", "It is marked");

    private final Translator translator = Translator.builder()
            .on(NoSuchFileException.class, e -> MISSING.error())
            .on(IOException.class, e -> BROKEN.error())
            .on(Marked.class, e -> MARKED.error())
            .build();

    private interface Marked {}

    private interface SpeciallyMarked extends Marked {}

    private static class MarkedException extends IllegalStateException implements SpeciallyMarked {
        private static final long serialVersionUID = 1;
    }

    private static final class SubException extends MarkedException {
        private static final long serialVersionUID = 1;
    }

    @Nested
    class Lookup {
        @Test
        void translate_exactClass_beatsItsSuperclass() {
            assertThat(translator.translate(new NoSuchFileException("a")).code())
                    .isEqualTo(MISSING);
        }

        @Test
        void translate_subclass_isItsNearestRegisteredSuperclass() {
            assertThat(translator.translate(new FileNotFoundException("a")).code())
                    .isEqualTo(BROKEN);
        }

        @Test
        void translate_classWithoutEntry_isItsInterfaceHoweverFar() {
            assertThat(translator.translate(new SubException()).code()).isEqualTo(MARKED);
        }

        @Test
        void translate_superclassAndInterface_isTheSuperclass() {
            Translator both = Translator.builder()
                    .on(SpeciallyMarked.class, e -> MARKED.error())
                    .on(RuntimeException.class, e -> BROKEN.error())
                    .build();

            assertThat(both.translate(new MarkedException()).code()).isEqualTo(BROKEN);
        }

        @Test
        void translate_twoInterfaces_isTheNearer() {
            Translator both = Translator.builder()
                    .on(Marked.class, e -> BROKEN.error())
                    .on(SpeciallyMarked.class, e -> MARKED.error())
                    .build();

            assertThat(both.translate(new SubException()).code()).isEqualTo(MARKED);
        }

        @Test
        void translate_unknown_isInternalWithTheExceptionAsCause() {
            var unknown = new IllegalStateException("secret");

            DomainError error = translator.translate(unknown);

            assertThat(error.code()).isEqualTo(ErrorKind.INTERNAL.code());
            assertThat(error.cause()).containsSame(unknown);
            assertThat(error.args()).isEmpty();
        }

        @Test
        void translate_error_isInternalToo() {
            var thrown = new StackOverflowError();

            assertThat(translator.translate(thrown).cause()).containsSame(thrown);
        }

        @Test
        void on_sameClassTwice_theLastCounts() {
            Translator twice = Translator.builder()
                    .on(IOException.class, e -> BROKEN.error())
                    .on(IOException.class, e -> MISSING.error())
                    .build();

            assertThat(twice.translate(new IOException()).code()).isEqualTo(MISSING);
        }

        @Test
        void on_function_getsTheExceptionItself() {
            var thrown = new UncheckedIOException(new IOException("x"));
            Translator keeping = Translator.builder()
                    .on(
                            UncheckedIOException.class,
                            e -> DomainError.builder(BROKEN).cause(e).build())
                    .build();

            assertThat(keeping.translate(new CompletionException(thrown)).cause())
                    .containsSame(thrown);
        }

        @Test
        void on_typeNoExceptionCanHave_isRejected() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Translator.builder().on(String.class, e -> BROKEN.error()))
                    .withMessage("type must be a throwable or an interface: java.lang.String");
        }

        @Test
        void build_laterRegistrations_doNotReachABuiltTranslator() {
            Translator.Builder builder = Translator.builder();
            Translator built = builder.build();
            builder.on(IOException.class, e -> BROKEN.error());

            assertThat(built.translate(new IOException()).code()).isEqualTo(ErrorKind.INTERNAL.code());
        }
    }

    @Nested
    class Wrappers {
        static Stream<Throwable> wrappers() {
            var inner = new NoSuchFileException("a");
            return Stream.of(
                    inner,
                    new CompletionException(inner),
                    new ExecutionException(inner),
                    new InvocationTargetException(inner),
                    new UndeclaredThrowableException(inner),
                    new CompletionException(new ExecutionException(new InvocationTargetException(inner))));
        }

        @ParameterizedTest
        @MethodSource("wrappers")
        void translate_wrapped_isWhatIsInside(Throwable wrapped) {
            assertThat(translator.translate(wrapped).code()).isEqualTo(MISSING);
        }

        @Test
        void translate_unknownInside_isInternalWithTheWholeChainAsCause() {
            var wrapped = new CompletionException(new ExecutionException(new IllegalStateException()));

            DomainError error = translator.translate(wrapped);

            assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL);
            assertThat(error.cause()).containsSame(wrapped);
        }

        @Test
        void translate_emptyWrapper_isInternal() {
            assertThat(translator
                            .translate(new CompletionException("empty", null))
                            .kind())
                    .isEqualTo(ErrorKind.INTERNAL);
        }

        @Test
        void translate_otherException_isNotLookedInto() {
            assertThat(translator
                            .translate(new IllegalStateException(new IOException()))
                            .kind())
                    .isEqualTo(ErrorKind.INTERNAL);
        }

        @Test
        void translate_fiftyWrappers_areTakenOffAndNoMore() {
            Throwable thrown = new IOException();
            for (int i = 0; i < 50; i++) {
                thrown = new CompletionException(thrown);
            }

            assertThat(translator.translate(thrown).code()).isEqualTo(BROKEN);
            assertThat(translator.translate(new CompletionException(thrown)).kind())
                    .isEqualTo(ErrorKind.INTERNAL);
        }
    }

    @Nested
    class Carriers {
        @Test
        void translate_carrier_isTheErrorItself() {
            DomainError error = MARKED.error();

            assertThat(translator.translate(new DomainErrorException(error))).isSameAs(error);
            assertThat(translator.translate(new CompletionException(new DomainErrorException(error))))
                    .isSameAs(error);
        }

        @Test
        void translate_carrierThatWasSerialized_isInternal() throws Exception {
            var bytes = new ByteArrayOutputStream();
            try (var out = new ObjectOutputStream(bytes)) {
                out.writeObject(new DomainErrorException(MARKED.error()));
            }
            try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                var carrier = (Throwable) in.readObject();

                assertThat(translator.translate(carrier).kind()).isEqualTo(ErrorKind.INTERNAL);
            }
        }
    }

    @Nested
    class BrokenFunctions {
        @Test
        void translate_functionThrows_isInternalAndTheCauseHasBoth() {
            var bug = new IllegalArgumentException("bug");
            var thrown = new IOException("original");
            Translator broken = Translator.builder()
                    .on(IOException.class, e -> {
                        throw bug;
                    })
                    .build();

            Throwable cause = broken.translate(thrown).cause().orElseThrow();

            assertThat(cause)
                    .hasMessage("The function registered for java.io.IOException threw")
                    .hasCause(bug);
            assertThat(cause).hasSuppressedException(thrown);
        }

        @Test
        void translate_functionRethrowsItsArgument_isInternal() {
            var thrown = new IllegalStateException("same");
            Translator broken = Translator.builder()
                    .on(IllegalStateException.class, e -> {
                        throw e;
                    })
                    .build();

            assertThat(broken.translate(thrown).kind()).isEqualTo(ErrorKind.INTERNAL);
        }

        @Test
        void translate_functionReturnsNull_isInternal() {
            Translator broken =
                    Translator.builder().on(IOException.class, e -> null).build();

            assertThat(broken.translate(new IOException()).cause().orElseThrow())
                    .hasMessage("The function registered for java.io.IOException returned null");
        }

        @Test
        void translate_functionThrowsAnError_letsItFly() {
            var error = new AssertionError("fly");
            Translator broken = Translator.builder()
                    .on(IOException.class, e -> {
                        throw error;
                    })
                    .build();

            assertThatThrownBy(() -> broken.translate(new IOException())).isSameAs(error);
        }
    }

    @Test
    void translate_null_isRejected() {
        assertThatNullPointerException()
                .isThrownBy(() -> translator.translate(null))
                .withMessage("thrown");
    }
}
