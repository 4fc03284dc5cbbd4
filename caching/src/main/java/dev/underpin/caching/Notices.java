package dev.underpin.caching;

import dev.underpin.result.ErrorCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener, which may throw. */
final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(CacheListener.class);

    private final String name;
    private final @Nullable CacheListener listener;

    Notices(String name, @Nullable CacheListener listener) {
        this.name = name;
        this.listener = listener;
    }

    /** {@return whether anybody hears}: nothing is measured for nobody. */
    boolean heard() {
        return listener != null;
    }

    void hit() {
        if (listener != null) {
            try { // not by tell: its function would be an object per hit
                listener.onHit(name);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    void miss() {
        if (listener != null) {
            tell(heard -> heard.onMiss(name));
        }
    }

    void coalesced() {
        if (listener != null) {
            tell(heard -> heard.onCoalesced(name));
        }
    }

    void load(long nanos, @Nullable ErrorCode error) {
        if (listener != null) {
            tell(heard -> heard.onLoad(name, nanos, error));
        }
    }

    void refresh() {
        if (listener != null) {
            tell(heard -> heard.onRefresh(name));
        }
    }

    void stale(ErrorCode reason) {
        if (listener != null) {
            tell(heard -> heard.onStale(name, reason));
        }
    }

    void discarded() {
        if (listener != null) {
            tell(heard -> heard.onDiscardedLoad(name));
        }
    }

    void remote(long nanos, @Nullable ErrorCode error) {
        if (listener != null) {
            tell(heard -> heard.onRemote(name, nanos, error));
        }
    }

    void gap() {
        if (listener != null) {
            tell(heard -> heard.onGap(name));
        }
    }

    void write(int writes, long nanos, @Nullable ErrorCode error) {
        if (listener != null) {
            tell(heard -> heard.onWrite(name, writes, nanos, error));
        }
    }

    void deadLetter(ErrorCode error) {
        if (listener != null) {
            tell(heard -> heard.onDeadLetter(name, error));
        }
    }

    /** Nothing that a listener throws becomes the result of a call, unless the machine itself is in trouble. */
    private void tell(Consumer<CacheListener> call) {
        try {
            call.accept(listener);
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        if (e instanceof VirtualMachineError fatal && !(e instanceof StackOverflowError)) {
            throw fatal;
        }
        LOG.debug("{}: the listener failed", name, e);
    }
}
