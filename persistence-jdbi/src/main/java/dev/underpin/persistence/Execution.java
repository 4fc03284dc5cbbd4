package dev.underpin.persistence;

import org.jdbi.v3.core.extension.ExtensionMethod;
import org.jdbi.v3.core.statement.Binding;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** A statement that has just run. What costs something is found out when somebody asks, once for all who ask. */
final class Execution {
    /** An attribute of statements of ours: how many keys the batch has that this is a part of, or {@link #PAGE}. */
    static final String KEYS = "underpin_keys";
    /** Of a page that begins behind another: to walk through a listing is to repeat its statement. */
    static final int PAGE = -1;

    private final SqlText text;
    private final int keys;
    private final int attempt;
    private final int rawHash;
    private final @Nullable Binding binding;
    private final @Nullable ExtensionMethod method;
    private @Nullable CallSite near;
    private @Nullable CallSite whole;
    private int values;
    private boolean valuesKnown;

    Execution(SqlText text, StatementContext context) {
        this.text = text;
        String raw = context.getRawSql();
        rawHash = raw == null ? 0 : raw.hashCode();
        binding = context.getBinding();
        method = context.getExtensionMethod();
        keys = context.getAttribute(KEYS) instanceof Integer number ? number : 0;
        attempt =
                WatchedStatements.attempt(context.getConfig(SqlStatements.class).getSqlLogger());
    }

    SqlText text() {
        return text;
    }

    /** {@return the number of keys of the batch it is a part of; 0 if it is of none} */
    int keys() {
        return Math.max(0, keys);
    }

    /** {@return whether it may be repeated: part of a batch of several keys, or a later page} */
    boolean isMeant() {
        return keys == PAGE || keys > 1;
    }

    /** {@return in which attempt of a transaction it ran; each runs the same again} */
    int attempt() {
        return attempt;
    }

    @Nullable
    ExtensionMethod method() {
        return method;
    }

    /** {@return where it was asked for; only for the thread that runs it, while it does} */
    CallSite near() {
        if (near == null) {
            near = CallSite.here(CallSite.FEW_METHODS);
        }
        return near;
    }

    /** {@return the same, with all the service has on the stack} */
    CallSite whole() {
        if (whole == null) {
            whole = CallSite.here(CallSite.ALL_METHODS);
        }
        return whole;
    }

    /** {@return a hash of its values, literals included; equal for what runs twice with the same ones} */
    int values() {
        if (!valuesKnown) {
            valuesKnown = true;
            try {
                values =
                        31 * rawHash + (binding == null ? 0 : binding.toString().hashCode());
            } catch (RuntimeException | StackOverflowError e) {
                values = System.identityHashCode(
                        this); // of a service's own class, which cannot say what it is, or has itself
            }
        }
        return values;
    }
}
