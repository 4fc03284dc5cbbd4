package dev.underpin.benchmarks.idempotency;

import com.zaxxer.hikari.HikariDataSource;
import dev.underpin.benchmarks.Counts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * What executions cost PostgreSQL, each on average.
 *
 * @param cpuMicros time that the process of the connection was on a CPU, in the best of some batches: a busy machine adds to
 *     it; NaN where the operating system does not tell
 * @param walBytes what went to the log
 * @param rowBytes what a key takes in the table and its two indexes; NaN if no key was written
 */
record ServerCosts(double cpuMicros, double walBytes, double rowBytes) {
    /** What is counted beside time and bytes. */
    static final String CPU = "server µs";

    static final String WAL = "WAL B";
    static final String ROW = "B/row";

    private static final int BATCHES = 10;

    /**
     * {@return what an execution costs}
     *
     * @param pool of one connection, which the form takes each time
     * @param form what executes
     * @param size of a batch
     */
    static ServerCosts of(HikariDataSource pool, Form form, int size) throws SQLException, IOException {
        var requests = new Requests();
        // No page that is written from here on was there at the last checkpoint, but for those of the accounts.
        KeyDatabase.run(pool, "checkpoint");
        KeyDatabase.empty(pool);
        run(form, requests, size);
        Path schedule = Path.of("/proc/" + KeyDatabase.number(pool, "select pg_backend_pid()") + "/schedstat");
        double best = Double.NaN;
        long wal = wal(pool);
        for (int batch = 0; batch < BATCHES; batch++) {
            double before = nanos(schedule);
            run(form, requests, size);
            double micros = (nanos(schedule) - before) / size / 1000;
            best = batch == 0 ? micros : Math.min(best, micros);
        }
        double walBytes = (double) (wal(pool) - wal) / (size * BATCHES);
        return new ServerCosts(best, walBytes, rowBytes(pool));
    }

    private static void run(Form form, Requests requests, int size) throws SQLException {
        for (int i = 0; i < size; i++) {
            form.execute(requests.fresh());
        }
    }

    /** Says what was counted. */
    void tell() {
        count(CPU, cpuMicros);
        count(WAL, walBytes);
        count(ROW, rowBytes);
    }

    private static void count(String name, double value) {
        if (!Double.isNaN(value)) {
            Counts.set(name, value);
        }
    }

    /** {@return what table and indexes take, for each row; NaN if there is none} */
    static double rowBytes(HikariDataSource pool) throws SQLException {
        long rows = KeyDatabase.number(pool, "select count(*) from underpin_idempotency");
        long bytes = KeyDatabase.number(
                pool, "select pg_relation_size('underpin_idempotency') + pg_indexes_size('underpin_idempotency')");
        return rows == 0 ? Double.NaN : (double) bytes / rows;
    }

    private static long wal(HikariDataSource pool) throws SQLException {
        return KeyDatabase.number(pool, "select (pg_current_wal_insert_lsn() - '0/0')::bigint");
    }

    private static double nanos(Path schedule) throws IOException {
        return Files.isReadable(schedule)
                ? Long.parseLong(Files.readString(schedule).split(" ")[0])
                : Double.NaN;
    }
}
