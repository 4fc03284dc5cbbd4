package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.pagination.Keys.Row;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.graphql.data.pagination.CursorEncoder;
import org.springframework.graphql.data.pagination.CursorStrategy;
import org.springframework.graphql.data.query.JsonKeysetCursorStrategy;

/** Cursors of spring-graphql, unsigned: a map as JSON that names the Java types, with Jackson 3, in Base64. */
final class SpringCursors {
    private final CursorStrategy<Map<String, Object>> strategy =
            CursorStrategy.withEncoder(new JsonKeysetCursorStrategy(), CursorEncoder.base64());
    private final Keys keys;

    SpringCursors(Keys keys) {
        this.keys = keys;
    }

    String encode(Row row) {
        Map<String, Object> position = new LinkedHashMap<>(4);
        if (keys != Keys.ONE) {
            position.put("createdAt", row.createdAt());
        }
        if (keys == Keys.THREE) {
            position.put("name", row.name());
        }
        position.put("id", row.id());
        return strategy.toCursor(position);
    }

    Row decode(String cursor) {
        Map<String, Object> position = strategy.fromCursor(cursor);
        return new Row((UUID) position.get("id"), (Instant) position.get("createdAt"), (String) position.get("name"));
    }
}
