package dev.underpin.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.underpin.caching.InMemoryLevel;
import dev.underpin.caching.RemoteLevel.Reply;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.testkit.FaultyLevel.Call;
import dev.underpin.testkit.FaultyLevel.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultyLevelTest {
    private static final String NS = "users";
    private static final Duration TIME = Duration.ofMinutes(1);

    private final InMemoryLevel level = new InMemoryLevel(new VirtualTime());
    private final FaultyLevel faulty = new FaultyLevel(level);
    private final List<String> heard = new ArrayList<>();

    private CompletableFuture<?> make(Call call) {
        return stage(call).toCompletableFuture();
    }

    private CompletionStage<?> stage(Call call) {
        return switch (call) {
            case BEGIN -> faulty.begin(NS, List.of("a"), TIME);
            case FILL -> faulty.fill(NS, "a", token(), List.of(), new byte[] {1, 2, 3}, TIME);
            case RELEASE -> faulty.release(NS, "a", token());
            case INVALIDATE -> faulty.invalidate(NS, List.of("a"), List.of());
            case CLEAR -> faulty.clear(NS);
            case PUBLISH -> faulty.backplane().publish(new byte[] {1});
        };
    }

    /** {@return the token of a lease that was taken anew} Not through what fails. */
    private String token() {
        level.clear(NS).toCompletableFuture().join();
        return ((Reply.Mine) level.begin(NS, List.of("a"), TIME)
                        .toCompletableFuture()
                        .join()
                        .get(0))
                .token();
    }

    private Reply replyOf(InMemoryLevel of) {
        return of.begin(NS, List.of("a"), TIME).toCompletableFuture().join().get(0);
    }

    @CanIgnoreReturnValue
    private boolean fill() {
        return faulty.fill(NS, "a", token(), List.of(), new byte[] {1, 2, 3}, TIME)
                .toCompletableFuture()
                .join();
    }

    private void listen() {
        var unused = faulty.backplane().subscribe(message -> heard.add("m" + message[0]), () -> heard.add("gap"));
    }

    private void publish(int... messages) {
        for (int message : messages) {
            CompletionStage<Void> published = faulty.backplane().publish(new byte[] {(byte) message});
            assertThat(published.toCompletableFuture()).isCompleted();
        }
    }

    /* ---- calls ---- */

    @ParameterizedTest
    @EnumSource(Call.class)
    void inject_fail_failsThatKindOfCallAndNoOther(Call failing) {
        faulty.inject(failing, Fault.FAIL);

        for (Call call : Call.values()) {
            if (call == failing) {
                assertThat(make(call))
                        .isCompletedExceptionally()
                        .failsWithin(Duration.ZERO)
                        .withThrowableThat()
                        .havingRootCause()
                        .isInstanceOf(IOException.class)
                        .withMessage(call + " fails, as the test says");
            } else {
                assertThat(make(call)).isCompleted();
            }
            assertThat(faulty.calls(call)).isEqualTo(1);
        }
    }

    @Test
    void inject_fail_isNotMade() {
        faulty.inject(Call.FILL, Fault.FAIL);

        assertThat(make(Call.FILL)).isCompletedExceptionally();
        assertThat(replyOf(level)).isInstanceOf(Reply.Loading.class);
    }

    @Test
    void inject_everyThird_failsTheThirdAndTheSixth() {
        make(Call.CLEAR).join();
        faulty.inject(Call.CLEAR, Fault.FAIL, 3);
        List<Integer> failed = new ArrayList<>();
        for (int i = 1; i <= 7; i++) {
            if (make(Call.CLEAR).isCompletedExceptionally()) {
                failed.add(i);
            }
        }

        assertThat(failed).containsExactly(3, 6);
        assertThat(faulty.calls(Call.CLEAR)).isEqualTo(8);
    }

    @Test
    void inject_loseAnswer_isMadeAndFails() {
        faulty.inject(Call.FILL, Fault.LOSE_ANSWER);

        assertThat(make(Call.FILL)).isCompletedExceptionally();
        assertThat(replyOf(level)).isInstanceOf(Reply.Hit.class);
    }

    @Test
    void inject_hang_isMadeWhenItHeals() {
        faulty.inject(Call.FILL, Fault.HANG);
        CompletableFuture<?> hanging = make(Call.FILL);
        assertThat(hanging).isNotDone();
        assertThat(replyOf(level)).isInstanceOf(Reply.Loading.class);

        faulty.heal();
        assertThat(hanging.join()).isEqualTo(true);
        assertThat(replyOf(level)).isInstanceOf(Reply.Hit.class);
    }

    @Test
    void inject_hangOfAFillThatWasInvalidated_isRefusedWhenItComes() {
        faulty.inject(Call.FILL, Fault.HANG);
        CompletableFuture<?> hanging = make(Call.FILL);
        make(Call.INVALIDATE).join();
        faulty.heal();

        assertThat(hanging.join()).isEqualTo(false);
    }

    @Test
    void inject_hangAnswer_isMadeAtOnce() {
        faulty.inject(Call.FILL, Fault.HANG_ANSWER);
        CompletableFuture<?> hanging = make(Call.FILL);
        assertThat(hanging).isNotDone();
        assertThat(replyOf(level)).isInstanceOf(Reply.Hit.class);

        faulty.heal();
        assertThat(hanging.join()).isEqualTo(true);
    }

    @Test
    void heal_failureOfWhatHung_isItsFailure() {
        var dead = new FaultyLevel(level);
        dead.inject(Call.CLEAR, Fault.FAIL);
        var hangs = new FaultyLevel(dead);
        hangs.inject(Call.CLEAR, Fault.HANG);
        CompletableFuture<Void> hanging = hangs.clear(NS).toCompletableFuture();
        hangs.heal();

        assertThat(hanging).isCompletedExceptionally();
    }

    @Test
    void heal_anyFault_isTheLevelAgain() {
        for (Call call : Call.values()) {
            faulty.inject(call, Fault.FAIL);
        }
        faulty.answers(replies -> List.of());
        faulty.heal();

        for (Call call : Call.values()) {
            assertThat(make(call)).isCompleted();
        }
        assertThat(faulty.begin(NS, List.of("a"), TIME).toCompletableFuture().join())
                .hasSize(1);
    }

    @Test
    void inject_another_takesThePlaceOfTheOneBefore() {
        faulty.inject(Call.CLEAR, Fault.HANG);
        faulty.inject(Call.CLEAR, Fault.FAIL);

        assertThat(make(Call.CLEAR)).isCompletedExceptionally();
    }

    /* ---- answers ---- */

    @Test
    void entries_change_isOfTheBytesOfHitsAlone() {
        fill();
        faulty.entries(bytes -> Arrays.copyOf(bytes, 1));

        assertThat(faulty.begin(NS, List.of("a", "b"), TIME)
                        .toCompletableFuture()
                        .join())
                .satisfiesExactly(
                        hit -> assertThat(hit).isEqualTo(new Reply.Hit(new byte[] {1}, TIME)),
                        mine -> assertThat(mine).isInstanceOf(Reply.Mine.class));
        assertThat(replyOf(level)).as("in the level").isEqualTo(new Reply.Hit(new byte[] {1, 2, 3}, TIME));
    }

    @Test
    void answers_change_isWhatIsAnswered() {
        fill();
        faulty.answers(replies -> List.of(new Reply.Loading(), new Reply.Loading()));

        assertThat(make(Call.BEGIN).join()).isEqualTo(List.of(new Reply.Loading(), new Reply.Loading()));
    }

    @Test
    void answers_throws_failsTheCall() {
        faulty.answers(replies -> {
            throw new IllegalStateException("not to be decoded");
        });

        assertThat(make(Call.BEGIN)).isCompletedExceptionally();
    }

    /* ---- messages ---- */

    @Test
    void publish_noFault_isHeard() {
        listen();
        publish(1, 2);

        assertThat(heard).containsExactly("m1", "m2");
    }

    @Test
    void inject_drop_isNotHeardUntilItHeals() {
        listen();
        faulty.inject(Call.PUBLISH, Fault.DROP);
        publish(1, 2);
        faulty.heal();
        publish(3);

        assertThat(heard).containsExactly("m3");
    }

    @Test
    void inject_duplicate_isHeardTwice() {
        listen();
        faulty.inject(Call.PUBLISH, Fault.DUPLICATE, 2);
        publish(1, 2, 3);

        assertThat(heard).containsExactly("m1", "m2", "m2", "m3");
    }

    @Test
    void inject_delayEverySecond_isHeardAfterTheNext() {
        listen();
        faulty.inject(Call.PUBLISH, Fault.DELAY, 2);
        publish(1, 2, 3, 4);
        assertThat(heard).containsExactly("m1", "m3", "m2");

        faulty.heal();
        assertThat(heard).containsExactly("m1", "m3", "m2", "m4");
    }

    @Test
    void inject_hang_isHeardWhenItHeals() {
        listen();
        faulty.inject(Call.PUBLISH, Fault.HANG);
        CompletableFuture<?> hanging = make(Call.PUBLISH);
        assertThat(heard).isEmpty();
        assertThat(hanging).isNotDone();
        faulty.heal();

        assertThat(hanging).isCompleted();
        assertThat(heard).containsExactly("m1");
    }

    @Test
    void gap_subscriberThrows_theOthersAreToldAllTheSame() {
        var told = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            var unused = faulty.backplane().subscribe(message -> {}, () -> {
                if (told.incrementAndGet() < 3) {
                    throw new IllegalStateException("of a subscriber");
                }
            });
        }

        assertThatThrownBy(faulty::gap)
                .hasMessage("of a subscriber")
                .satisfies(thrown -> assertThat(thrown.getSuppressed()).hasSize(1));

        assertThat(told).hasValue(3);
    }

    @Test
    void gap_subscribersHere_areTold() {
        listen();
        listen();
        var elsewhere = new FaultyLevel(level).backplane().subscribe(message -> {}, () -> heard.add("elsewhere"));
        var closed = faulty.backplane().subscribe(message -> {}, () -> heard.add("closed"));
        closed.close();
        faulty.gap();
        elsewhere.close();

        assertThat(heard).containsExactly("gap", "gap");
    }

    /* ---- configuration ---- */

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"DROP", "DUPLICATE", "DELAY"})
    void inject_faultOfMessagesIntoACall_isRefused(Fault fault) {
        assertThatThrownBy(() -> faulty.inject(Call.FILL, fault))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("fault must be one of calls for FILL: " + fault);
    }

    @Test
    void inject_everyZeroth_isRefused() {
        assertThatThrownBy(() -> faulty.inject(Call.FILL, Fault.FAIL, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("every must be at least 1: 0");
    }
}
