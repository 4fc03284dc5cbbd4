package dev.underpin.persistence;

import dev.underpin.result.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.sqlobject.customizer.Bind;
import org.jdbi.v3.sqlobject.statement.SqlQuery;

/** A service's code, good and bad, on which statements are recorded. */
final class Shop {
    static final String FIND = "select name from customers where id = :id";

    private final Jdbi jdbi;

    Shop(Jdbi jdbi) {
        this.jdbi = jdbi;
    }

    interface CustomerDao {
        @SqlQuery(FIND)
        String findById(@Bind("id") int id);
    }

    static void create(Handle handle) {
        handle.execute("create table customers (id int primary key, name varchar(20))");
        for (int id = 1; id <= 10; id++) {
            handle.execute("insert into customers values (?, ?)", id, "c" + id);
        }
    }

    @CanIgnoreReturnValue
    String find(int id) {
        return jdbi.withHandle(handle -> find(handle, id));
    }

    @CanIgnoreReturnValue
    static String find(Handle handle, int id) {
        return handle.createQuery(FIND).bind("id", id).mapTo(String.class).one();
    }

    @CanIgnoreReturnValue
    List<String> eachByItself(int... ids) {
        List<String> names = new ArrayList<>();
        for (int id : ids) {
            names.add(find(id)); // the loop
        }
        return names;
    }

    @CanIgnoreReturnValue
    static List<String> byKeys(Handle handle, List<Integer> ids) {
        return KeyedQuery.of(handle, "select id, name from customers where id = any(:keys)")
                .fetchMany(ids, (rs, context) -> rs.getInt("id"), id -> id)
                .stream()
                .map(Object::toString)
                .toList();
    }

    @CanIgnoreReturnValue
    List<String> loadsOneByOne(int... ids) {
        List<String> names = new ArrayList<>();
        for (int id : ids) {
            names.addAll(jdbi.withHandle(handle -> byKeys(handle, List.of(id))));
        }
        return names;
    }
}
