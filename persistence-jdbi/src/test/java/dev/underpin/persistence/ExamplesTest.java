package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.junit.jupiter.api.Test;

/** The example of the README. */
class ExamplesTest {
    record Invoice(UUID id, Instant issuedAt, BigDecimal total) {}

    static final PageSpec<Invoice> INVOICES = PageSpec.named("invoices", Invoice.class)
            .sort("issuedAt", "i.issued_at", ColumnType.INSTANT, Invoice::issuedAt)
            .sort("total", "i.total", ColumnType.DECIMAL, Invoice::total)
            .unique("id", "i.id", ColumnType.UUID, Invoice::id)
            .defaultSort("-issuedAt")
            .filterRange("total", "i.total", ColumnType.DECIMAL)
            .build();

    static final RowMapper<Invoice> INVOICE = (rs, context) -> new Invoice(
            rs.getObject("id", UUID.class),
            rs.getObject("issued_at", OffsetDateTime.class).toInstant(),
            rs.getBigDecimal("total"));

    static Page<Invoice> list(Handle handle, PageQuery<Invoice> query, String tenant) {
        return KeysetQuery.of(handle, "select i.* from invoices i")
                .where("i.tenant = :tenant")
                .bind("tenant", tenant)
                .countUpTo(1_000)
                .fetch(query, INVOICE);
    }

    @Test
    void list_secondPage_isWhatTheFirstDidNotHave() {
        Paginator paginator = Paginator.builder(1, new byte[32]).build();
        try (Handle handle = Jdbi.create("jdbc:h2:mem:").open()) {
            handle.execute("create table invoices (id uuid primary key, tenant text not null,"
                    + " issued_at timestamp(9) with time zone not null, total numeric(12, 2) not null)");
            for (int day = 1; day <= 3; day++) {
                handle.execute(
                        "insert into invoices values (?, 'acme', ?, ?)",
                        UUID.randomUUID(),
                        OffsetDateTime.of(2026, 1, day, 8, 0, 0, 0, ZoneOffset.UTC),
                        new BigDecimal(10 * day));
            }
            Map<String, List<String>> params = Map.of("total[gte]", List.of("10"), "size", List.of("2"));
            Page<Invoice> first =
                    list(handle, paginator.parse(INVOICES, params, "acme").orElseThrow(), "acme");
            Page<Invoice> second = list(
                    handle,
                    paginator
                            .parse(
                                    INVOICES,
                                    Map.of(
                                            "total[gte]", List.of("10"),
                                            "size", List.of("2"),
                                            "cursor", List.of(first.next().orElseThrow())),
                                    "acme")
                            .orElseThrow(),
                    "acme");

            assertThat(first.items())
                    .extracting(Invoice::total)
                    .containsExactly(new BigDecimal("30.00"), new BigDecimal("20.00"));
            assertThat(first.total()).hasValue(3);
            assertThat(second.items()).extracting(Invoice::total).containsExactly(new BigDecimal("10.00"));
        }
    }
}
