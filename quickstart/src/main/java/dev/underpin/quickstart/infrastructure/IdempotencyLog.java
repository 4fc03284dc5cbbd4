package dev.underpin.quickstart.infrastructure;

import dev.underpin.idempotency.IdempotencyListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log what no client is told: the other outcomes are answers, and have their lines. */
public final class IdempotencyLog implements IdempotencyListener {
    private static final Logger log = LoggerFactory.getLogger(IdempotencyLog.class);

    @Override
    public void onLeaseLost(String operation) {
        log.warn("{} took so long that another took it over", operation);
    }

    @Override
    public void onStoreFailed(String operation, RuntimeException failure) {
        log.warn("The keys of {} could not be read or written", operation, failure);
    }

    @Override
    public void onReaped(int deleted, @Nullable RuntimeException failure) {
        if (failure != null) {
            log.warn("Keys that have expired could not be deleted", failure);
        } else if (deleted > 0) {
            log.info("Deleted {} keys that have expired", deleted);
        }
    }
}
