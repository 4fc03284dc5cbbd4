package dev.underpin.quickstart;

import dev.underpin.pagination.CursorKeys;
import dev.underpin.quickstart.downstream.FlakyCourier;
import dev.underpin.quickstart.downstream.FlakyPayments;
import dev.underpin.quickstart.http.HttpConfig;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the service, or plays the demo. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private Main() {}

    /**
     * Runs until the process is told to end.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Result<Options, ValidationError> parsed = Options.parse(List.of(args), System.getenv());
        if (parsed instanceof Result.Err<Options, ValidationError> err) {
            err.error().details().forEach(fault -> System.err.println(fault.field() + ": " + fault.message()));
            System.err.println();
            System.err.print(Options.USAGE);
            System.exit(MISUSED);
        }
        Options options = parsed.orElseThrow();
        switch (options.mode()) {
            case HELP -> System.out.print(Options.USAGE);
            case DEMO -> System.exit(Demo.play(System.out, options.orders()) ? 0 : FAILED);
            case SERVE -> serve(options);
        }
    }

    private static void serve(Options options) throws InterruptedException {
        log.info("Opening {}", options.database());
        CursorKeys cursorKeys = options.cursorKeys().orElseGet(Main::randomKey);
        Downstreams downstreams = new Downstreams(
                options.payments().orElseGet(Main::flakyPayments),
                options.courier().orElseGet(Main::flakyCourier),
                options.settings());
        log.info("Others are called so: {}", options.settings());
        Quickstart service;
        try {
            service = Quickstart.start(
                    HttpConfig.standard(options.host(), options.port(), cursorKeys),
                    options.database(),
                    options.orders(),
                    downstreams);
        } catch (RuntimeException e) {
            log.error("The service could not start", e);
            System.exit(FAILED);
            return;
        }
        // SIGTERM and Ctrl-C end the process through this hook; it exits once the last request is answered.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "shutdown"));
        log.info("Listening on http://{}:{}", options.host(), service.port());
        new CountDownLatch(1).await();
    }

    private static CursorKeys randomKey() {
        log.info("Cursors are signed with a random key, and end with this process: set CURSOR_KEYS to keep them");
        return CursorSecrets.random();
    }

    /** Ends with the process, and forgets what it charged. */
    private static URI flakyPayments() {
        URI uri = FlakyPayments.start().uri();
        log.info("Cards are charged by a service of our own at {}, which fails as it is told: see PAYMENT_URL", uri);
        return uri;
    }

    private static URI flakyCourier() {
        URI uri = FlakyCourier.start().uri();
        log.info(
                "Deliveries are estimated by a service of our own at {}, which fails as it is told: see COURIER_URL",
                uri);
        return uri;
    }

    private static void stop(Quickstart service) {
        log.info("Stopping");
        service.close();
        log.info("Stopped");
    }
}
