package dev.underpin.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildProcessTest {
    private static final Duration SOON = Duration.ofSeconds(50);
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;

    @TempDir
    Path directory;

    /* ---- a JVM ---- */

    @Test
    void java_runsAClassOfThisClassPath_andTalks() throws Exception {
        ProcessBuilder command = ChildProcess.java(Parrot.class, "first", "second argument");
        command.command().add(1, "-Dparrot=grün");
        try (ChildProcess parrot = ChildProcess.start(command)) {
            assertThat(parrot.readLine()).isEqualTo("[first, second argument] grün");
            parrot.send("hällo");
            assertThat(parrot.readLine()).isEqualTo("hällo");

            parrot.send("exit 3");

            assertThat(parrot.awaitExit(SOON)).isEqualTo(3);
            assertThat(parrot.readLine()).isNull();
            assertThat(parrot.output()).hasSize(2);
            assertThatThrownBy(() -> parrot.send("late")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void kill_ofAJvm_runsNoHook_andHearsAllThatWasSaid() throws Exception {
        try (ChildProcess parrot = ChildProcess.start(ChildProcess.java(Parrot.class))) {
            parrot.send("last words");
            parrot.await("last words"::equals, SOON);

            parrot.kill();

            assertThat(parrot.awaitExit(SOON)).isEqualTo(128 + SIGKILL);
            assertThat(parrot.output()).doesNotContain("hook");
        }
    }

    @Test
    void terminate_ofAJvm_runsItsHooks() throws Exception {
        try (ChildProcess parrot = ChildProcess.start(ChildProcess.java(Parrot.class))) {
            assertThat(parrot.readLine()).isNotNull();

            parrot.terminate();

            assertThat(parrot.awaitExit(SOON)).isEqualTo(128 + SIGTERM);
            assertThat(parrot.output()).endsWith("hook");
        }
    }

    /** Says what it was called with, and then what it hears. */
    static final class Parrot {
        private Parrot() {}

        public static void main(String[] arguments) throws IOException {
            var out = new PrintStream(System.out, true, UTF_8);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> out.println("hook")));
            out.println(Arrays.toString(arguments) + " " + System.getProperty("parrot"));
            var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("exit ")) {
                    Runtime.getRuntime().halt(Integer.parseInt(line.substring(5)));
                }
                out.println(line);
            }
        }
    }

    /* ---- any process ---- */

    @Test
    void await_takesTheFirstLineThatFits_andWhatFollowsIsLeft() throws Exception {
        try (ChildProcess shell = shell("printf 'a\\nb 1\\nb 2\\nend without newline'")) {
            assertThat(shell.await(line -> line.startsWith("b"), SOON)).isEqualTo("b 1");
            assertThat(shell.readLine()).isEqualTo("b 2");
            assertThat(shell.readLine()).isEqualTo("end without newline");
            assertThat(shell.readLine()).isNull();
            assertThat(shell.output()).containsExactly("a", "b 1", "b 2", "end without newline");
        }
    }

    @Test
    void await_processEndsWithoutTheLine_failsWithWhatItSaid() throws Exception {
        try (ChildProcess shell = shell("echo a; echo b")) {
            assertThatThrownBy(() -> shell.await("c"::equals, SOON))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("Not said before the process ended, nor within PT50S; it said:\na\nb");
        }
    }

    @Test
    void await_processSaysNothing_failsAfterTheTime() throws Exception {
        try (ChildProcess shell = shell("read line")) {
            assertThatThrownBy(() -> shell.await("c"::equals, Duration.ofMillis(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("nor within PT0.001S");
            assertThatThrownBy(() -> shell.awaitExit(Duration.ofMillis(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("Still running after PT0.001S");
        }
    }

    @Test
    void readLine_interrupted_ends() throws Exception {
        try (ChildProcess shell = shell("read line")) {
            Thread.currentThread().interrupt();

            assertThatThrownBy(shell::readLine).isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void start_noOneReadsItsErrors_theyHoldNothingUp() throws Exception {
        Path errors = directory.resolve("errors");
        var command = new ProcessBuilder("sh", "-c", "echo wrong >&2; echo right").redirectError(errors.toFile());
        try (ChildProcess shell = ChildProcess.start(command)) {
            assertThat(shell.awaitExit(SOON)).isZero();
        }
        var piped = new ProcessBuilder("true");
        ChildProcess.start(piped).close();

        assertThat(Files.readString(errors)).isEqualTo("wrong\n");
        assertThat(piped.redirectError()).isEqualTo(ProcessBuilder.Redirect.INHERIT);
    }

    @Test
    void start_noSuchProgram_fails() {
        assertThatThrownBy(() -> ChildProcess.start(new ProcessBuilder("no such program")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void kill_returnsWhenItHasEndedAndAllItSaidIsHeard() throws Exception {
        Path said = directory.resolve("said");
        try (ChildProcess shell = shell("seq 9000; touch " + said + "; read line")) {
            while (!Files.exists(said)) {
                Thread.onSpinWait();
            }

            shell.kill();

            assertThat(shell.output()).hasSize(9_000);
            assertThat(shell.awaitExit(Duration.ZERO)).isEqualTo(128 + SIGKILL);
        }
    }

    @Test
    void kill_ofAProcessWithChildren_endsThemToo() throws Exception {
        try (ChildProcess shell = shell("sh -c 'echo up; exec sleep 600' & read line")) {
            shell.await("up"::equals, SOON);

            shell.kill(); // which would wait for the end of an output that the other has as well

            assertThat(shell.output()).containsExactly("up");
        }
    }

    @Test
    void awaitExit_returnsWhenAllItSaidIsHeard() throws Exception {
        try (ChildProcess shell = shell("seq 9000")) {
            assertThat(shell.awaitExit(SOON)).isZero();

            assertThat(shell.output()).hasSize(9_000);
        }
    }

    @Test
    void kill_interrupted_killsAndStaysInterrupted() throws Exception {
        try (ChildProcess shell = shell("read line")) {
            Thread.currentThread().interrupt();

            shell.kill();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(shell.awaitExit(SOON)).isEqualTo(128 + SIGKILL);
        }
    }

    @Test
    void close_ofAProcessThatHasEnded_isNothing() throws Exception {
        ChildProcess shell = shell("exit 3");
        assertThat(shell.awaitExit(SOON)).isEqualTo(3);

        shell.close();
        shell.close();

        assertThat(shell.awaitExit(SOON)).isEqualTo(3);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void freeze_stopsItUntilItIsThawed() throws Exception {
        try (ChildProcess shell = shell("echo $$; read line; echo heard $line")) {
            String pid = shell.readLine();
            shell.freeze();
            while (!stateOf(pid).equals("T")) {
                Thread.onSpinWait();
            }
            shell.send("me");
            assertThat(shell.output()).hasSize(1);

            shell.thaw();

            assertThat(shell.readLine()).isEqualTo("heard me");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void kill_ofAFrozenProcess_endsIt() throws Exception {
        try (ChildProcess shell = shell("read line")) {
            shell.freeze();

            shell.kill();

            assertThat(shell.awaitExit(SOON)).isEqualTo(128 + SIGKILL);
            assertThatThrownBy(shell::thaw)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("kill -CONT must succeed");
        }
    }

    @Test
    void readLine_byManyThreads_givesEachLineToOne() throws Exception {
        int lines = 200;
        try (ChildProcess shell =
                shell("read line; i=0; while [ $i -lt " + lines + " ]; do echo $i; i=$((i + 1)); done")) {
            var read = new ConcurrentLinkedQueue<String>();
            var ended = new CountDownLatch(4);
            for (int i = 0; i < 4; i++) {
                new Thread(() -> {
                            try {
                                for (String line = shell.readLine(); line != null; line = shell.readLine()) {
                                    read.add(line);
                                }
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            ended.countDown();
                        })
                        .start();
            }
            shell.send("go");
            ended.await();

            assertThat(read).containsExactlyInAnyOrderElementsOf(shell.output()).hasSize(lines);
        }
    }

    private static ChildProcess shell(String script) throws IOException {
        return ChildProcess.start(new ProcessBuilder("sh", "-c", script));
    }

    private static String stateOf(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        return stat.substring(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
    }
}
