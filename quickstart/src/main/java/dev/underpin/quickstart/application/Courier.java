package dev.underpin.quickstart.application;

import dev.underpin.quickstart.domain.Sku;
import dev.underpin.resilience.Deadline;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;

/** Who brings what was ordered: a service of somebody else's. */
public interface Courier {
    /**
     * {@return in how many days a product is there; or why that cannot be said}
     *
     * @param product what is brought
     * @param deadline when nobody waits for it any more
     */
    Result<Integer, DomainError> days(Sku product, Deadline deadline);
}
