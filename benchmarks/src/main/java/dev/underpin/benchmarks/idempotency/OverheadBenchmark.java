package dev.underpin.benchmarks.idempotency;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.underpin.benchmarks.Contestant;
import dev.underpin.benchmarks.Contestant.Role;
import dev.underpin.benchmarks.Question;
import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Replay;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does an idempotency key cost a service before a database is asked?
 *
 * <p>Dimensions: what is done; contestant. The body of the request is 1 KB of JSON, the answer 200 bytes. The store is in
 * memory; what is executed does nothing. By hand there is a concurrent map from the hash of the key to the answer: no
 * lease, no expiry, no fence, no steps. What is kept is dropped after every 16384 keys.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar idempotency.OverheadBenchmark -prof gc}
 */
@Question("What does an idempotency key cost a service before a database is asked?")
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
@State(Scope.Thread)
public class OverheadBenchmark {
    /** After so many keys everything is forgotten. */
    static final int KEYS = 1 << 14;

    private static final byte[] RUNNING = {};

    private final ObjectMapper jackson = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private final String[] keys = new String[KEYS];
    private final IdempotentRequest known;
    private int next;
    private Idempotency idempotency;
    private ConcurrentHashMap<String, byte[]> map;

    /** Has one request answered, and the keys of others ready. */
    public OverheadBenchmark() {
        var requests = new Requests();
        for (int i = 0; i < KEYS; i++) {
            keys[i] = requests.freshKey();
        }
        known = requests.fresh();
        forget();
    }

    private void forget() {
        idempotency = Idempotency.builder(IdempotencyStore.inMemory(KEYS + 1, TimeSource.system()))
                .build();
        execute(known);
        map = new ConcurrentHashMap<>();
        executeByHand(known);
        next = 0;
    }

    private String freshKey() {
        if (next == KEYS) {
            forget();
        }
        return keys[next++];
    }

    private Result<Replay<String>, DomainError> execute(IdempotentRequest request) {
        return idempotency.execute(Requests.ORDER, request, run -> Result.ok(Requests.ANSWER));
    }

    private Replay<String> executeByHand(IdempotentRequest request) {
        String key = HexFormat.of().formatHex(Requests.hash(request));
        byte[] before = map.putIfAbsent(key, RUNNING);
        if (before == null) {
            String answer = Requests.ANSWER;
            map.put(key, Stored.of(request, answer));
            return new Replay<>(answer, false);
        }
        if (before.length == 0) {
            throw new IllegalStateException("in progress");
        }
        return new Replay<>(Stored.answer(request, before), true);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Fingerprint.ofJson", role = Role.OURS, row = "fingerprint")
    public byte[] fingerprintOurs() {
        return Fingerprint.ofJson(Requests.BODY).toBytes();
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Jackson, names sorted, and SHA-256", role = Role.REFERENCE, row = "fingerprint")
    public byte[] fingerprintJackson() throws IOException {
        Object tree = jackson.readValue(Requests.BODY, Object.class);
        return Requests.sha256().digest(jackson.writeValueAsBytes(tree));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "SHA-256 of the bytes as they came", role = Role.REFERENCE, row = "fingerprint")
    public byte[] fingerprintRaw() {
        return Requests.sha256().digest(Requests.BODY);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "IdempotentRequest.of", role = Role.OURS, row = "request")
    public Result<IdempotentRequest, DomainError> requestOurs() {
        return IdempotentRequest.of(Requests.TENANT, known.key(), known.fingerprint());
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Idempotency.execute", role = Role.OURS, row = "first")
    public Result<Replay<String>, DomainError> firstOurs() {
        return execute(new IdempotentRequest(Requests.TENANT, freshKey(), known.fingerprint()));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "a map", role = Role.LIMIT, row = "first")
    public Replay<String> firstByHand() {
        return executeByHand(new IdempotentRequest(Requests.TENANT, freshKey(), known.fingerprint()));
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "Idempotency.execute", role = Role.OURS, row = "repeat")
    public Result<Replay<String>, DomainError> repeatOurs() {
        return execute(known);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "a map", role = Role.LIMIT, row = "repeat")
    public Replay<String> repeatByHand() {
        return executeByHand(known);
    }

    /** {@return the outcome} */
    @Benchmark
    @Contestant(value = "fingerprint, request and execute", role = Role.OURS, row = "all of a first request")
    public Result<Replay<String>, DomainError> allOurs() {
        Fingerprint fingerprint = Fingerprint.ofJson(Requests.BODY).and("POST /orders");
        return IdempotentRequest.of(Requests.TENANT, freshKey(), fingerprint).flatMap(this::execute);
    }
}
