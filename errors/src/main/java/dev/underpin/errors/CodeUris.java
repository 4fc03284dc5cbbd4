package dev.underpin.errors;

import dev.underpin.result.ErrorCode;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The URI of each code: a base, and the name of the code in kebab-case as it is. */
final class CodeUris {
    /** Codes are constants as a rule; but one may be made of what another service sent, and there is no end to those. */
    private static final int MAX_KEPT = 1000;

    private final String base;
    private final Map<String, String> kept = new ConcurrentHashMap<>();

    CodeUris(URI base) {
        this.base = base.toString();
    }

    String of(ErrorCode code) {
        String uri = kept.get(code.name());
        if (uri != null) {
            return uri;
        }
        String made = base + Text.kebab(code.name());
        if (kept.size() < MAX_KEPT) {
            kept.put(code.name(), made);
        }
        return made;
    }
}
