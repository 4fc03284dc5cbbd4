package dev.underpin.benchmarks.transactions;

import java.sql.SQLException;

/** What is done in a transaction. */
public enum Work {
    /** One row is written, with the isolation that the database has. */
    INSERT {
        @Override
        long by(Way way) throws SQLException {
            return way.insert();
        }
    },
    /** One row is read, and one is written, {@code SERIALIZABLE}. */
    SERIALIZABLE {
        @Override
        long by(Way way) throws SQLException {
            return way.serializable();
        }
    },
    /** One row is read, {@code REPEATABLE READ} and read-only. */
    READ_ONLY {
        @Override
        long by(Way way) throws SQLException {
            return way.readOnly();
        }
    },
    /** One row is written, and then refused: by an error as a value, or by an exception. */
    ROLLED_BACK {
        @Override
        long by(Way way) throws SQLException {
            return way.rolledBack();
        }
    },
    /** One row is written, and another one behind a savepoint. */
    NESTED {
        @Override
        long by(Way way) throws SQLException {
            return way.nested();
        }
    };

    abstract long by(Way way) throws SQLException;
}
