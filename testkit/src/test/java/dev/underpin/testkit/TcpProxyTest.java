package dev.underpin.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.testkit.TcpProxy.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TcpProxyTest {
    private static final String ENDED = "(ended)";

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = listen(0);
        proxy = TcpProxy.to("localhost", server.getLocalPort());
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    /* ---- as it is made ---- */

    @Test
    void connection_asMade_passesOnAndCountsRoundTrips() throws IOException {
        Client one = connect();
        Client other = connect();

        assertThat(one.ask("a")).isEqualTo("re a");
        assertThat(other.ask("b")).isEqualTo("re b");
        assertThat(one.ask("c")).isEqualTo("re c");

        assertThat(proxy.roundTrips()).isEqualTo(3);
        assertThat(proxy.pending()).isFalse();
    }

    @Test
    void connection_largerThanAPiece_passesOnUnchanged() throws IOException {
        String large = "0123456789abcdef".repeat(20_000);

        assertThat(connect().ask(large)).isEqualTo("re " + large);
        assertThat(proxy.roundTrips()).isOne();
    }

    @Test
    void connection_ofAClientThatLeaves_endsAtTheServer() throws Exception {
        Client client = connect();
        assertThat(client.ask("a")).isEqualTo("re a");

        client.close();

        assertThat(heard.take()).isEqualTo("a");
        assertThat(heard.take()).isEqualTo(ENDED);
    }

    @Test
    void connection_serverAway_endsUntilItIsBack() throws IOException {
        int port = server.getLocalPort();
        server.close();
        assertThat(connect().ask("a")).isEqualTo(ENDED);

        server = listen(port);

        assertThat(connect().ask("b")).isEqualTo("re b");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536})
    void to_noPort_isRefused(int port) {
        assertThatThrownBy(() -> TcpProxy.to("localhost", port))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port must be from 1 to 65535: " + port);
    }

    /* ---- faults of one connection ---- */

    @Test
    void inject_loseRequest_theServerNeverHearsIt() throws Exception {
        Client client = connect();
        Client other = connect();
        proxy.inject(Fault.LOSE_REQUEST, "pay");

        assertThat(client.ask("look")).isEqualTo("re look");
        assertThat(proxy.pending()).isTrue();
        assertThat(client.ask("pay 3")).isEqualTo(ENDED);

        assertThat(proxy.pending()).isFalse();
        assertThat(heard.take()).isEqualTo("look");
        assertThat(heard.take()).isEqualTo(ENDED);
        assertThat(other.ask("pay 4")).as("a fault is for once").isEqualTo("re pay 4");
    }

    @Test
    void inject_loseAnswer_theServerHearsIt() throws Exception {
        Client client = connect();
        proxy.inject(Fault.LOSE_ANSWER, "pay");

        assertThat(client.ask("pay 3")).isEqualTo(ENDED);

        assertThat(heard.take()).isEqualTo("pay 3");
        assertThat(heard.take()).isEqualTo(ENDED);
        assertThat(proxy.roundTrips()).isZero();
        assertThat(connect().ask("pay 3")).as("a fault is for once").isEqualTo("re pay 3");
    }

    @Test
    void inject_loseAnswerOfARequestInPieces_isLost() throws Exception {
        Client client = connect();
        proxy.inject(Fault.LOSE_ANSWER, sent -> sent.contains("pay"), () -> {});

        client.write("pay");
        while (proxy.pending()) {
            Thread.onSpinWait();
        }

        assertThat(client.ask(" 3")).isEqualTo(ENDED);
        assertThat(heard.take()).isEqualTo("pay 3");
    }

    @Test
    void inject_hangAnswer_allAnswersAreKeptBackUntilHealed() throws Exception {
        Client client = connect();
        Client other = connect();
        proxy.inject(Fault.HANG_ANSWER, "pay");
        client.write("pay 3\n");
        proxy.awaitWithheld();
        other.write("look\n");
        assertThat(List.of(heard.take(), heard.take())).containsExactly("pay 3", "look");
        assertThat(client.isAnswered()).isFalse();
        assertThat(other.isAnswered()).isFalse();

        proxy.heal();

        assertThat(client.read()).isEqualTo("re pay 3");
        assertThat(other.read()).isEqualTo("re look");
    }

    @ParameterizedTest
    @CsvSource({"LOSE_REQUEST, 0", "LOSE_ANSWER, 1"})
    void inject_withAction_runsItBeforeTheClientKnows(Fault fault, int requestsByThen) throws Exception {
        Client client = connect();
        var seen = new LinkedBlockingQueue<Object>();
        var acted = new CountDownLatch(1);
        proxy.inject(fault, sent -> sent.startsWith("pay"), () -> {
            seen.add(heard.size());
            seen.add(client.isAnswered());
            acted.countDown();
        });

        assertThat(client.ask("pay 3")).isEqualTo(ENDED);

        assertThat(acted.getCount()).isZero();
        assertThat(seen).containsExactly(requestsByThen, false);
    }

    @Test
    void inject_hangAnswerWithAction_runsItFrozen() throws Exception {
        Client client = connect();
        proxy.inject(Fault.HANG_ANSWER, sent -> sent.startsWith("pay"), proxy::heal);

        assertThat(client.ask("pay 3")).isEqualTo("re pay 3");
    }

    @ParameterizedTest
    @EnumSource(value = Fault.class, mode = EnumSource.Mode.EXCLUDE, names = "HANG_ANSWER")
    void inject_actionThatThrows_endsTheConnectionAllTheSame(Fault fault) throws IOException {
        Client client = connect();
        proxy.inject(fault, sent -> true, () -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
            throw new IllegalStateException("on purpose");
        });

        assertThat(client.ask("a")).isEqualTo(ENDED);
        assertThat(connect().ask("b")).isEqualTo("re b");
    }

    @Test
    void inject_again_replaces() throws IOException {
        Client client = connect();
        proxy.inject(Fault.LOSE_REQUEST, "a");
        proxy.inject(Fault.LOSE_REQUEST, "b");

        assertThat(client.ask("a")).isEqualTo("re a");
        assertThat(client.ask("b")).isEqualTo(ENDED);
    }

    @Test
    void inject_twoClientsAskAtOnce_breaksOne() throws Exception {
        List<Client> clients = List.of(connect(), connect());
        var both = new CyclicBarrier(clients.size());
        proxy.inject(Fault.LOSE_REQUEST, sent -> {
            meet(both);
            return true;
        });
        for (Client client : clients) {
            client.write("pay\n");
        }

        assertThat(List.of(clients.get(0).read(), clients.get(1).read())).containsExactlyInAnyOrder("re pay", ENDED);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "COMMIT, true",
        "xx commit;, true",
        "set autocommit=0, false",
        "set synchronous_commit to off, false",
        "select committed from t, false"
    })
    void commit_isAWordOfItsOwn(String sent, boolean isCommit) {
        assertThat(TcpProxy.COMMIT.test(sent)).isEqualTo(isCommit);
    }

    /* ---- faults of all connections ---- */

    @Test
    void cut_endsAllConnectionsAndNoneThatFollow() throws IOException {
        Client one = connect();
        Client other = connect();
        assertThat(one.ask("a")).isEqualTo("re a");
        assertThat(other.ask("b")).isEqualTo("re b");

        proxy.cut();

        assertThat(one.ask("c")).isEqualTo(ENDED);
        assertThat(other.ask("d")).isEqualTo(ENDED);
        assertThat(connect().ask("e")).isEqualTo("re e");
    }

    @Test
    void cutOne_endsOne() throws IOException {
        proxy.cutOne(new Random(1)); // there is none
        List<Client> clients = List.of(connect(), connect(), connect());
        for (Client client : clients) {
            assertThat(client.ask("a")).isEqualTo("re a");
        }

        proxy.cutOne(new Random(1));

        List<String> answers = new ArrayList<>();
        for (Client client : clients) {
            answers.add(client.ask("b"));
        }
        assertThat(answers).containsExactlyInAnyOrder("re b", "re b", ENDED);
    }

    @Test
    void refuse_endsNewConnectionsUntilHealed() throws IOException {
        Client old = connect();
        assertThat(old.ask("a")).isEqualTo("re a");

        proxy.refuse();

        assertThat(connect().ask("b")).isEqualTo(ENDED);
        assertThat(old.ask("c")).isEqualTo("re c");
        proxy.heal();
        assertThat(connect().ask("d")).isEqualTo("re d");
    }

    @Test
    void freeze_keepsAnswersBackUntilHealed() throws Exception {
        Client client = connect();
        assertThat(client.ask("a")).isEqualTo("re a");
        proxy.freeze();
        client.write("b\n");
        proxy.awaitWithheld();
        assertThat(client.isAnswered()).isFalse();
        assertThat(proxy.roundTrips()).isOne();

        proxy.heal();

        assertThat(client.read()).isEqualTo("re b");
        assertThat(proxy.roundTrips()).isEqualTo(2);
    }

    @Test
    void heal_forgetsWhatWasInjected() throws IOException {
        proxy.inject(Fault.LOSE_REQUEST, "a");

        proxy.heal();

        assertThat(proxy.pending()).isFalse();
        assertThat(connect().ask("a")).isEqualTo("re a");
    }

    @Test
    void close_endsAllConnectionsThoughFrozen_andListensNoMore() throws Exception {
        Client client = connect();
        proxy.freeze();
        client.write("a\n");
        proxy.awaitWithheld();

        proxy.close();

        assertThat(client.read()).isEqualTo(ENDED);
        assertThat(afterwards()).isEqualTo(ENDED);
    }

    /** {@return what a client hears that comes late} The kernel may still take it in while the listening thread wakes up. */
    private String afterwards() {
        try {
            return connect().ask("a");
        } catch (IOException e) {
            return ENDED;
        }
    }

    /* ---- the server and its clients ---- */

    /** Answers each line. */
    private ServerSocket listen(int port) throws IOException {
        var socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getByName("localhost"), port));
        opened.add(socket);
        daemon(() -> {
            while (true) {
                Socket accepted = socket.accept();
                daemon(() -> answer(accepted));
            }
        });
        return socket;
    }

    private void answer(Socket socket) throws IOException {
        try (socket;
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard.add(line);
                socket.getOutputStream().write(("re " + line + "\n").getBytes(UTF_8));
            }
        } finally {
            heard.add(ENDED);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // ended
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private Client connect() throws IOException {
        var client = new Client(new Socket(InetAddress.getLoopbackAddress(), proxy.port()));
        opened.add(client);
        return client;
    }

    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader lines;

        Client(Socket socket) throws IOException {
            this.socket = socket;
            this.lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        }

        String ask(String question) throws IOException {
            try {
                write(question + "\n");
            } catch (IOException e) {
                return ENDED;
            }
            return read();
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(UTF_8));
        }

        String read() {
            try {
                String line = lines.readLine();
                return line == null ? ENDED : line;
            } catch (IOException e) {
                return ENDED;
            }
        }

        boolean isAnswered() {
            try {
                return socket.getInputStream().available() > 0;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
