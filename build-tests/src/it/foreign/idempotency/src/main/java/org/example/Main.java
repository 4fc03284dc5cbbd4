package org.example;

import dev.underpin.idempotency.Fingerprint;
import dev.underpin.idempotency.Idempotency;
import dev.underpin.idempotency.IdempotencyStore;
import dev.underpin.idempotency.IdempotentRequest;
import dev.underpin.idempotency.Operation;
import dev.underpin.idempotency.Replay;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.Codec;
import dev.underpin.result.spi.TimeSource;
import java.nio.charset.StandardCharsets;

/** A charge, the same one sent again, and another one under its key. */
public final class Main {
    private static final Operation<String> CHARGE = Operation.named("charge").build(new Utf8());
    private static final Idempotency IDEMPOTENCY = Idempotency.builder(
                    IdempotencyStore.inMemory(10, TimeSource.system()))
            .build();

    private Main() {}

    public static void main(String[] arguments) {
        System.out.println(charge("{\"cents\": 1}"));
        System.out.println(charge("{\"cents\":1.0}"));
        System.out.println(charge("{\"cents\":2}"));
    }

    private static String charge(String body) {
        Fingerprint fingerprint = Fingerprint.ofJson(body.getBytes(StandardCharsets.UTF_8));
        Result<Replay<String>, DomainError> answer = IdempotentRequest.of("tenant", "\"k1\"", fingerprint)
                .flatMap(request -> IDEMPOTENCY.execute(CHARGE, request, run -> {
                    System.out.print("charged: ");
                    return Result.ok("receipt");
                }));
        return answer.fold(
                replay -> replay.value() + " " + replay.headers(), error -> error.code().name());
    }

    private static final class Utf8 implements Codec<String> {
        @Override
        public byte[] encode(String value) {
            return value.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String decode(byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
