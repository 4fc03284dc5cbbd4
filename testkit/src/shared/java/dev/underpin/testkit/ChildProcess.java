package dev.underpin.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.underpin.result.CanIgnoreReturnValue;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A process that a test talks with by lines of text, and kills.
 *
 * <p>{@link #java} is the command of a JVM that runs a main class of this one's class path, so that a test can kill the
 * code that it tests; any other command will do. What the process says on its output is kept, and read by a thread of its
 * own, so that it never waits for its reader. Lines are of UTF-8, and one that its end cuts short is a line too.
 *
 * <p>A test that is itself killed leaves its processes behind, unless these end when their input does.
 *
 * <p>Thread-safe; each line is read by one thread alone.
 */
public final class ChildProcess implements AutoCloseable {
    /** An output that is still open behind its end is that of another process, which may never end. */
    private static final int SECONDS_TO_HEAR = 30;

    private final Process process;
    private final BufferedWriter input;
    private final ReentrantLock inputLock = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition heard = lock.newCondition();
    private final List<String> output = new ArrayList<>();
    private final CompletableFuture<Boolean> allHeard = new CompletableFuture<>();
    private int taken;
    private boolean ended;

    private ChildProcess(Process process) {
        this.process = process;
        this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8));
        Thread reader = new Thread(this::hear, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * {@return the command of a JVM like this one, with its class path and none of its options, made for a short life: it
     * neither optimizes much nor collects garbage in parallel}
     *
     * <p>Options of its own go into the command behind its first word.
     *
     * @param main a class with a public static main method; it need not be public itself
     * @param arguments what that is called with
     */
    public static ProcessBuilder java(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /**
     * {@return a process that has started}
     *
     * @param command its command; errors that it would write into a pipe, which nobody reads, go where those of this
     *     process go
     * @throws IOException if it cannot be started
     */
    public static ChildProcess start(ProcessBuilder command) throws IOException {
        if (command.redirectError().equals(Redirect.PIPE)) {
            command.redirectError(Redirect.INHERIT);
        }
        return new ChildProcess(command.start());
    }

    /**
     * Writes a line to the input of the process.
     *
     * @param line what to write, without its end
     * @throws IOException if the process has ended
     */
    public void send(String line) throws IOException {
        Objects.requireNonNull(line, "line");
        inputLock.lock();
        try {
            input.write(line + "\n");
            input.flush();
        } finally {
            inputLock.unlock();
        }
    }

    /**
     * Waits for the next line, for as long as the process says none.
     *
     * @return the line that follows the last one read, or null when the process has ended and all of it was read
     * @throws InterruptedException if the thread is interrupted; its flag is cleared
     */
    public @Nullable String readLine() throws InterruptedException {
        return take(System.nanoTime() + Long.MAX_VALUE / 2); // a century and a half
    }

    /**
     * Waits for a line, and reads those before it.
     *
     * @param line whether it is the one
     * @param within how long to wait for it
     * @return the first such line that was not read yet
     * @throws AssertionError with all that was said, if the process ends without it, or that time does
     * @throws InterruptedException if the thread is interrupted; its flag is cleared
     */
    @CanIgnoreReturnValue
    public String await(Predicate<String> line, Duration within) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (true) {
            String next = take(deadline);
            if (next == null) {
                throw failure("Not said before the process ended, nor within " + within);
            }
            if (line.test(next)) {
                return next;
            }
        }
    }

    /** {@return all lines so far, be they read or not} */
    public List<String> output() {
        lock.lock();
        try {
            return List.copyOf(output);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the process has ended, and all that it said is heard.
     *
     * @param within how long to wait for it
     * @return its exit code; that of a killed one is 128 and the number of the signal
     * @throws AssertionError with all that was said, if it does not end, or its output stays open in a process that it started
     * @throws InterruptedException if the thread is interrupted; its flag is cleared
     */
    @CanIgnoreReturnValue
    public int awaitExit(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toNanos(), TimeUnit.NANOSECONDS)) {
            throw failure("Still running after " + within);
        }
        awaitEnd();
        return process.exitValue();
    }

    /** Asks the process to end, by a signal that it may hear and take its time for (SIGTERM). Waits for nothing. */
    public void terminate() {
        boolean unused = process.toHandle().destroy(); // of the process itself, it would also close its output
    }

    /**
     * Ends the process and those that it has started, without asking, as a crash does (SIGKILL), and returns when it has ended
     * and all that it said is heard.
     *
     * @throws AssertionError if its output stays open, for half a minute, in a process that it had left behind before
     */
    public void kill() {
        List<ProcessHandle> started = process.descendants().toList(); // not known any more when it has ended
        boolean unused = process.toHandle().destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
        awaitEnd();
    }

    /**
     * Stops the process where it is, as a machine does that is out of breath (SIGSTOP), until {@link #thaw} or
     * {@link #kill}. Not on Windows.
     *
     * @throws IOException if there is no such signal, or no such process any more
     * @throws InterruptedException if the thread is interrupted; its flag is cleared
     */
    public void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /**
     * Lets a frozen process go on (SIGCONT). Not on Windows.
     *
     * @throws IOException if there is no such signal, or no such process any more
     * @throws InterruptedException if the thread is interrupted; its flag is cleared
     */
    public void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** Kills it. */
    @Override
    public void close() {
        kill();
    }

    private void signal(String name) throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IOException(
                    "kill -" + name + " must succeed: the process has ended"); // another may have its number
        }
        int exit = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + name + " must succeed: it ended with " + exit);
        }
    }

    private void hear() {
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                note(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            noteEnd();
        }
    }

    private void note(String line) {
        lock.lock();
        try {
            output.add(line);
            heard.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void noteEnd() {
        lock.lock();
        try {
            ended = true;
            heard.signalAll();
        } finally {
            lock.unlock();
        }
        boolean unused = allHeard.complete(true);
    }

    /** {@return the next line, or null if there is none any more, or not by then} */
    private @Nullable String take(long deadline) throws InterruptedException {
        lock.lock();
        try {
            long left = deadline - System.nanoTime();
            while (taken == output.size() && !ended && left > 0) {
                left = heard.awaitNanos(left);
            }
            return taken == output.size() ? null : output.get(taken++);
        } finally {
            lock.unlock();
        }
    }

    private void awaitEnd() {
        boolean heardAll = allHeard.copy()
                .completeOnTimeout(false, SECONDS_TO_HEAR, TimeUnit.SECONDS)
                .join();
        if (!heardAll) {
            throw failure("Its output is still open " + SECONDS_TO_HEAR
                    + " s after it ended, in a process that it started and left behind");
        }
    }

    private AssertionError failure(String what) {
        return new AssertionError(what + "; it said:\n" + String.join("\n", output()));
    }
}
