package dev.underpin.quickstart;

import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.testkit.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The program as a person starts it: a process of its own, from the class path of this one without the tests. */
final class ServiceProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final ChildProcess process;

    private ServiceProcess(ChildProcess process) {
        this.process = process;
    }

    static ServiceProcess start(Map<String, String> env, String... args) throws IOException {
        ProcessBuilder builder = ChildProcess.java(Main.class, args).redirectErrorStream(true);
        List<String> command = builder.command();
        command.set(command.indexOf("-cp") + 1, classPath());
        builder.environment().remove("DATABASE_URL");
        builder.environment().remove("PORT");
        builder.environment().remove("CURSOR_KEYS");
        builder.environment().remove("PAYMENT_URL");
        builder.environment().remove("COURIER_URL");
        builder.environment().putAll(env);
        return new ServiceProcess(ChildProcess.start(builder));
    }

    static ServiceProcess serve(Path data, int orders) throws IOException {
        return start(Map.of(), "--port=0", "--data", data.toString(), "--orders=" + orders);
    }

    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** {@return the next line that is as expected; waits for it} */
    @CanIgnoreReturnValue
    String await(Predicate<String> expected) throws InterruptedException {
        return process.await(expected, PATIENCE);
    }

    @CanIgnoreReturnValue
    int awaitPort() throws InterruptedException {
        String line = await(text -> text.contains("Listening on "));
        return Integer.parseInt(line.replaceFirst(".*Listening on http:\\\\?/\\\\?/127\\.0\\.0\\.1:([0-9]+).*", "$1"));
    }

    /** Asks it to end, as a platform or Ctrl-C does. */
    void terminate() {
        process.terminate();
    }

    /** Ends it without asking, as a crash does. */
    void kill() {
        process.kill();
    }

    @CanIgnoreReturnValue
    int awaitExit() throws InterruptedException {
        return process.awaitExit(PATIENCE);
    }

    List<String> output() {
        return process.output();
    }

    @Override
    public void close() {
        process.close();
    }
}
