package dev.underpin.quickstart;

import dev.underpin.pagination.CursorKeys;
import dev.underpin.quickstart.infrastructure.DatabaseConfig;
import dev.underpin.quickstart.infrastructure.Seed;
import dev.underpin.resilience.Pipeline;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import dev.underpin.result.ValidationError;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line and the environment ask for, checked as a whole before anything starts.
 *
 * @param mode what to do
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any that is free
 * @param database where the data is
 * @param orders how many sample orders an empty database gets
 * @param cursorKeys what cursors are signed with; empty for a key of this process alone
 * @param payments where cards are charged; empty for a service of this process
 * @param courier where deliveries are estimated; empty for a service of this process
 * @param settings how the two are called, each setting by its name
 */
record Options(
        Mode mode,
        String host,
        int port,
        DatabaseConfig database,
        int orders,
        Optional<CursorKeys> cursorKeys,
        Optional<URI> payments,
        Optional<URI> courier,
        Map<String, String> settings) {
    static final ErrorCode OPTION_UNKNOWN = ErrorCode.of(ErrorKind.VALIDATION, "OPTION_UNKNOWN", "is not an option");
    static final ErrorCode NUMBER_OUT_OF_RANGE =
            ErrorCode.of(ErrorKind.VALIDATION, "NUMBER_OUT_OF_RANGE", "must be a number from {min} to {max}");
    static final ErrorCode URL_INVALID =
            ErrorCode.of(ErrorKind.VALIDATION, "URL_INVALID", "must look like http://host:port");
    static final ErrorCode VALUE_MISSING = ErrorCode.of(ErrorKind.VALIDATION, "VALUE_MISSING", "must have a value");

    private static final String PORT = "--port";
    private static final String HOST = "--host";
    private static final String DATA = "--data";
    private static final String ORDERS = "--orders";
    private static final String DEMO = "--demo";
    private static final String HELP = "--help";
    private static final Set<String> VALUED = Set.of(PORT, HOST, DATA, ORDERS);
    private static final Set<String> FLAGS = Set.of(DEMO, HELP);
    private static final int MAX_ORDERS = 10_000_000;

    /** What the program does. */
    enum Mode {
        SERVE,
        DEMO,
        HELP
    }

    static final String USAGE = """
            Options:
              --port N       the port to listen on, 0 for any free one (default: PORT, else 8080)
              --host ADDR    the address to listen on (default: 127.0.0.1)
              --data DIR     where H2 keeps its files (default: target/quickstart-data)
              --orders N     how many sample orders an empty database gets (default: 100000)
              --demo         plays a scripted walk against a service of its own, then exits
              --help         prints this
            Environment:
              PORT           the port, unless --port is given
              DATABASE_URL   a PostgreSQL to use instead of H2: postgres://user:password@host:port/database
              CURSOR_KEYS    what cursors are signed with: 2:secret,1:secret; the first one signs, the others are
                             accepted; an id from 0 to 255 and 32 random bytes in Base64 each
                             (default: a random key, whose cursors end with the process)
              PAYMENT_URL    where cards are charged: http://host:port (default: a service that is started with this one)
              COURIER_URL    where deliveries are estimated: http://host:port (default: the same)
              RES_PAYMENTS_..., RES_COURIER_...
                             how these are called, such as RES_PAYMENTS_BREAKER_OPEN_FOR=10s; the log has all of them
            """;

    /**
     * {@return the options, or every fault in them}
     *
     * @param args {@code --name value} or {@code --name=value}
     * @param env the environment
     */
    static Result<Options, ValidationError> parse(List<String> args, Map<String, String> env) {
        var v = Validation.start();
        Map<String, String> given = new LinkedHashMap<>();
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg : arg.substring(0, equals);
            if (equals >= 0 && VALUED.contains(name)) {
                given.put(name, arg.substring(equals + 1));
            } else if (equals < 0 && VALUED.contains(name)) {
                given.put(name, i + 1 < args.size() ? args.get(++i) : "");
            } else if (FLAGS.contains(arg)) {
                given.put(arg, arg);
            } else {
                v.require(arg, false, OPTION_UNKNOWN);
            }
        }
        Mode mode = given.containsKey(HELP) ? Mode.HELP : given.containsKey(DEMO) ? Mode.DEMO : Mode.SERVE;
        // A variable that is set to nothing is not set; and what only prints or brings its own does not mind the
        // others.
        String url = mode == Mode.SERVE ? env.getOrDefault("DATABASE_URL", "") : "";
        String envPort = mode == Mode.SERVE ? env.getOrDefault("PORT", "") : "";
        var host = v.check(HOST, nonEmpty(given.getOrDefault(HOST, "127.0.0.1")));
        var port = v.check(PORT, number(given.getOrDefault(PORT, envPort.isEmpty() ? "8080" : envPort), 0, 65_535));
        var orders = v.check(ORDERS, number(given.getOrDefault(ORDERS, "" + Seed.STANDARD_ORDERS), 1, MAX_ORDERS));
        var database = url.isEmpty()
                ? v.check(
                        DATA,
                        nonEmpty(given.getOrDefault(DATA, "target/quickstart-data"))
                                .flatMap(Options::directory))
                : v.check("DATABASE_URL", DatabaseConfig.parse(url));
        var cursorKeys =
                v.check("CURSOR_KEYS", cursorKeys(mode == Mode.SERVE ? env.getOrDefault("CURSOR_KEYS", "") : ""));
        var payments = v.check("PAYMENT_URL", url(mode == Mode.SERVE ? env.getOrDefault("PAYMENT_URL", "") : ""));
        var courier = v.check("COURIER_URL", url(mode == Mode.SERVE ? env.getOrDefault("COURIER_URL", "") : ""));
        var settings = v.check("", Downstreams.settings(mode == Mode.SERVE ? Pipeline.environment(env) : List.of()));
        return v.build(() -> new Options(
                mode,
                host.get(),
                port.get(),
                database.get(),
                orders.get(),
                cursorKeys.get(),
                payments.get(),
                courier.get(),
                settings.get()));
    }

    private static Result<Optional<URI>, DomainError> url(String raw) {
        return raw.isBlank()
                ? Result.ok(Optional.empty())
                : Result.attempt(URISyntaxException.class, () -> new URI(raw))
                        .<DomainError>mapError(e -> URL_INVALID.error())
                        .filter(
                                uri -> ("" + uri.getScheme()).matches("https?") && uri.getHost() != null,
                                uri -> URL_INVALID.error())
                        .map(Optional::of);
    }

    private static Result<Optional<CursorKeys>, DomainError> cursorKeys(String raw) {
        return raw.isBlank()
                ? Result.ok(Optional.empty())
                : CursorSecrets.parse(raw).map(Optional::of);
    }

    private static Result<String, DomainError> nonEmpty(String raw) {
        return raw.isBlank() ? Result.err(VALUE_MISSING.error()) : Result.ok(raw);
    }

    private static Result<Integer, DomainError> number(String raw, int min, int max) {
        return Result.attempt(NumberFormatException.class, () -> Integer.valueOf(raw.strip()))
                .<DomainError>mapError(e -> NUMBER_OUT_OF_RANGE.error(Map.of("min", min, "max", max)))
                .filter(
                        number -> number >= min && number <= max,
                        number -> NUMBER_OUT_OF_RANGE.error(Map.of("min", min, "max", max)));
    }

    private static Result<DatabaseConfig, DomainError> directory(String raw) {
        return Result.attempt(InvalidPathException.class, () -> Path.of(raw))
                .<DomainError>mapError(e -> DatabaseConfig.DIRECTORY_INVALID.error())
                .flatMap(DatabaseConfig::file);
    }
}
