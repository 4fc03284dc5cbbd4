package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.idempotency.json.Jackson2Codec;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.testkit.VirtualTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The examples of the README. */
class ExamplesTest {
    record Receipt(String id, long cents) {}

    static final ObjectMapper MAPPER = new ObjectMapper();
    static final Codec<Receipt> RECEIPT = Jackson2Codec.of(MAPPER, Receipt.class);

    static final Operation<Receipt> CHARGE =
            Operation.named("payments.charge").ttl(Duration.ofDays(2)).build(RECEIPT);

    static Result<Replay<Receipt>, DomainError> charge(
            Idempotency idempotency, Payments payments, String tenant, @Nullable String header, byte[] body) {
        Fingerprint fingerprint = Fingerprint.ofJson(body).and("POST /charges");
        return IdempotentRequest.of(tenant, header, fingerprint)
                .flatMap(request -> idempotency.execute(
                        CHARGE,
                        request,
                        run -> run.step("charge", RECEIPT, key -> payments.charge(key, body))
                                .flatMap(receipt -> run.step("mail", RECEIPT, key -> payments.mail(key, receipt)))));
    }

    static Reaper reaper(IdempotencyStore store, IdempotencyListener metrics) {
        return Reaper.builder(store).listener(metrics).start();
    }

    /** A codec whose bytes nobody reads without the key. */
    record Encrypted<T>(Codec<T> codec, SecretKey key, SecureRandom random) implements Codec<T> {
        private static final byte VERSION = 1;
        private static final int NONCE = 12;

        @Override
        public byte[] encode(T value) throws IOException {
            byte[] nonce = new byte[NONCE];
            random.nextBytes(nonce);
            byte[] sealed = run(Cipher.ENCRYPT_MODE, nonce, codec.encode(value));
            return ByteBuffer.allocate(1 + NONCE + sealed.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(sealed)
                    .array();
        }

        @Override
        public T decode(byte[] bytes) throws IOException {
            if (bytes.length < 1 + NONCE || bytes[0] != VERSION) {
                throw new IOException("The bytes are not of version " + VERSION);
            }
            ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
            byte[] nonce = new byte[NONCE];
            in.get(nonce);
            byte[] sealed = new byte[in.remaining()];
            in.get(sealed);
            return codec.decode(run(Cipher.DECRYPT_MODE, nonce, sealed));
        }

        private byte[] run(int mode, byte[] nonce, byte[] input) throws IOException {
            try {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(mode, key, new GCMParameterSpec(128, nonce));
                return cipher.doFinal(input);
            } catch (GeneralSecurityException e) {
                throw new IOException("The bytes cannot be decrypted", e);
            }
        }
    }

    /** The service downstream: it honours keys. */
    static final class Payments {
        final List<String> keys = new ArrayList<>();

        Result<Receipt, DomainError> charge(String key, byte[] order) {
            keys.add(key);
            return Result.ok(new Receipt("r1", order.length));
        }

        Result<Receipt, DomainError> mail(String key, Receipt receipt) {
            keys.add(key);
            return Result.ok(receipt);
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final IdempotencyStore store = IdempotencyStore.inMemory(1_000, time);
    private final Idempotency idempotency =
            Idempotency.builder(store).time(time).build();

    @Test
    void charge_twice_chargesOnceAndMarksTheSecondAnswer() {
        var payments = new Payments();
        byte[] body = "{\"cents\": 995}".getBytes(UTF_8);

        Replay<Receipt> first =
                charge(idempotency, payments, "tenant-1", "\"8e03978e\"", body).orElseThrow();
        Replay<Receipt> second = charge(
                        idempotency, payments, "tenant-1", "8e03978e", "{\"cents\":995.0}".getBytes(UTF_8))
                .orElseThrow();

        assertThat(first.headers()).isEmpty();
        assertThat(second.headers()).isEqualTo(Map.of("Idempotent-Replayed", "true"));
        assertThat(second.value()).isEqualTo(first.value());
        assertThat(payments.keys).hasSize(2).allMatch(key -> key.matches("[0-9a-f]{64}:(charge|mail)"));
        assertThat(charge(idempotency, payments, "tenant-1", null, body).isOk()).isFalse();
    }

    @Test
    void reaper_started_isOpenUntilTheServiceStops() {
        try (Reaper reaper = reaper(store, new IdempotencyListener() {})) {
            assertThat(reaper).isNotNull();
        }
    }

    @Test
    void encrypted_answer_isNotReadableInTheStore() {
        SecretKey key = new SecretKeySpec(new byte[32], "AES");
        Codec<Receipt> encrypted = new Encrypted<>(RECEIPT, key, new SecureRandom());
        Operation<Receipt> secret = Operation.named("payments.secret").build(encrypted);
        var request = new IdempotentRequest("t", "k", Fingerprint.ofBytes(new byte[0]));
        Receipt receipt = new Receipt("very-secret", 995);

        Result<Replay<Receipt>, DomainError> first = idempotency.execute(
                secret, request, run -> run.step("charge", encrypted, downstream -> Result.ok(receipt)));
        byte[] stored = store.find(IdempotencyStore.Key.of("t", "payments.secret", "k"))
                .orElseThrow()
                .outcome()
                .orElseThrow();

        assertThat(first.orElseThrow().value()).isEqualTo(receipt);
        assertThat(new String(stored, UTF_8)).doesNotContain("very-secret");
        assertThat(idempotency
                        .execute(secret, request, run -> Result.ok(receipt))
                        .orElseThrow())
                .isEqualTo(new Replay<>(receipt, true));

        SecretKey other = new SecretKeySpec(new byte[16], "AES");
        Operation<Receipt> rotated =
                Operation.named("payments.secret").build(new Encrypted<>(RECEIPT, other, new SecureRandom()));
        DomainError error = idempotency
                .execute(rotated, request, run -> Result.ok(receipt))
                .fold(
                        ok -> {
                            throw new AssertionError("it was executed again");
                        },
                        e -> e);
        assertThat(error.is(IdempotencyErrors.IDEMPOTENCY_ANSWER_UNREADABLE)).isTrue();
    }
}
