package dev.underpin.benchmarks.pagination;

import dev.underpin.benchmarks.pagination.Keys.Row;
import dev.underpin.pagination.ColumnType;
import dev.underpin.pagination.Page;
import dev.underpin.pagination.PageQuery;
import dev.underpin.pagination.PageSpec;
import dev.underpin.pagination.Paginator;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Our cursors. A page makes them; read they are as part of a request, so what of that is the cursor's share is
 * package-private: constant method handles reach it, and the JIT compiler inlines those.
 */
final class OurCursors {
    static final int KEY_ID = 1;
    static final byte[] SECRET = secret(7);
    static final String SCOPE = "tenant-7";

    private static final String PACKAGE = Paginator.class.getPackageName() + '.';
    private static final Class<?> SEAL = type("CursorSeal");
    private static final Class<?> POSITION = type("CursorSeal$Position");
    private static final MethodHandle OPEN = open();
    private static final MethodHandle START = start();

    private static final PageSpec<Row> LISTING = PageSpec.named("orders", Row.class)
            .sort("createdAt", "o.created_at", ColumnType.INSTANT, Row::createdAt)
            .sort("name", "o.name", ColumnType.TEXT, Row::name)
            .unique("id", "o.id", ColumnType.UUID, Row::id)
            .build();

    private final Page<Row> page;
    private final Object seal;
    private final List<?> orders;
    private final byte[] scope;

    OurCursors(Keys keys) {
        this(keys, SECRET);
    }

    OurCursors(Keys keys, byte[] secret) {
        Paginator paginator = Paginator.builder(KEY_ID, secret).build();
        PageQuery<Row> query = paginator
                .parse(LISTING, Map.of("sort", List.of(keys.sort()), "size", List.of("1")), SCOPE)
                .orElseThrow();
        query = paginator
                .parse(
                        LISTING,
                        params(keys, query.page(List.of(Keys.ROW), false).cursor(0)),
                        SCOPE)
                .orElseThrow();
        // One row of two, behind another: a page in the middle.
        page = query.page(List.of(Keys.ROW, Keys.ROW), /* hasPrevious= */ true);
        try {
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(Paginator.class, MethodHandles.lookup());
            seal = lookup.findGetter(Paginator.class, "seal", SEAL).invoke(paginator);
            MethodType ofName = MethodType.methodType(List.class, String.class);
            orders = (List<?>)
                    lookup.findVirtual(PageSpec.class, "order", ofName).invoke(LISTING, keys.sort());
            MethodType ofRequest =
                    MethodType.methodType(byte[].class, PageSpec.class, List.class, List.class, String.class);
            scope = (byte[])
                    lookup.findStatic(Paginator.class, "digest", ofRequest).invoke(LISTING, orders, List.of(), SCOPE);
        } catch (Throwable changed) {
            throw new LinkageError("the insides of " + Paginator.class, changed);
        }
    }

    private static Map<String, List<String>> params(Keys keys, String cursor) {
        return Map.of("sort", List.of(keys.sort()), "size", List.of("1"), "cursor", List.of(cursor));
    }

    /** {@return the header of the page} */
    Map<String, String> headers(URI self) {
        return page.headers(self);
    }

    /** {@return what an envelope says about the page} */
    Map<String, Object> meta() {
        return page.meta();
    }

    /** {@return the cursor of a row, as a page makes it} */
    String encode() {
        return page.cursor(0);
    }

    /** {@return the position, or why there is none: everything that a cursor adds to the reading of a request} */
    @SuppressWarnings("unchecked") // a position, whose type is package-private
    Result<Object, DomainError> decode(String cursor) {
        try {
            Result<Object, DomainError> opened = (Result<Object, DomainError>) OPEN.invokeExact(seal, cursor, scope);
            return opened.flatMap(this::started);
        } catch (Throwable impossible) {
            throw new LinkageError("CursorSeal.open", impossible);
        }
    }

    @SuppressWarnings("unchecked") // a start, whose type is package-private
    private Result<Object, DomainError> started(Object position) {
        try {
            return (Result<Object, DomainError>) START.invokeExact((List<?>) orders, position, false);
        } catch (Throwable impossible) {
            throw new LinkageError("Paginator.start", impossible);
        }
    }

    /** {@return what a cursor is bound to, a hash of everything} */
    byte[] scope() {
        return scope.clone();
    }

    /** {@return 32 bytes} */
    static byte[] secret(int octet) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) octet);
        return secret;
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(PACKAGE + name);
        } catch (ClassNotFoundException e) {
            throw new LinkageError("no " + name, e);
        }
    }

    private static MethodHandle open() {
        try {
            return MethodHandles.privateLookupIn(SEAL, MethodHandles.lookup())
                    .findVirtual(SEAL, "open", MethodType.methodType(Result.class, String.class, byte[].class))
                    .asType(MethodType.methodType(Result.class, Object.class, String.class, byte[].class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no CursorSeal.open", e);
        }
    }

    private static MethodHandle start() {
        try {
            return MethodHandles.privateLookupIn(Paginator.class, MethodHandles.lookup())
                    .findStatic(
                            Paginator.class,
                            "start",
                            MethodType.methodType(Result.class, List.class, POSITION, boolean.class))
                    .asType(MethodType.methodType(Result.class, List.class, Object.class, boolean.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no Paginator.start", e);
        }
    }
}
