package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.PageSpec;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.mapper.RowMapper;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** On servers. */
class KeysetQueryIT {
    record Event(Instant at, LocalDateTime local, long id) {}

    private static final PageSpec<Event> EVENTS = PageSpec.named("events", Event.class)
            .sort("at", "e.at", ColumnType.INSTANT, Event::at)
            .sort("local", "e.local", ColumnType.DATE_TIME, Event::local)
            .unique("id", "e.id", ColumnType.LONG, Event::id)
            .defaultSort("at,-local")
            .build();

    /** Microseconds apart, and in hours that summer time leaves out or repeats somewhere. */
    private static List<Event> events() {
        return List.of(
                new Event(Instant.parse("2026-03-29T01:30:00.123456Z"), LocalDateTime.parse("2026-03-29T02:30:00"), 1),
                new Event(Instant.parse("2026-03-29T01:30:00.123457Z"), LocalDateTime.parse("2026-03-29T02:30:01"), 2),
                new Event(
                        Instant.parse("2026-03-29T01:30:00.123457Z"), LocalDateTime.parse("2026-03-29T02:30:00.5"), 3),
                new Event(Instant.parse("2026-11-01T05:30:00Z"), LocalDateTime.parse("2026-11-01T01:30:00.000002"), 4),
                new Event(Instant.parse("2026-11-01T06:30:00Z"), LocalDateTime.parse("2026-11-01T01:30:00.000001"), 5));
    }

    private static List<Long> walked(Handle handle, RowMapper<Event> mapper) {
        return EVENTS.first(1).stream(next ->
                        KeysetQuery.of(handle, "select e.* from events e").fetch(next, mapper))
                .map(Event::id)
                .toList();
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class OnPostgres extends KeysetQueryContract {
        private String url;

        @BeforeAll
        void create() throws SQLException {
            url = TestServers.postgres().newDatabase();
        }

        @Override
        Jdbi jdbi() {
            return Jdbi.create(url, TestServers.postgres().user(), "");
        }

        @Override
        String uuid() {
            return "uuid";
        }

        @Test
        void fetch_times_keepTheirMicroseconds() {
            try (Handle handle = jdbi().open()) {
                handle.execute("create table events (at timestamptz, local timestamp, id bigint)");
                for (Event event : events()) {
                    handle.execute(
                            "insert into events values (?, ?::timestamp, ?)",
                            event.at().atOffset(ZoneOffset.UTC),
                            event.local().toString(),
                            event.id());
                }

                assertThat(walked(
                                handle,
                                (rs, context) -> new Event(
                                        rs.getObject("at", OffsetDateTime.class).toInstant(),
                                        rs.getObject("local", LocalDateTime.class),
                                        rs.getLong("id"))))
                        .containsExactly(1L, 2L, 3L, 4L, 5L);
            }
        }

        /** A text takes the type of its column: an enum has no comparison with varchar, and of citext it is another. */
        @Test
        void fetch_textOfOtherTypes_isComparedAsTheColumnIs() {
            record Mood(String mood, long id) {}
            var moods = PageSpec.named("moods", Mood.class)
                    .sort("mood", "m.mood", ColumnType.TEXT, Mood::mood)
                    .unique("id", "m.id", ColumnType.LONG, Mood::id)
                    .defaultSort("mood")
                    .build();
            try (Handle handle = jdbi().open()) {
                handle.execute("create type mood as enum ('sad', 'ok', 'happy')");
                handle.execute("create table moods (mood mood not null, id int primary key)");
                handle.execute("insert into moods values ('happy', 1), ('ok', 2), ('sad', 3), ('ok', 4)");

                assertThat(moods.first(1).stream(next -> KeysetQuery.of(handle, "select m.* from moods m")
                                .fetch(next, (rs, context) -> new Mood(rs.getString("mood"), rs.getLong("id")))))
                        .extracting(Mood::id)
                        .containsExactly(3L, 2L, 4L, 1L);
            }
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @EnabledOnOs(value = OS.LINUX, architectures = "amd64") // what the binaries are for
    class OnMariaDb extends KeysetQueryContract {
        private String url;

        @BeforeAll
        void create() throws SQLException {
            url = TestServers.mariaDb().newDatabase();
        }

        @Override
        Jdbi jdbi() {
            return Jdbi.create(url, TestServers.mariaDb().user(), "");
        }

        @Override
        String uuid() {
            return "uuid";
        }

        @Test
        void fetch_times_keepTheirMicroseconds() {
            try (Handle handle = jdbi().open()) {
                handle.execute("create table events (at datetime(6), local datetime(6), id bigint)");
                for (Event event : events()) {
                    handle.execute(
                            "insert into events values (?, ?, ?)",
                            Timestamp.from(event.at()),
                            event.local().toString(),
                            event.id());
                }

                assertThat(walked(
                                handle,
                                (rs, context) -> new Event(
                                        rs.getTimestamp("at").toInstant(),
                                        rs.getObject("local", LocalDateTime.class),
                                        rs.getLong("id"))))
                        .containsExactly(1L, 2L, 3L, 4L, 5L);
            }
        }
    }
}
