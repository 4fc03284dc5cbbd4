package dev.underpin.quickstart.infrastructure;

import dev.underpin.persistence.TransactionListener;
import dev.underpin.result.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log which transactions run again: some do on any day, and many mean that all want the same rows. */
final class TransactionLog implements TransactionListener {
    private static final Logger log = LoggerFactory.getLogger(TransactionLog.class);

    @Override
    public void onRetry(String database, int attempt, ErrorCode reason) {
        log.info("A transaction on {} runs again, attempt {}: {}", database, attempt, reason.name());
    }
}
