package dev.underpin.benchmarks.pagination;

import com.blazebit.persistence.integration.graphql.GraphQLCursor;
import com.blazebit.persistence.integration.graphql.GraphQLEntityViewSupport;
import com.blazebit.persistence.integration.graphql.GraphQLRelayPageInfo;
import dev.underpin.benchmarks.pagination.Keys.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Cursors of Java serialisation, unsigned: by hand, and those of Blaze-Persistence for GraphQL. */
final class SerialCursors {
    private final Keys keys;
    private final Support support = new Support();

    SerialCursors(Keys keys) {
        this.keys = keys;
    }

    /** {@return the cursor of Blaze-Persistence, as it makes it for the first and last row of a page} */
    String encodeBlaze(Row row) {
        return PageInfo.cursor(tuple(row));
    }

    Row decodeBlaze(String cursor) {
        return row(support.deserialize(cursor).getTuple());
    }

    String encode(Row row) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(tuple(row));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    }

    Row decode(String cursor) {
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return row((Serializable[]) in.readObject());
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private Serializable[] tuple(Row row) {
        List<Serializable> tuple = new ArrayList<>(3);
        if (keys != Keys.ONE) {
            tuple.add(row.createdAt());
        }
        if (keys == Keys.THREE) {
            tuple.add(row.name());
        }
        tuple.add(row.id());
        return tuple.toArray(Serializable[]::new);
    }

    private static Row row(Serializable[] tuple) {
        return new Row(
                (UUID) tuple[tuple.length - 1],
                tuple.length > 1 ? (Instant) tuple[0] : null,
                tuple.length > 2 ? (String) tuple[1] : null);
    }

    /** What makes a cursor is protected; its public use makes two, and needs a page of entities. */
    private static final class PageInfo extends GraphQLRelayPageInfo {
        private static final long serialVersionUID = 1;

        private PageInfo() {
            super(null);
        }

        static String cursor(Serializable[] tuple) {
            return Base64.getEncoder().encodeToString(serializeCursor(/* offset= */ 50, /* pageSize= */ 50, tuple));
        }
    }

    /** What reads one is protected, too. */
    private static final class Support extends GraphQLEntityViewSupport {
        Support() {
            super(
                    Map.of(),
                    Set.of(
                            "[Ljava.io.Serializable;",
                            "java.time.Ser",
                            "java.util.UUID",
                            "java.lang.String",
                            "java.time.Instant"));
        }

        @Override
        protected GraphQLCursor deserialize(String cursor) {
            return super.deserialize(cursor);
        }
    }
}
