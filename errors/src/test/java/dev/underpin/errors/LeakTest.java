package dev.underpin.errors;

import static dev.underpin.errors.Requests.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.underpin.errors.context.RequestContext;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

class LeakTest {
    private static final int CASES = 1_000;
    private static final ErrorCode STORE = ErrorCode.of(ErrorKind.UNAVAILABLE, "STORE_DOWN", "The store is down");
    private static final ErrorCode TAKEN = ErrorCode.of(ErrorKind.CONFLICT, "NAME_TAKEN", "The name is taken");

    /** An exception with a secret wherever one can be. */
    private static final class SecretException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String secret;

        SecretException(String secret, Throwable cause) {
            super(secret, cause);
            this.secret = secret;
        }

        @Override
        public String getLocalizedMessage() {
            return "localized " + secret;
        }

        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return "SecretException of " + secret;
        }
    }

    @Test
    void answer_secretsAnywhereInAThrowable_neverReachTheClientOrTheMdc() {
        long seed = 20_261_121;
        var random = new Random(seed);
        try (LogCapture log = LogCapture.start()) {
            for (int i = 0; i < CASES; i++) {
                String secret = "s3cr3t" + Long.toString(random.nextLong() & Long.MAX_VALUE, 36);
                Map<String, String> mdc = new HashMap<>();

                Rendered answer = answer(random, secret, mdc);

                String seen = answer.headers() + new String(answer.body(), UTF_8) + mdc + MDC.getCopyOfContextMap();
                assertThat(seen).as("seed %d, case %d", seed, i).doesNotContain(secret);
            }
            assertThat(log.events()).hasSize(CASES);
            for (ILoggingEvent event : log.events()) {
                assertThat(event.getFormattedMessage() + event.getMDCPropertyMap())
                        .as("seed %d", seed)
                        .doesNotContain("s3cr3t");
            }
        }
    }

    private static Rendered answer(Random random, String secret, Map<String, String> mdc) {
        Throwable thrown = wrapped(random, secret(random, secret));
        Renderer renderer = renderer(random, secret);
        String accept = random.nextBoolean() ? "application/problem+json" : "application/json";
        if (random.nextInt(4) == 0) {
            try (RequestContext context = RequestContext.open(request("Accept", accept))) {
                mdc.putAll(MDC.getCopyOfContextMap());
                return renderer.render(thrown, context);
            }
        }
        int path = random.nextInt(4);
        return renderer.answer(request("Accept", accept), context -> {
            mdc.putAll(MDC.getCopyOfContextMap());
            return switch (path) {
                case 0 -> throw LeakTest.<RuntimeException>sneaky(thrown);
                case 1 -> throw new DomainErrorException(error(random, thrown));
                case 2 -> Result.err(error(random, thrown));
                default -> Result.ok(thrown); // data that cannot be written
            };
        });
    }

    private static DomainError error(Random random, Throwable cause) {
        ErrorCode code = random.nextBoolean() ? STORE : TAKEN;
        return DomainError.builder(code).cause(cause).build();
    }

    private static Renderer renderer(Random random, String secret) {
        Translator.Builder translator = Translator.builder();
        switch (random.nextInt(5)) {
            case 0 ->
                translator.on(
                        Exception.class,
                        e -> DomainError.builder(TAKEN).cause(e).build());
            case 1 -> translator.on(SecretException.class, e -> STORE.error());
            case 2 ->
                translator.on(RuntimeException.class, e -> {
                    throw new SecretException(secret, e);
                });
            case 3 -> translator.on(SQLException.class, e -> null);
            default -> {
                // Nothing is registered.
            }
        }
        BodyWriter writer = tree -> {
            if (tree instanceof Map<?, ?> map && map.get("data") != null) {
                throw new SecretException(secret, null);
            }
            return new PlainJson().write(tree);
        };
        Renderer.Builder renderer = Renderer.builder(writer).translator(translator.build());
        if (random.nextInt(5) == 0) {
            renderer.messages((key, args, locale) -> {
                throw new SecretException(secret, null);
            });
        }
        return renderer.build();
    }

    private static Throwable secret(Random random, String secret) {
        Throwable cause = random.nextBoolean() ? null : secret(random, secret);
        Exception thrown = switch (random.nextInt(5)) {
            case 0 -> new SecretException(secret, cause);
            case 1 -> new IllegalStateException("near " + secret, cause);
            case 2 -> new IOException(secret + '\n', cause);
            case 3 -> new SQLException(secret, "23505", cause);
            default -> new UncheckedIOException(new IOException(secret, cause));
        };
        if (random.nextInt(3) == 0) {
            thrown.addSuppressed(new SecretException(secret, null));
        }
        return thrown;
    }

    private static Throwable wrapped(Random random, Throwable thrown) {
        return switch (random.nextInt(6)) {
            case 0 -> new CompletionException(thrown);
            case 1 -> new ExecutionException(thrown);
            case 2 -> new InvocationTargetException(thrown, thrown.getMessage());
            case 3 -> new UndeclaredThrowableException(thrown, thrown.getMessage());
            case 4 -> new CompletionException(wrapped(random, thrown));
            default -> thrown;
        };
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
        throw (X) thrown;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5})
    void answer_sqlExceptionSomewhere_showsNothingOfItAndLogsAllOfIt(int depth) {
        Throwable thrown = new SQLException(
                "ERROR: insert into users(email) values('a@b.c') at /var/lib/db on db.internal; password=hunter2",
                "23505");
        for (int i = 0; i < depth; i++) {
            thrown = new IllegalStateException("level " + i, thrown);
        }
        Throwable failure = thrown;
        Renderer renderer = Renderer.builder(new PlainJson()).build();
        try (LogCapture log = LogCapture.start()) {
            Rendered answer = renderer.answer(request(), context -> {
                throw (Exception) failure;
            });

            assertThat(answer.headers() + new String(answer.body(), UTF_8))
                    .doesNotContain("insert", "users", "a@b.c", "hunter2", "23505", "java", "Exception", "/var", "db.");
            assertThat(LogCapture.trace(log.only())).contains("insert into users", "a@b.c", "hunter2");
            assertThat(log.only().getFormattedMessage()).contains(Requests.ID);
        }
    }
}
