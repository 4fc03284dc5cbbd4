package org.example;

import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.PageSpec;
import dev.underpin.persistence.KeysetQuery;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** A page of a database that is none: there is no driver here. */
public final class Main {
    private static final PageSpec<Long> NUMBERS = PageSpec.named("numbers", Long.class)
            .unique("n", "n", ColumnType.LONG, n -> n)
            .build();

    private Main() {}

    public static void main(String[] arguments) {
        try (Handle handle = Jdbi.create(connection()).open()) {
            System.out.println(KeysetQuery.of(handle, "select n from numbers")
                    .fetch(NUMBERS.first(2), (rs, context) -> rs.getLong("n"))
                    .items());
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
    }

    private static Connection connection() {
        ClassLoader loader = Main.class.getClassLoader();
        Object metaData = java.lang.reflect.Proxy.newProxyInstance(
                loader,
                new Class<?>[] {DatabaseMetaData.class},
                (self, method, values) -> method.getName().equals("getDatabaseProductName") ? "Notepad" : null);
        return (Connection) java.lang.reflect.Proxy.newProxyInstance(
                loader, new Class<?>[] {Connection.class}, (self, method, values) -> switch (method.getName()) {
                    case "getMetaData" -> metaData;
                    case "getAutoCommit", "isClosed" -> false;
                    default -> null;
                });
    }
}
