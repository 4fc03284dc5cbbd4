package org.example;

import dev.underpin.caching.CacheAside;
import dev.underpin.caching.http.CacheControl;
import dev.underpin.caching.http.ETag;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A value that is loaded once, and again after it was invalidated; one that is not there; and headers. */
public final class Main {
    private static final ErrorCode NO_SUCH_PRODUCT =
            ErrorCode.of(ErrorKind.NOT_FOUND, "NO_SUCH_PRODUCT", "There is no such product");
    private static final AtomicInteger LOADS = new AtomicInteger();
    private static final CacheAside<String, String> PRODUCTS = CacheAside.named("products")
            .ttl(Duration.ofMinutes(10))
            .tags((String product) -> List.of("drinks"))
            .build(Main::load);

    private Main() {}

    public static void main(String[] arguments) {
        System.out.println(shown(PRODUCTS.get("tea")));
        System.out.println(shown(PRODUCTS.get("tea")));
        PRODUCTS.invalidateTag("drinks");
        System.out.println(shown(PRODUCTS.get("tea")));
        System.out.println(shown(PRODUCTS.get("gold")));
        ETag tag = ETag.of("tea".getBytes(StandardCharsets.UTF_8));
        System.out.println(tag.matchesIfNoneMatch("\"other\", W/" + tag) + " " + CacheControl.NO_STORE.headers());
    }

    private static Result<String, DomainError> load(String sku) {
        return sku.equals("tea")
                ? Result.ok("load " + LOADS.incrementAndGet() + " of " + sku)
                : Result.err(NO_SUCH_PRODUCT.error());
    }

    private static String shown(Result<String, DomainError> result) {
        return result.fold(value -> value, error -> error.code().name());
    }
}
