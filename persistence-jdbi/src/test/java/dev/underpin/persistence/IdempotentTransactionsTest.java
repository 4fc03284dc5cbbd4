package dev.underpin.persistence;

/** On H2. */
class IdempotentTransactionsTest extends IdempotentTransactionsContract {
    @Override
    String url() {
        return "jdbc:h2:mem:idempotency;DB_CLOSE_DELAY=-1";
    }

    @Override
    String user() {
        return "sa";
    }

    @Override
    String folder() {
        return "h2";
    }

    @Override
    String earlier(String column) {
        return "dateadd(microsecond, -:micros, " + column + ")";
    }

    @Override
    String ownerLiteral() {
        return "random_uuid()";
    }

    @Override
    String inAnHour() {
        return "dateadd(hour, 1, current_timestamp)";
    }

    @Override
    String ownerText() {
        return "replace(cast(owner as varchar), '-', '')";
    }
}
