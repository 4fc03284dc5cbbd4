package dev.underpin.benchmarks.pagination;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import dev.underpin.benchmarks.pagination.Listing.Row;
import dev.underpin.pagination.Dialect;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.Paginator;
import dev.underpin.pagination.SeekSql;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Select;
import org.jooq.SelectQuery;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/** The statements for one page: ours and those of others. Confined to one thread. */
final class Statements {
    private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");
    private static final DSLContext JOOQ = jooqContext();
    private static final Table<Record> R = table(name("r"));
    private static final Field<Long> ID = field(name("r", "id"), SQLDataType.BIGINT);
    private static final Field<OffsetDateTime> CREATED_AT =
            field(name("r", "created_at"), SQLDataType.TIMESTAMPWITHTIMEZONE);
    private static final Field<String> STATUS = field(name("r", "status"), SQLDataType.VARCHAR);
    private static final Field<OffsetDateTime> DELETED_AT =
            field(name("r", "deleted_at"), SQLDataType.TIMESTAMPWITHTIMEZONE);

    private final Listing listing;
    private final Row after;
    private final PageQuery<Row> query;
    private final Map<String, Parsed> parsed = new HashMap<>();

    /** Statements for the page behind a row, or for the first one if it is null. */
    Statements(Listing listing, Row after) {
        this.listing = listing;
        this.after = after;
        Paginator paginator = Paginator.builder(1, new byte[32]).build();
        Map<String, List<String>> params = Map.of("sort", List.of(listing.sort()));
        PageQuery<Row> first = paginator.parse(Listing.SPEC, params, "").orElseThrow();
        if (after == null) {
            query = first;
        } else {
            Map<String, List<String>> more = new HashMap<>(params);
            more.put("cursor", List.of(first.page(List.of(after), false).cursor(0)));
            query = paginator.parse(Listing.SPEC, more, "").orElseThrow();
        }
    }

    /** Text with question marks, and their values. */
    record Jdbc(String sql, List<Object> values) {}

    private record Parsed(String sql, List<String> names) {}

    /** {@return the request itself} */
    PageQuery<Row> query() {
        return query;
    }

    /** {@return what our request gives} */
    SeekSql ours() {
        return query.sql(Dialect.POSTGRESQL, Listing.SELECT, "");
    }

    /** {@return a statement of ours for JDBC} The text is taken apart once, as whatever runs named parameters does. */
    Jdbc jdbc(String named, Map<String, Object> binds) {
        Parsed known = parsed.computeIfAbsent(named, Statements::parse);
        List<Object> values = new ArrayList<>(known.names().size());
        for (String name : known.names()) {
            values.add(driven(binds.get(name)));
        }
        return new Jdbc(known.sql(), values);
    }

    private static Parsed parse(String named) {
        List<String> names = new ArrayList<>();
        Matcher parameters = PARAMETER.matcher(named);
        while (parameters.find()) {
            names.add(parameters.group(1));
        }
        return new Parsed(parameters.replaceAll("?"), names);
    }

    Jdbc offset(long offset) {
        return new Jdbc(
                Listing.SELECT + " order by " + listing.order() + " limit ? offset ?",
                List.of(Listing.SIZE + 1, offset));
    }

    Jdbc jooq() {
        Select<Record> select = jooqSelect();
        return new Jdbc(select.getSQL(), select.getBindValues());
    }

    Select<Record> jooqSelect() {
        SelectQuery<Record> select = JOOQ.select(DSL.asterisk()).from(R).getQuery();
        switch (listing) {
            case UNIFORM -> select.addOrderBy(CREATED_AT, ID);
            case MIXED -> select.addOrderBy(CREATED_AT.desc(), ID.asc());
            case FEW -> select.addOrderBy(STATUS.asc(), CREATED_AT.desc(), ID.desc());
            case NULLABLE -> select.addOrderBy(DELETED_AT.asc().nullsLast(), ID.asc());
        }
        if (after != null) {
            switch (listing) {
                case UNIFORM, MIXED -> select.addSeekAfter(DSL.val(time(after.createdAt())), DSL.val(after.id()));
                case FEW ->
                    select.addSeekAfter(DSL.val(after.status()), DSL.val(time(after.createdAt())), DSL.val(after.id()));
                case NULLABLE ->
                    select.addSeekAfter(
                            DSL.val(time(after.deletedAt()), DELETED_AT.getDataType()), DSL.val(after.id()));
            }
        }
        select.addLimit(Listing.SIZE + 1);
        return select;
    }

    /** {@return the condition as Spring Data writes it: one comparison for each key, joined by {@code or}} */
    Jdbc spring() {
        String order = " order by " + listing.order() + " limit ?";
        if (after == null) {
            return new Jdbc(Listing.SELECT + order, List.of(Listing.SIZE + 1));
        }
        Object created = time(after.createdAt());
        return switch (listing) {
            case UNIFORM -> or("created_at > ? or (created_at = ? and id > ?)", order, created, created, after.id());
            case MIXED -> or("created_at < ? or (created_at = ? and id > ?)", order, created, created, after.id());
            case FEW ->
                or(
                        "status > ? or (status = ? and created_at < ?) or (status = ? and created_at = ? and id < ?)",
                        order,
                        after.status(),
                        after.status(),
                        created,
                        after.status(),
                        created,
                        after.id());
            case NULLABLE ->
                after.deletedAt() == null
                        ? or("deleted_at is null and id > ?", order, after.id())
                        : or(
                                "deleted_at > ? or deleted_at is null or (deleted_at = ? and id > ?)",
                                order,
                                time(after.deletedAt()),
                                time(after.deletedAt()),
                                after.id());
        };
    }

    private static Jdbc or(String condition, String order, Object... values) {
        List<Object> all = new ArrayList<>(List.of(values));
        all.add(Listing.SIZE + 1);
        return new Jdbc(Listing.SELECT + " where " + condition + order, Collections.unmodifiableList(all));
    }

    private static Object driven(Object value) {
        return value instanceof Instant instant ? time(instant) : value;
    }

    private static OffsetDateTime time(Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static DSLContext jooqContext() {
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
        return DSL.using(SQLDialect.POSTGRES);
    }
}
