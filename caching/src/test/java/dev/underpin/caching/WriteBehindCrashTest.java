package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import dev.underpin.testkit.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a queue whose process is killed. */
@Timeout(60)
class WriteBehindCrashTest {
    private static final int FLUSHED = 250;

    @Test
    void kill_losesWhatWasNotFlushedAndNothingElse(@TempDir Path directory) throws Exception {
        Path store = Files.createFile(directory.resolve("store"));
        ProcessBuilder command = ChildProcess.java(WriteBehindCrashTest.class, store.toString());
        try (ChildProcess process = ChildProcess.start(command)) {
            assertThat(process.readLine()).isEqualTo("flushed []");
            assertThat(process.readLine()).isEqualTo("waiting");

            process.kill();
        }

        assertThat(Files.readAllLines(store))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, FLUSHED).mapToObj(i -> i + "=new").toList());
    }

    /* ---- the process itself ---- */

    /** Puts, flushes, puts more, and waits to be killed. */
    public static void main(String[] arguments) throws IOException {
        Path store = Path.of(arguments[0]);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        WriteBehind<Integer, String> queue = WriteBehind.named("orders")
                .acceptLossOnCrash()
                .executor(executor)
                .delay(Duration.ofHours(1))
                .build(writes -> append(store, writes), (write, error) -> {});
        put(queue, 0, FLUSHED, "old");
        put(queue, 0, FLUSHED, "new");
        System.out.println("flushed " + queue.flush(Duration.ofSeconds(30)));
        put(queue, 0, 2 * FLUSHED, "lost");
        System.out.println("waiting");
        int unused = System.in.read();
        Runtime.getRuntime().halt(0);
    }

    private static void put(WriteBehind<Integer, String> queue, int from, int to, String value) {
        for (int i = from; i < to; i++) {
            if (!queue.put(i, value).isOk()) {
                throw new AssertionError("not taken");
            }
        }
    }

    private static Result<Unit, DomainError> append(Path store, List<WriteBehind.Write<Integer, String>> writes) {
        try {
            Files.write(
                    store,
                    writes.stream()
                            .map(write -> write.key() + "=" + write.value().orElseThrow())
                            .toList(),
                    StandardOpenOption.APPEND,
                    StandardOpenOption.SYNC);
            return Result.ok();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
