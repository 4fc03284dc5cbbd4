package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a cursor is bound to, put together here by the description of the format alone. */
class CursorScopeTest {
    private static final byte[] SECRET = new byte[32];
    private static final Paginator PAGINATOR = Paginator.builder(1, SECRET).build();
    private static final int CHECK_BYTES = 2;
    private static final int TAG_BYTES = 16;

    private record Item(long total, @Nullable Long rank, long id) {}

    private static final PageSpec<Item> ITEMS = PageSpec.named("items", Item.class)
            .sort("total", "i.total", ColumnType.LONG, Item::total)
            .sortNullsFirst("rank", "i.rank", ColumnType.LONG, Item::rank)
            .unique("id", "i.id", ColumnType.LONG, Item::id)
            .defaultSort("-total,rank")
            .filter("status", "i.status", ColumnType.TEXT)
            .filterRange("total", "i.total", ColumnType.LONG)
            .build();

    /** The bytes of a scope. */
    private static final class Scope {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @CanIgnoreReturnValue
        Scope number(int below128) {
            bytes.write(below128);
            return this;
        }

        @CanIgnoreReturnValue
        Scope text(String ascii) {
            number(ascii.length());
            bytes.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
            return this;
        }

        byte[] sha256() throws GeneralSecurityException {
            return MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
        }
    }

    private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        for (byte[] part : parts) {
            mac.update(part);
        }
        return mac.doFinal();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void assertBoundTo(Scope scope, Map<String, List<String>> parameters)
            throws GeneralSecurityException {
        String cursor = PAGINATOR
                .parse(ITEMS, parameters, "tenant-1")
                .orElseThrow()
                .page(Collections.nCopies(21, new Item(1, 2L, 3)), false)
                .next()
                .orElseThrow();
        byte[] bytes = Base64.getUrlDecoder().decode(cursor);
        int signed = bytes.length - TAG_BYTES - CHECK_BYTES;
        byte[] digest = scope.sha256();

        assertThat(Arrays.copyOfRange(bytes, 3, 5)).isEqualTo(Arrays.copyOf(digest, 2));
        assertThat(Arrays.copyOfRange(bytes, signed, signed + TAG_BYTES))
                .isEqualTo(Arrays.copyOf(
                        hmac(hmac(SECRET, ascii("pgn1 sign")), ascii("pgn1"), Arrays.copyOf(bytes, signed), digest),
                        TAG_BYTES));
    }

    @Test
    void cursor_withoutFilters_isBoundToListingKeysAndWhose() throws GeneralSecurityException {
        Scope scope = new Scope().text("items").number(3);
        scope.text("total").text("i.total").number(1);
        scope.text("rank").text("i.rank").number(2 + 4);
        scope.text("id").text("i.id").number(0);
        scope.number(0).text("tenant-1");

        assertBoundTo(scope, Map.of());
    }

    @Test
    void cursor_withFilters_isBoundToThemToo() throws GeneralSecurityException {
        Scope scope = new Scope().text("items").number(2);
        scope.text("total").text("i.total").number(0);
        scope.text("id").text("i.id").number(0);
        scope.number(2);
        scope.text("status").text("i.status").text("IN");
        scope.number(6).number(6).text("a").number(6).text("b");
        scope.text("total[gte]").text("i.total").text("AT_LEAST");
        scope.number(2).number(3).number(20);
        scope.text("tenant-1");

        assertBoundTo(
                scope, Map.of("sort", List.of("total"), "status", List.of("b", "a", "b"), "total[gte]", List.of("10")));
    }
}
