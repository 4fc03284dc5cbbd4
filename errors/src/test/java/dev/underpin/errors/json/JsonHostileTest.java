package dev.underpin.errors.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonCreator;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.DomainErrorException;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Types of a service that fail in ways nobody foresees, and secrets in any place of a body. */
class JsonHostileTest {
    static final class HostileException extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new IllegalStateException("s3cret");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("s3cret");
        }
    }

    record HostileError() implements DomainError {
        @Override
        public ErrorCode code() {
            return ErrorKind.VALIDATION.code();
        }

        @Override
        public List<Detail> details() {
            throw new IllegalStateException("s3cret");
        }
    }

    record Fails(String how) {
        @JsonCreator
        static Fails of(String how) {
            switch (how) {
                case "cause" -> throw new HostileException();
                case "error" -> throw new DomainErrorException(new HostileError());
                default -> throw new IllegalArgumentException(how);
            }
        }
    }

    static class Holder {
        public Fails fails;
    }

    static class Line {
        public int quantity;
        public Map<String, Integer> limits;
    }

    static class Order {
        public List<Line> lines;
        public Fails fails;
    }

    private static DomainError error(Result<?, DomainError> result) {
        return result.fold(
                value -> {
                    throw new AssertionError("was read");
                },
                error -> error);
    }

    @ParameterizedTest
    @EnumSource
    void read_exceptionThatFailsWhenAsked_isInvalid(Jacksons jackson) {
        for (String how : List.of("cause", "error", "other")) {
            DomainError error = error(
                    jackson.standard().read("{\"fails\":\"%s\"}".formatted(how).getBytes(UTF_8), Holder.class));

            assertThat(error.kind()).as(how).isEqualTo(ErrorKind.VALIDATION);
            assertThat(error.details()).extracting(Detail::message).containsExactly("is not valid");
        }
    }

    record Node(@Nullable Node child) {}

    @ParameterizedTest
    @EnumSource
    void read_nestedTooDeepForTheStack_isMalformed(Jacksons jackson) throws InterruptedException {
        byte[] body = ("{\"child\":".repeat(900) + "null" + "}".repeat(900)).getBytes(UTF_8);
        Json json = jackson.standard();
        var warm = json.read("{}".getBytes(UTF_8), Node.class);
        assertThat(warm.isOk()).isTrue();
        List<DomainError> errors = new ArrayList<>();
        // One of these stacks is too small for so many levels, whatever was compiled by now.
        for (long stack = 200_000; errors.isEmpty() && stack >= 50_000; stack -= 50_000) {
            Runnable read = () -> {
                boolean unused = json.read(body, Node.class).fold(node -> true, errors::add);
            };
            var thread = new Thread(null, read, "small stack", stack);
            thread.start();
            thread.join();
        }

        assertThat(errors).extracting(DomainError::kind).containsExactly(ErrorKind.MALFORMED);
        assertThat(errors.get(0).details()).extracting(Detail::code).containsExactly("JSON_MALFORMED");
    }

    @ParameterizedTest
    @EnumSource
    void read_brokenSyntax_saysTheLineAlone(Jacksons jackson) {
        DomainError error = error(jackson.standard().read("{\n\"lines\": s3cret}".getBytes(UTF_8), Order.class));

        assertThat(error.details()).extracting(Detail::args).containsExactly(Map.of("line", 2));
    }

    @ParameterizedTest
    @EnumSource
    void read_wrongValueInAMap_namesTheKey(Jacksons jackson) {
        DomainError error =
                error(jackson.standard().read("{\"lines\":[{\"limits\":{\"k\":\"x\"}}]}".getBytes(UTF_8), Order.class));

        assertThat(error.details()).extracting(Detail::field).containsExactly("lines[0].limits[k]");
    }

    @ParameterizedTest
    @EnumSource
    void read_randomSecretsAnywhere_areNotTold(Jacksons jackson) {
        Random random = new Random(20261121);
        List<String> bodies = List.of(
                "{\"lines\":%s}",
                "{\"lines\":[{\"quantity\":%s}]}",
                "{\"lines\":[{\"limits\":{\"k\":%s}}]}",
                "{\"fails\":%s}",
                "%s",
                "{\"lines\":[%s]}",
                "{\"lines\":[{\"quantity\":1%s}]}");
        for (Json json : List.of(jackson.standard(), jackson.strict())) {
            for (int round = 0; round < 2_000; round++) {
                String secret = "s3cret" + Long.toString(random.nextLong() & Long.MAX_VALUE, 36);
                String value = random.nextInt(4) == 0 ? secret : '"' + secret + '"';
                String body = bodies.get(random.nextInt(bodies.size())).formatted(value);

                DomainError error = error(json.read(body.getBytes(UTF_8), Order.class));

                assertThat(error.code() + error.message() + error.args() + error.details())
                        .as(body)
                        .doesNotContain("s3cret");
            }
        }
    }
}
