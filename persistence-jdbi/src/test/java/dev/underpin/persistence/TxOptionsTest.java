package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.junit.jupiter.api.Test;

class TxOptionsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void presets_sayHowTheyDiffer() {
        assertThat(TxOptions.standard().isolation()).isEqualTo(TransactionIsolationLevel.UNKNOWN);
        assertThat(TxOptions.serializable().isolation()).isEqualTo(TransactionIsolationLevel.SERIALIZABLE);
        assertThat(TxOptions.serializable().attempts())
                .isGreaterThan(TxOptions.standard().attempts());
        assertThat(TxOptions.reading().readOnly()).isTrue();
        assertThat(TxOptions.reading().isolation()).isEqualTo(TransactionIsolationLevel.REPEATABLE_READ);
    }

    @Test
    void copies_changeWhatTheySay() {
        TxOptions options = TxOptions.reading()
                .isolation(TransactionIsolationLevel.READ_COMMITTED)
                .timeouts(SECOND, Duration.ZERO, Duration.ofHours(24))
                .attempts(100);

        assertThat(options)
                .isEqualTo(new TxOptions(
                        TransactionIsolationLevel.READ_COMMITTED,
                        /* readOnly= */ true,
                        SECOND,
                        Duration.ZERO,
                        Duration.ofHours(24),
                        100));
    }

    @Test
    void values_thatMakeNoSense_areRefused() {
        TxOptions options = TxOptions.standard();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.isolation(TransactionIsolationLevel.NONE))
                .withMessageContaining("isolation");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.timeouts(SECOND.negated(), SECOND, SECOND))
                .withMessageContaining("statementTimeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.timeouts(SECOND, Duration.ofHours(25), SECOND))
                .withMessageContaining("lockTimeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.timeouts(SECOND, SECOND, Duration.ZERO))
                .withMessageContaining("deadline");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.attempts(0))
                .withMessageContaining("attempts");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.attempts(101))
                .withMessageContaining("101");
    }

    @Test
    void builder_refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> Transactions.named(" "));
        Transactions.Builder builder =
                Transactions.named("bank").constraint("Orders_Reference", PersistenceErrors.ALREADY_EXISTS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.constraint("ORDERS_REFERENCE", PersistenceErrors.ALREADY_EXISTS))
                .withMessageContaining("ORDERS_REFERENCE");
        assertThatNullPointerException().isThrownBy(() -> builder.build(null)).withMessage("jdbi");
    }
}
