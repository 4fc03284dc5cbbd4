package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the specification allows and what it does not, step by step. */
class HistoryTest {
    private final History history = new History();

    @Test
    void isRight_readOfTheFirst_isRight() {
        read(0);
        assertThat(history.isRight()).isTrue();
    }

    @Test
    void isRight_readOfWhatWasNeverThere_isWrong() {
        read(7);
        assertThat(history.isRight()).isFalse();
    }

    @Test
    void isRight_readBeforeTheStep_isWrong() {
        read(1);
        store(1);
        assertThat(history.isRight()).isFalse();
    }

    @Test
    void isRight_oldValueWithoutInvalidation_isRight() {
        store(1);
        read(0);
        read(1);
        read(0);
        assertThat(history.isRight()).isTrue();
    }

    @Test
    void isRight_oldValueAfterInvalidation_isWrong() {
        store(1);
        history.forgot(0, history.now());
        read(0);
        assertThat(history.isRight()).isFalse();
    }

    @Test
    void isRight_oldValueAfterInvalidationOfTheOtherKey_isRight() {
        store(1);
        history.forgot(1, history.now());
        read(0);
        assertThat(history.isRight()).isTrue();
    }

    @Test
    void isRight_oldValueWhileInvalidated_isRight() {
        store(1);
        int begin = history.now();
        read(0);
        history.forgot(0, begin);
        read(1);
        assertThat(history.isRight()).isTrue();
    }

    @Test
    void isRight_readBegunBeforeInvalidation_isRightOnceOnly() {
        store(1);
        history.read(() -> {
            history.forgot(0, history.now());
            return Map.of(0, 0L);
        });
        assertThat(history.isRight()).isTrue();

        read(0);
        assertThat(history.isRight()).isFalse();
    }

    @Test
    void isRight_oldValueAfterItsTagOrAll_isWrong() {
        for (String tag : new String[] {Subject.ALL, null}) {
            History each = new History();
            each.store(0, 1, () -> {});
            each.forgotAll(tag, each.now());
            each.read(() -> Map.of(0, 0L));
            assertThat(each.isRight()).as(tag).isFalse();
        }
    }

    @Test
    void isRight_oldValueAfterTagItDoesNotHave_isRight() {
        store(1);
        history.forgotAll(Subject.ODD, history.now());
        read(0);
        assertThat(history.isRight()).isTrue();
    }

    @Test
    void isRight_oddValueAfterItsTag_isWrong() {
        store(1);
        store(2);
        history.forgotAll(Subject.ODD, history.now());
        read(1);
        assertThat(history.isRight()).isFalse();
    }

    @Test
    void isRight_putOverOlderValue_onlyThatAndTheStores() {
        store(1);
        history.put(0, 8, history.now());
        read(8);
        read(1);
        assertThat(history.isRight()).isTrue();

        read(0);
        assertThat(history.isRight()).isFalse();
    }

    @Test
    void isRight_storedPutAndStaleAgain_isWrong() {
        store(1);
        history.put(0, 1, history.now());
        read(0);
        assertThat(history.isRight()).isFalse();
    }

    private void store(long value) {
        history.store(0, value, () -> {});
    }

    private void read(long value) {
        history.read(() -> Map.of(0, value));
    }
}
