package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.underpin.persistence.StatementRecorder.Finding;
import dev.underpin.persistence.StatementRecorder.Recording;
import dev.underpin.persistence.StatementRecorder.Statement;
import dev.underpin.persistence.StatementRecorder.Verdict;
import dev.underpin.result.Result;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What servers make of statements: other texts for keys, and transactions that send statements of their own. */
class StatementRecorderIT {
    abstract static class OnServer {
        private Jdbi jdbi;
        private StatementRecorder recorder;

        abstract TestServers.Server server();

        @BeforeEach
        void create() throws SQLException {
            jdbi = Jdbi.create(server().newDatabase(), server().user(), "");
            jdbi.useHandle(Shop::create);
            recorder = StatementRecorder.install(jdbi).threshold(2);
        }

        @Test
        void findings_transactionsWithSavepoints_areNone() {
            Transactions transactions = Transactions.named("shop").build(jdbi);
            try (Recording recording = recorder.start("test")) {
                for (int id = 1; id <= 3; id++) {
                    int of = id;
                    assertThat(transactions
                                    .inTransaction(tx -> tx.nested(inner -> Result.ok(inner.handle()
                                            .execute("update customers set name = 'x' where id = ?", of))))
                                    .isOk())
                            .isTrue();
                }

                assertThat(recording.statements())
                        .extracting(Statement::verb, Statement::count)
                        .containsExactly(tuple("update", 3));
                assertThat(recording.findings()).isEmpty();
            }
        }

        @Test
        void findings_loopInATransaction_isOne() {
            Transactions transactions = Transactions.named("shop").build(jdbi);
            try (Recording recording = recorder.start("test")) {
                assertThat(transactions
                                .inTransaction(TxOptions.reading(), tx -> {
                                    for (int id = 1; id <= 3; id++) {
                                        Shop.find(tx.handle(), id);
                                    }
                                    return Result.ok(1);
                                })
                                .isOk())
                        .isTrue();

                assertThat(recording.findings())
                        .extracting(Finding::verdict, Finding::count)
                        .containsExactly(tuple(Verdict.N_PLUS_ONE, 3));
            }
        }

        @Test
        void findings_batchesOfKeys_areNoneAndOfOneKeySequential() {
            try (Recording recording = recorder.start("test")) {
                jdbi.useHandle(handle -> {
                    for (int size = 2; size <= 5; size++) {
                        Shop.byKeys(handle, List.of(1, 2, 3, 4, 5).subList(0, size));
                    }
                });
                assertThat(recording.findings()).isEmpty();
                assertThat(recording.statements())
                        .extracting(Statement::count, Statement::batched)
                        .containsExactly(tuple(4, true));
                new Shop(jdbi).loadsOneByOne(1, 2, 3);

                assertThat(recording.findings())
                        .extracting(Finding::verdict, Finding::count)
                        .containsExactly(tuple(Verdict.SEQUENTIAL_LOAD, 3));
            }
        }
    }

    @Nested
    class OnPostgres extends OnServer {
        @Override
        TestServers.Server server() {
            return TestServers.postgres();
        }
    }

    @Nested
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends OnServer {
        @Override
        TestServers.Server server() {
            return TestServers.mariaDb();
        }
    }
}
