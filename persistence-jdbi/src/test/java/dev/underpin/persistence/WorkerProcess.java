package dev.underpin.persistence;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.persistence.Orders.Mode;
import dev.underpin.persistence.Orders.Point;
import dev.underpin.result.spi.TimeSource;
import dev.underpin.testkit.ChildProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Jdbi;

/** A process that takes orders, to be killed: it is told of them by its input, and tells by its output what becomes of them. */
final class WorkerProcess implements AutoCloseable {
    /** What the answer of a process begins with, before a value or the name of an error. */
    static final String OK = "ok ";

    static final String ERROR = "error ";
    static final String DIED = "died";

    /**
     * Where it works.
     *
     * @param leaseMillis of its operations
     * @param deadlineMillis of its transactions
     */
    record Place(String url, String user, long leaseMillis, long deadlineMillis) {}

    private final ChildProcess process;
    private final UnaryOperator<String> downstream;
    private final AtomicInteger count = new AtomicInteger();
    private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> stops = new ConcurrentHashMap<>();
    private final CountDownLatch read = new CountDownLatch(1);

    private WorkerProcess(ChildProcess process, UnaryOperator<String> downstream) {
        this.process = process;
        this.downstream = downstream;
        Thread reader = new Thread(this::read, "reader of a worker");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * {@return a process}
     *
     * @param downstream what is told of an order; called on one thread, also with what a process said before it was killed
     */
    static WorkerProcess start(UnaryOperator<String> downstream) throws IOException {
        ProcessBuilder command = ChildProcess.java(WorkerProcess.class);
        command.command().addAll(1, List.of("-Xmx128m", "-Duser.timezone=UTC"));
        return new WorkerProcess(ChildProcess.start(command), downstream);
    }

    UnaryOperator<String> downstream() {
        return downstream;
    }

    /** {@return what is answered to an order} */
    CompletableFuture<String> place(Place place, Mode mode, String key) {
        return send(place, mode, key, "", new CountDownLatch(1));
    }

    /** Has it take an order as far as a point, and waits until it is there. */
    void placeUpTo(Point point, Place place, Mode mode, String key) throws InterruptedException {
        var there = new CountDownLatch(1);
        CompletableFuture<String> answer = send(place, mode, key, point.name(), there);
        CompletableFuture<Void> unused = answer.thenRun(there::countDown);
        there.await();
        if (answer.isDone()) {
            throw new AssertionError("It did not come to " + point + ": " + answer.join());
        }
    }

    private CompletableFuture<String> send(Place place, Mode mode, String key, String point, CountDownLatch there) {
        String id = Integer.toString(count.incrementAndGet());
        var answer = new CompletableFuture<String>();
        answers.put(id, answer);
        stops.put(id, there);
        send(
                "place",
                id,
                mode.name(),
                key,
                point,
                place.url(),
                place.user(),
                place.leaseMillis() + "",
                place.deadlineMillis() + "");
        if (read.getCount() == 0) {
            answer.complete(DIED);
        }
        return answer;
    }

    private void send(String... words) {
        try {
            process.send(String.join("\t", words));
        } catch (IOException e) {
            // it has died, which its reader learns
        }
    }

    /** Kills it, and returns when all that it had said is heard. */
    void kill() {
        process.kill();
        try {
            read.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        try {
            for (String line = process.readLine(); line != null; line = process.readLine()) {
                String[] words = line.split("\t", -1);
                switch (words[0]) {
                    case "at" -> stops.get(words[1]).countDown();
                    case "call" -> send("said", words[1], downstream.apply(words[2]));
                    case "answer" -> answers.remove(words[1]).complete(words[2]);
                    default -> throw new IllegalStateException(line);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            read.countDown();
            answers.values().forEach(answer -> answer.complete(DIED));
        }
    }

    @Override
    public void close() {
        kill();
    }

    /* ---- the process itself ---- */

    private static final Map<String, CompletableFuture<String>> SAID = new ConcurrentHashMap<>();
    private static final Map<Place, Orders> SERVICES = new ConcurrentHashMap<>();
    private static final AtomicInteger CALLS = new AtomicInteger();

    /** Ends when its input does. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            if (words[0].equals("said")) {
                SAID.remove(words[1]).complete(words[2]);
            } else {
                Thread worker = new Thread(() -> take(words), words[1]);
                worker.setDaemon(true);
                worker.start();
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private static void take(String[] order) {
        var place = new Place(order[5], order[6], Long.parseLong(order[7]), Long.parseLong(order[8]));
        String answer;
        try {
            Orders orders = SERVICES.computeIfAbsent(place, WorkerProcess::orders);
            answer = orders.place(Mode.valueOf(order[2]), order[3], point -> {
                        if (point.name().equals(order[4])) {
                            say("at", order[1]);
                            hang();
                        }
                    })
                    .fold(
                            replay -> OK + replay.value(),
                            error -> ERROR + error.code().name());
        } catch (RuntimeException e) {
            answer = e.toString().replaceAll("\\s", " ");
        }
        say("answer", order[1], answer);
    }

    private static Orders orders(Place place) {
        var config = new HikariConfig();
        config.setJdbcUrl(place.url());
        config.setUsername(place.user());
        config.setPassword("");
        config.setMaximumPoolSize(10);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(2_000);
        config.setInitializationFailTimeout(-1); // it may start while there is no server
        var pool = new HikariDataSource(config);
        Duration deadline = Duration.ofMillis(place.deadlineMillis());
        var options =
                TxOptions.standard().timeouts(deadline, deadline, deadline).attempts(4);
        return new Orders(
                Transactions.named("shop").defaults(options).build(Jdbi.create(pool)),
                TimeSource.system(),
                Duration.ofMillis(place.leaseMillis()),
                Duration.ZERO,
                WorkerProcess::call);
    }

    private static String call(String key) {
        String id = Integer.toString(CALLS.incrementAndGet());
        var said = new CompletableFuture<String>();
        SAID.put(id, said);
        say("call", id, key);
        return said.join();
    }

    private static void say(String... words) {
        synchronized (System.out) {
            System.out.print(String.join("\t", words) + "\n");
            System.out.flush();
        }
    }

    private static void hang() {
        while (true) {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                // it hangs on
            }
        }
    }
}
