package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The examples of the README, as they stand there. */
class ExamplesTest {
    static Result<String, DomainError> poll(TimeSource time, Supplier<Result<String, DomainError>> remote)
            throws InterruptedException {
        Result<String, DomainError> answer = remote.get();
        for (int retry = 0; retry < 5 && !answer.isOk(); retry++) {
            time.sleep(Duration.ofSeconds(1L << retry));
            answer = remote.get();
        }
        return answer;
    }

    @Test
    void poll_remoteComesUpLater_waitsLongerEachTime() throws InterruptedException {
        var time = new VirtualTime();
        Instant start = time.instant();
        var up = new AtomicBoolean();
        var restart = time.schedule(Duration.ofSeconds(5), () -> up.set(true));

        var answer = poll(
                time,
                () -> up.get()
                        ? Result.ok("up")
                        : Result.err(ErrorKind.UNAVAILABLE.code().error()));

        assertThat(answer).isEqualTo(Result.ok("up"));
        assertThat(restart.isDone()).isTrue();
        assertThat(time.instant()).isEqualTo(start.plusSeconds(1 + 2 + 4));
    }

    @Test
    void readme_examples_areTheCodeAbove() throws IOException {
        String source = squeezed(Files.readString(Path.of("src/test/java/dev/underpin/testkit/ExamplesTest.java")));
        var examples = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map((MatchResult example) -> squeezed(example.group(1)))
                .collect(Collectors.toList());

        assertThat(examples)
                .isNotEmpty()
                .allSatisfy(example -> assertThat(source).contains(example));
    }

    /** {@return the text without white space, which the formatter decides} */
    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }
}
