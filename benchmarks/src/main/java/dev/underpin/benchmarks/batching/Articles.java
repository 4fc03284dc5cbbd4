package dev.underpin.benchmarks.batching;

import dev.underpin.batching.LoadScope;
import dev.underpin.batching.Loader;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.dataloader.DataLoader;
import org.dataloader.DataLoaderFactory;

/**
 * Keys, and their values in the forms that batch functions return. All is made beforehand and handed out as it is, so that what
 * is measured is not how a user puts a map together.
 */
final class Articles {
    final Integer[] keys;
    final List<Integer> list;
    private final Result<Map<Integer, String>, DomainError> whole;
    private final Map<Integer, Result<String, DomainError>> each;
    private final CompletionStage<List<String>> inOrder;
    private final CompletionStage<Map<Integer, String>> mapped;

    Articles(int count) {
        keys = new Integer[count];
        List<String> values = new ArrayList<>(count);
        Map<Integer, String> byKey = new HashMap<>();
        each = new HashMap<>();
        for (int i = 0; i < count; i++) {
            keys[i] = 1000 + i;
            values.add("article " + keys[i]);
            byKey.put(keys[i], values.get(i));
            each.put(keys[i], Result.ok(values.get(i)));
        }
        list = List.of(keys);
        whole = Result.ok(byKey);
        inOrder = CompletableFuture.completedFuture(values);
        mapped = CompletableFuture.completedFuture(byKey);
    }

    /** {@return a definition whose function returns a map} To be made once. */
    Loader<Integer, String> ours() {
        return Loader.named("articles").build((List<Integer> keys) -> whole);
    }

    /** {@return a definition for batches of any size} */
    Loader<Integer, String> ours(int maxBatch) {
        return Loader.named("articles").maxBatch(maxBatch).build((List<Integer> keys) -> whole);
    }

    /** {@return what the functions of ours return} */
    Result<Map<Integer, String>, DomainError> whole() {
        return whole;
    }

    /** {@return a definition whose function returns a result for each key} To be made once. */
    Loader<Integer, String> oursPerKey() {
        return Loader.named("articles").buildPerKey((List<Integer> keys, LoadScope scope) -> each);
    }

    /** {@return a new loader whose function returns a list} It takes the keys to come in their order, all at once. */
    DataLoader<Integer, String> dataLoader() {
        return DataLoaderFactory.newDataLoader(keys -> inOrder);
    }

    /** {@return a new loader whose function returns a map} */
    DataLoader<Integer, String> mappedDataLoader() {
        return DataLoaderFactory.newMappedDataLoader(keys -> mapped);
    }

    /** {@return what the floors call} */
    Map<Integer, String> byHand(List<Integer> keys) {
        return whole.orElseThrow();
    }
}
