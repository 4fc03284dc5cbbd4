package dev.underpin.idempotency;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A store with a hook before and after each call of another. */
final class StoreOfTest implements IdempotencyStore {
    private final IdempotencyStore store;
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private volatile Consumer<String> before = call -> {};
    private volatile Consumer<String> after = call -> {};

    StoreOfTest(IdempotencyStore store) {
        this.store = store;
    }

    /** Runs before each call, with its name; what it throws, the call throws. */
    void before(Consumer<String> hook) {
        before = hook;
    }

    void after(Consumer<String> hook) {
        after = hook;
    }

    void failAt(String... names) {
        before = call -> {
            if (List.of(names).contains(call)) {
                throw new IllegalStateException("store is down");
            }
        };
    }

    void failNowhere() {
        before = call -> {};
    }

    List<String> calls() {
        return new ArrayList<>(calls);
    }

    private <T> T call(String name, Supplier<T> call) {
        calls.add(name);
        before.accept(name);
        T result = call.get();
        after.accept(name);
        return result;
    }

    @Override
    public Entry claim(Key key, Fingerprint fingerprint, UUID owner, Duration lease, Duration ttl) {
        return call("claim", () -> store.claim(key, fingerprint, owner, lease, ttl));
    }

    @Override
    public boolean complete(Key key, UUID owner, byte[] outcome, Duration ttl) {
        return call("complete", () -> store.complete(key, owner, outcome, ttl));
    }

    @Override
    public boolean advance(Key key, UUID owner, String step, byte[] data) {
        return call("advance", () -> store.advance(key, owner, step, data));
    }

    @Override
    public Set<Key> renew(Map<Key, UUID> held, Duration lease) {
        return call("renew " + held.size(), () -> store.renew(held, lease));
    }

    @Override
    public boolean release(Key key, UUID owner) {
        return call("release", () -> store.release(key, owner));
    }

    @Override
    public boolean suspend(Key key, UUID owner) {
        return call("suspend", () -> store.suspend(key, owner));
    }

    @Override
    public Optional<Entry> find(Key key) {
        return call("find", () -> store.find(key));
    }

    @Override
    public boolean settle(Key key, byte @Nullable [] outcome, Duration ttl) {
        return call("settle", () -> store.settle(key, outcome, ttl));
    }

    @Override
    public int reap(int limit) {
        return call("reap", () -> store.reap(limit));
    }
}
