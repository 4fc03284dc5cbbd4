package dev.underpin.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.CanIgnoreReturnValue;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as a person starts it: a process of its own, from the class path of this one without the tests. */
final class ServiceProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 180;
    private static final String END = "\0";

    private final Process process;
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final BlockingQueue<String> unread = new LinkedBlockingQueue<>();

    private ServiceProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    static ServiceProcess start(Map<String, String> env, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", // it lives for seconds
                "-XX:+UseSerialGC",
                "-cp",
                classPath(),
                Main.class.getName()));
        command.addAll(Arrays.asList(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("DATABASE_URL");
        builder.environment().remove("PORT");
        builder.environment().remove("CURSOR_KEYS");
        builder.environment().remove("PAYMENT_URL");
        builder.environment().remove("COURIER_URL");
        builder.environment().putAll(env);
        return new ServiceProcess(builder.start());
    }

    static ServiceProcess serve(Path data, int orders) throws IOException {
        return start(Map.of(), "--port=0", "--data", data.toString(), "--orders=" + orders);
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void read() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                unread.add(line);
            }
        } catch (IOException e) {
            output.add(e.toString());
        } finally {
            unread.add(END);
        }
    }

    /** {@return the next line that is as expected; waits for it} */
    @CanIgnoreReturnValue
    String await(Predicate<String> expected) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            String line = unread.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null || line.equals(END)) {
                throw new AssertionError("Not in the output of the process: " + String.join("\n", output));
            }
            if (expected.test(line)) {
                return line;
            }
        }
    }

    @CanIgnoreReturnValue
    int awaitPort() throws InterruptedException {
        String line = await(text -> text.contains("Listening on "));
        return Integer.parseInt(line.replaceFirst(".*Listening on http:\\\\?/\\\\?/127\\.0\\.0\\.1:([0-9]+).*", "$1"));
    }

    /** Asks it to end, as a platform or Ctrl-C does. By the handle: the process itself would also close its output. */
    void terminate() {
        assertThat(process.toHandle().destroy()).isTrue();
    }

    /** Ends it without asking, as a crash does. */
    void kill() throws InterruptedException {
        assertThat(process.toHandle().destroyForcibly()).isTrue();
        awaitExit();
    }

    @CanIgnoreReturnValue
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("Still running: " + String.join("\n", output));
        }
        return process.exitValue();
    }

    List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
