package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The example of the README. */
class ExamplesTest {
    record Invoice(
            UUID id,
            Instant issuedAt,
            BigDecimal total,
            @Nullable Instant paidAt) {}

    static final PageSpec<Invoice> INVOICES = PageSpec.named("invoices", Invoice.class)
            .sort("issuedAt", "i.issued_at", ColumnType.INSTANT, Invoice::issuedAt)
            .sort("total", "i.total", ColumnType.DECIMAL, Invoice::total)
            .sortNullsLast("paidAt", "i.paid_at", ColumnType.INSTANT, Invoice::paidAt)
            .unique("id", "i.id", ColumnType.UUID, Invoice::id)
            .defaultSort("-issuedAt")
            .filterRange("total", "i.total", ColumnType.DECIMAL)
            .size(20, 100)
            .build();

    static Result<Page<Invoice>, DomainError> list(
            Paginator paginator, Map<String, List<String>> params, String tenant, Database database) {
        return paginator.parse(INVOICES, params, tenant).map(query -> {
            SeekSql sql = query.sql(Dialect.POSTGRESQL, "select i.* from invoices i", "i.tenant = :tenant");
            List<Invoice> rows = database.rows(sql.rows(), sql.binds(), tenant);
            boolean hasPrevious = sql.previousProbe() != null
                    && !database.rows(sql.previousProbe(), sql.binds(), tenant).isEmpty();
            return query.page(rows, hasPrevious);
        });
    }

    /** Whatever runs SQL in a service. */
    interface Database {
        List<Invoice> rows(String sql, Map<String, Object> binds, String tenant);
    }

    @Test
    void list_requests_runTheStatementsOfTheirPage() {
        Paginator paginator = Paginator.builder(1, new byte[32]).build();
        List<String> run = new ArrayList<>();
        Invoice invoice = new Invoice(new UUID(1, 2), Instant.parse("2026-01-31T08:00:00Z"), BigDecimal.TEN, null);
        Database database = (sql, binds, tenant) -> {
            run.add(sql);
            return List.of(invoice, invoice);
        };
        Map<String, List<String>> params =
                Map.of("sort", List.of("-total"), "total[gte]", List.of("10"), "size", List.of("1"));

        Page<Invoice> first = list(paginator, params, "t1", database).orElseThrow();
        Map<String, List<String>> next = new java.util.HashMap<>(params);
        next.put("cursor", List.of(first.next().orElseThrow()));
        Page<Invoice> second = list(paginator, next, "t1", database).orElseThrow();

        assertThat(second.hasPrevious()).isTrue();
        assertThat(run)
                .containsExactly(
                        "select i.* from invoices i where (i.tenant = :tenant) and i.total >= :pgn_f1"
                                + " order by i.total desc, i.id desc limit :pgn_limit",
                        "select i.* from invoices i where (i.tenant = :tenant) and i.total >= :pgn_f1"
                                + " and (i.total, i.id) <= (:pgn_v1, :pgn_v2) and (i.total, i.id) <> (:pgn_v1, :pgn_v2)"
                                + " order by i.total desc, i.id desc limit :pgn_limit",
                        "select i.* from invoices i where (i.tenant = :tenant) and i.total >= :pgn_f1"
                                + " and (i.total, i.id) >= (:pgn_v1, :pgn_v2) order by i.total, i.id limit :pgn_one");
        assertThat(list(paginator, next, "t2", database).isOk()).isFalse();
    }
}
