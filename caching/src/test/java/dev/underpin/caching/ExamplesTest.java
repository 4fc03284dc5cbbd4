package dev.underpin.caching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.caching.WriteBehind.Write;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Unit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The examples of README.md and WRITE-BEHIND.md. */
class ExamplesTest {
    private static final ErrorCode NO_SUCH_PRODUCT =
            ErrorCode.of(ErrorKind.NOT_FOUND, "NO_SUCH_PRODUCT", "There is no such product");

    record Product(String sku, String category, long cents) {}

    /** A transaction as any library has it: it takes what is to run after the commit. */
    static final class Transaction {
        final List<Runnable> afterCommit = new ArrayList<>();

        void afterCommit(Runnable action) {
            afterCommit.add(action);
        }
    }

    static final class Transactions {
        Result<Unit, DomainError> inTransaction(Function<Transaction, Result<Unit, DomainError>> body) {
            var transaction = new Transaction();
            return body.apply(transaction).onOk(done -> transaction.afterCommit.forEach(Runnable::run));
        }
    }

    static final class Repository {
        final Map<String, Product> rows = new HashMap<>(Map.of("tea-1", new Product("tea-1", "tea", 450)));
        int reads;

        Result<Product, DomainError> product(String sku) {
            reads++;
            Product row = rows.get(sku);
            return row == null ? Result.err(NO_SUCH_PRODUCT.error()) : Result.ok(row);
        }

        Result<Unit, DomainError> reprice(Transaction tx, String sku, long cents) {
            if (!rows.containsKey(sku)) {
                return Result.err(NO_SUCH_PRODUCT.error());
            }
            rows.computeIfPresent(sku, (key, row) -> new Product(sku, row.category(), cents));
            return Result.ok();
        }
    }

    static final class Catalog {
        final Transactions tx = new Transactions();
        final Repository repository;
        final CacheAside<String, Product> products;

        Catalog(Repository repository, Executor pool) {
            this.repository = repository;
            products = CacheAside.named("products")
                    .maximumSize(10_000)
                    .ttl(Duration.ofMinutes(15))
                    .refreshAfter(0.8)
                    .staleOnError(Duration.ofHours(1))
                    .tags((Product product) -> List.of("category:" + product.category()))
                    .executor(pool)
                    .build(repository::product);
        }

        Result<Product, DomainError> show(String sku) {
            return products.get(sku);
        }

        Result<Unit, DomainError> reprice(String sku, long cents) {
            return tx.inTransaction(tx -> {
                var cached = products.in(tx::afterCommit);
                cached.invalidate(sku);
                return repository.reprice(tx, sku, cents);
            });
        }
    }

    record Stock(int pieces) {}

    static final class StockTable {
        final Map<Long, Stock> rows = new HashMap<>();

        Result<Unit, DomainError> saveAndDelete(List<Write<Long, Stock>> writes) {
            for (Write<Long, Stock> write : writes) {
                write.value().ifPresentOrElse(stock -> rows.put(write.key(), stock), () -> rows.remove(write.key()));
            }
            return Result.ok();
        }

        Optional<Stock> find(Long product) {
            return Optional.ofNullable(rows.get(product));
        }
    }

    @Test
    void stocks_beforeAndAfterTheyAreWritten_areRead() {
        var held = new ArrayList<Runnable>();
        Executor pool = held::add;
        var table = new StockTable();
        var parked = new ArrayList<Write<Long, Stock>>();
        WriteBehind<Long, Stock> stocks = WriteBehind.named("stocks")
                .acceptLossOnCrash()
                .executor(pool)
                .maxDirty(1, WriteBehind.WhenFull.REJECT) // so that it does not wait
                .build(table::saveAndDelete, (write, error) -> parked.add(write));

        assertThat(stocks.put(1L, new Stock(7)).isOk()).isTrue();
        assertThat(table.rows).isEmpty();
        assertThat(read(stocks, table, 1L)).contains(new Stock(7));
        held.forEach(Runnable::run);
        assertThat(table.rows).containsOnlyKeys(1L);
        assertThat(read(stocks, table, 1L)).contains(new Stock(7));

        assertThat(stocks.delete(1L).isOk()).isTrue();
        assertThat(read(stocks, table, 1L)).as("the table still has it").isEmpty();
        Set<Long> unwritten = stocks.close(Duration.ZERO);
        assertThat(unwritten).containsExactly(1L);
        assertThat(parked).isEmpty();
    }

    private static Optional<Stock> read(WriteBehind<Long, Stock> stocks, StockTable table, long product) {
        return stocks.get(product).map(Write::value).orElseGet(() -> table.find(product));
    }

    private final Repository repository = new Repository();
    private final Catalog catalog = new Catalog(repository, Runnable::run);

    @Test
    void show_twice_readsOnce() {
        assertThat(catalog.show("tea-1").orElseThrow().cents()).isEqualTo(450);
        assertThat(catalog.show("tea-1").orElseThrow().cents()).isEqualTo(450);

        assertThat(repository.reads).isEqualTo(1);
    }

    @Test
    void reprice_committed_isSeenByTheNextRead() {
        assertThat(catalog.show("tea-1").isOk()).isTrue();

        assertThat(catalog.reprice("tea-1", 500).isOk()).isTrue();

        assertThat(catalog.show("tea-1").orElseThrow().cents()).isEqualTo(500);
    }

    @Test
    void reprice_rolledBack_leavesTheCache() {
        assertThat(catalog.show("tea-1").isOk()).isTrue();

        assertThat(catalog.reprice("gold-1", 500).isOk()).isFalse();
        assertThat(catalog.show("tea-1").isOk()).isTrue();

        assertThat(repository.reads).isEqualTo(1);
    }

    @Test
    void invalidateTag_category_loadsAnew() {
        assertThat(catalog.show("tea-1").isOk()).isTrue();

        catalog.products.invalidateTag("category:tea");
        assertThat(catalog.show("tea-1").isOk()).isTrue();

        assertThat(repository.reads).isEqualTo(2);
    }
}
