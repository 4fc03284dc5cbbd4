package dev.underpin.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The service in a process of its own, which can be killed. */
final class ChildService implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening on .*:([0-9]+)\"");

    private final Process process;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();

    private ChildService(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "log of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    static ChildService start(Path data, URI payments) throws IOException {
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1", // it lives for seconds
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "--port=0",
                        "--data=" + data)
                .redirectErrorStream(true);
        builder.environment().remove("DATABASE_URL");
        builder.environment().remove("COURIER_URL");
        builder.environment().put("PAYMENT_URL", payments.toString());
        return new ChildService(builder.start());
    }

    private void read() {
        StringBuilder log = new StringBuilder();
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.append(line).append('\n');
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    port.complete(Integer.valueOf(listening.group(1)));
                }
            }
            port.completeExceptionally(new IOException("The service ended: " + log));
        } catch (IOException e) {
            port.completeExceptionally(e);
        }
    }

    /** {@return the port it listens on, once it does} */
    int port() {
        return port.join();
    }

    /** Ends it without asking, and waits until it has. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
