package dev.underpin.benchmarks.batching;

import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * By hand, with as few objects as there can be: the future of a key is the node of the hash table and the element of the queue.
 * Thread-safe by one lock; nothing is split, nothing fails, nobody waits.
 */
final class FusedFloor<K, V> {
    private final ReentrantLock lock = new ReentrantLock();
    private final Function<List<K>, Map<K, V>> batch;
    private Node<K, V>[] table = table(16);
    private int size;
    private Node<K, V> first;
    private Node<K, V> last;
    private int queued;

    FusedFloor(Function<List<K>, Map<K, V>> batch) {
        this.batch = batch;
    }

    CompletableFuture<Result<V, DomainError>> load(K key) {
        int hash = key.hashCode();
        hash ^= hash >>> 16;
        lock.lock();
        try {
            for (Node<K, V> node = table[hash & (table.length - 1)]; node != null; node = node.next) {
                if (node.hash == hash && node.key.equals(key)) {
                    return node;
                }
            }
            if (size == table.length) {
                grow();
            }
            Node<K, V> node = new Node<>(key, hash);
            int bucket = hash & (table.length - 1);
            node.next = table[bucket];
            table[bucket] = node;
            size++;
            if (last == null) {
                first = node;
            } else {
                last.behind = node;
            }
            last = node;
            queued++;
            return node;
        } finally {
            lock.unlock();
        }
    }

    void dispatch() {
        Node<K, V> taken;
        List<K> keys;
        lock.lock();
        try {
            taken = first;
            keys = new ArrayList<>(queued);
            for (Node<K, V> node = taken; node != null; node = node.behind) {
                keys.add(node.key);
            }
            first = null;
            last = null;
            queued = 0;
        } finally {
            lock.unlock();
        }
        Map<K, V> values = batch.apply(keys);
        while (taken != null) {
            Node<K, V> behind = taken.behind;
            taken.behind = null;
            taken.complete(Result.ok(values.get(taken.key)));
            taken = behind;
        }
    }

    private void grow() {
        Node<K, V>[] grown = table(table.length * 2);
        for (Node<K, V> chain : table) {
            Node<K, V> node = chain;
            while (node != null) {
                Node<K, V> rest = node.next;
                int bucket = node.hash & (grown.length - 1);
                node.next = grown[bucket];
                grown[bucket] = node;
                node = rest;
            }
        }
        table = grown;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // arrays have no type arguments
    private static <K, V> Node<K, V>[] table(int length) {
        return new Node[length];
    }

    private static final class Node<K, V> extends CompletableFuture<Result<V, DomainError>> {
        private final K key;
        private final int hash;
        private Node<K, V> next;
        private Node<K, V> behind;

        Node(K key, int hash) {
            this.key = key;
            this.hash = hash;
        }
    }
}
