package dev.underpin.pagination;

import dev.underpin.pagination.Filter.Condition;
import dev.underpin.pagination.PageQuery.CursorScope;
import dev.underpin.pagination.PageQuery.Start;
import dev.underpin.pagination.SortKey.Order;
import dev.underpin.result.CanIgnoreReturnValue;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import dev.underpin.result.spi.TimeSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests for pages, and has the keys of their cursors. Immutable and thread-safe; one for a service.
 *
 * <p>The parameters: {@code sort=-createdAt,total}; filters by their names; {@code size}; {@code fields=id,total} where
 * the listing has them declared; {@code cursor}, as another page gave it; {@code before}, the cursor of an item, for the
 * page that ends before it; {@code page=3} where the listing allows it.
 *
 * <p>A cursor is good for the listing, sort, filters and scope it was made for, and for no other; page size and fields may
 * change on the way. It says where a page begins, and grants nothing: who may see which rows is the service's own
 * condition on every page.
 */
public final class Paginator {
    private static final Duration MAX_TTL = Duration.ofDays(3650);

    private final CursorSeal seal;

    private Paginator(Builder builder) {
        seal = new CursorSeal(builder.keys, builder.encrypted, builder.ttl, builder.time);
    }

    /**
     * {@return a builder}
     *
     * @param keyId names the key in each cursor, 0 to 255
     * @param signingKey at least 32 random bytes; copied
     * @throws IllegalArgumentException if the id is out of range or the key too short
     */
    public static Builder builder(int keyId, byte[] signingKey) {
        CursorKeys keys = CursorKeys.signedWith(keyId, signingKey);
        return builder(() -> keys);
    }

    /**
     * {@return a builder}
     *
     * @param keys the keys of now, asked for with every cursor: they may change while the service runs. Returns the same
     *     instance as long as they do not
     */
    public static Builder builder(Supplier<CursorKeys> keys) {
        return new Builder(Objects.requireNonNull(keys, "keys"));
    }

    /**
     * {@return the request, or everything that is wrong with it}
     *
     * @param spec what the listing allows
     * @param params the parameters of the query by name, decoded; all of them, since an unknown one is an error: a
     *     misspelled filter that is ignored shows rows that nobody asked for
     * @param scope whose request it is: the tenant, the user, or both; the cursors of one are no good for another. Empty
     *     if everybody sees the same listing
     * @param <T> the type of the rows
     * @throws IllegalArgumentException if the listing can be sorted by something that is no field of it, and cursors
     *     could be read
     */
    public <T> Result<PageQuery<T>, DomainError> parse(
            PageSpec<T> spec, Map<String, ? extends List<String>> params, String scope) {
        Objects.requireNonNull(params, "params");
        Objects.requireNonNull(scope, "scope");
        if (!seal.encrypts()) {
            spec.requireNothingHidden();
        }
        return new Parameters<>(spec, params)
                .read()
                .<DomainError>mapError(DomainError::widen)
                .flatMap(read -> {
                    CursorScope cursors = new CursorScope(seal, digest(spec, read.orders(), read.conditions(), scope));
                    return read.cursor() == null
                            ? Result.ok(query(spec, read, null, cursors))
                            : seal.open(read.cursor(), cursors.scope())
                                    .flatMap(position -> start(read.orders(), position, read.before()))
                                    .map(start -> query(spec, read, start, cursors));
                });
    }

    private static <T> PageQuery<T> query(
            PageSpec<T> spec, Parameters.Read<T> read, @Nullable Start start, CursorScope cursors) {
        return new PageQuery<>(
                spec.plans(),
                read.orders(),
                read.conditions(),
                read.size(),
                read.fields(),
                read.offset(),
                start,
                cursors);
    }

    private static <T> Result<Start, DomainError> start(
            List<Order<T>> orders, CursorSeal.Position position, boolean before) {
        CursorReader in = position.values();
        byte[] encoded = in.rest();
        List<@Nullable Object> values = new ArrayList<>(orders.size());
        try {
            for (Order<T> order : orders) {
                values.add(order.key().readBound(in));
            }
        } catch (MalformedCursorException e) {
            return Result.err(PaginationErrors.CURSOR_INVALID.error());
        }
        boolean turned = before && !position.backward(); // then the row of the cursor belongs to neither side
        return in.atEnd()
                ? Result.ok(new Start(position.backward() || before, position.inclusive() && !turned, values, encoded))
                : Result.err(PaginationErrors.CURSOR_INVALID.error());
    }

    /** {@return what a cursor is bound to} Every part has its length before it, so no two scopes look alike. */
    private static <T> byte[] digest(
            PageSpec<T> spec, List<Order<T>> orders, List<Condition> conditions, String scope) {
        var out = new CursorWriter();
        text(out, spec.collection());
        out.unsigned(orders.size());
        for (Order<T> order : orders) {
            text(out, order.key().name());
            text(out, order.key().column());
            out.octet((order.descending() ? 1 : 0)
                    | (order.nullsFirst() ? 2 : 0)
                    | (order.key().nullable() ? 4 : 0));
        }
        out.unsigned(conditions.size());
        for (Condition condition : conditions) {
            text(out, condition.parameter());
            text(out, condition.shape().column());
            text(out, condition.shape().operator().name());
            out.unsigned(condition.canonical().length);
            out.octets(condition.canonical());
        }
        text(out, scope);
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(out.array(), 0, out.length());
            return sha.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static void text(CursorWriter out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.unsigned(utf8.length);
        out.octets(utf8);
    }

    /** Builds a {@link Paginator}. Confined to one thread. */
    public static final class Builder {
        private final Supplier<CursorKeys> keys;
        private boolean encrypted;
        private @Nullable Duration ttl;
        private TimeSource time = TimeSource.system();

        private Builder(Supplier<CursorKeys> keys) {
            this.keys = keys;
        }

        /**
         * Encrypts cursors, for listings that are sorted by what clients may not see; by default a client that decodes a
         * cursor can read the values of the sort in it. They are longer, and differ each time. Readable cursors that
         * are still around become invalid. Rotate the key before four billion cursors were made with it, which is what
         * random nonces of AES-GCM are good for.
         *
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder encrypted() {
            encrypted = true;
            return this;
        }

        /**
         * Lets cursors expire; by default they are good for as long as their key is. Those made before stay so.
         *
         * @param ttl how long a cursor is good at least; it is less than a minute longer
         * @return this
         * @throws IllegalArgumentException if it is not from a minute to ten years
         */
        @CanIgnoreReturnValue
        public Builder ttl(Duration ttl) {
            if (ttl.compareTo(Duration.ofMinutes(1)) < 0 || ttl.compareTo(MAX_TTL) > 0) {
                throw new IllegalArgumentException("ttl must be from 1 minute to 10 years: " + ttl);
            }
            this.ttl = ttl;
            return this;
        }

        /**
         * Sets the time by which cursors expire; by default that of the machine.
         *
         * @param time the time
         * @return this
         */
        @CanIgnoreReturnValue
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return the paginator} */
        public Paginator build() {
            return new Paginator(this);
        }
    }
}
