package dev.underpin.idempotency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.idempotency.IdempotencyStore.State;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A process dies at every point there is: before and after each call of the store, and before and after each effect; and
 * again at every point of the process that takes over.
 */
class CrashTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Operation<String> PAY =
            Operation.named("pay").lease(LEASE).ttl(Duration.ofDays(1)).build(OutcomeTest.Texts.INSTANCE);
    private static final IdempotentRequest REQUEST =
            new IdempotentRequest("t1", "k", Fingerprint.ofJson("1".getBytes(UTF_8)));

    /** A service downstream that honours keys: what is sent again has no second effect. */
    private final Map<String, Integer> charges = new LinkedHashMap<>();

    /** Mails that were sent, which nobody can take back. */
    private final List<String> mails = new ArrayList<>();

    @Test
    void execute_diesAnywhere_hasItsEffectsOnceOrSaysThatItDoesNotKnow() {
        int points = 0;
        int unknown = 0;
        boolean died = true;
        for (int first = 1; died; first++) {
            died = false;
            boolean diedAgain = true;
            for (int second = 1; diedAgain; second++) {
                String at = "dies at " + first + " and then at " + second;
                charges.clear();
                mails.clear();
                var time = new VirtualTime();
                IdempotencyStore store = IdempotencyStore.inMemory(10, time);
                died = process(store, time, first) == null;
                diedAgain = process(store, time, second) == null;
                Result<Replay<String>, DomainError> last = process(store, time, Integer.MAX_VALUE);
                points++;

                if (last.isOk()) {
                    assertThat(last.orElseThrow().value()).as(at).isEqualTo("charged, mailed, charged");
                    assertThat(charges.keySet())
                            .as(at)
                            .extracting(key -> key.substring(65))
                            .containsExactly("a", "c");
                    assertThat(mails).as(at).hasSize(1);
                } else {
                    unknown++;
                    String unknownBy = last.fold(ok -> "", error -> error.code().name());
                    assertThat(unknownBy).as(at).isEqualTo("IDEMPOTENCY_OUTCOME_UNKNOWN");
                    assertThat(mails).as(at).hasSizeLessThanOrEqualTo(1);
                    assertThat(store.find(IdempotencyStore.Key.of("t1", "pay", "k"))
                                    .orElseThrow()
                                    .state())
                            .as(at)
                            .isEqualTo(State.INDETERMINATE);
                }
            }
        }
        assertThat(points).as("pairs of points").isGreaterThan(100);
        assertThat(unknown).as("of them, with an unknown end").isBetween(1, points / 2);
    }

    /** {@return what a process answers that dies at a point, or null if it died} */
    private Result<Replay<String>, DomainError> process(IdempotencyStore shared, VirtualTime time, int dyingAt) {
        var fate = new Fate(dyingAt);
        var store = new StoreOfTest(shared);
        store.before(call -> fate.point());
        store.after(call -> fate.point());
        Idempotency idempotency =
                Idempotency.builder(store).time(time).executor(task -> {}).build();
        try {
            return idempotency.execute(PAY, REQUEST, run -> body(run, fate));
        } catch (Killed e) {
            return null;
        } finally {
            time.advance(LEASE);
        }
    }

    private Result<String, DomainError> body(Execution run, Fate fate) {
        var texts = OutcomeTest.Texts.INSTANCE;
        return run.step("a", texts, key -> charge(key, fate))
                .flatMap(a -> run.stepOnce("b", texts, () -> {
                            fate.point();
                            mails.add("mail");
                            fate.point();
                            return Result.<String, DomainError>ok("mailed");
                        })
                        .map(b -> a + ", " + b))
                .flatMap(ab -> run.step("c", texts, key -> charge(key, fate)).map(c -> ab + ", " + c));
    }

    private Result<String, DomainError> charge(String key, Fate fate) {
        fate.point();
        charges.merge(key, 1, Integer::sum);
        fate.point();
        return Result.ok("charged");
    }

    /** Counts the points at which a process can die; once dead, it does nothing more. */
    private static final class Fate {
        private final int dyingAt;
        private int points;

        Fate(int dyingAt) {
            this.dyingAt = dyingAt;
        }

        void point() {
            if (++points >= dyingAt) {
                throw new Killed();
            }
        }
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }
}
