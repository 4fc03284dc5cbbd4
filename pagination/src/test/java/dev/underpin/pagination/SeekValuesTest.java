package dev.underpin.pagination;

import java.util.List;

/** On databases that run in this process. */
class SeekValuesTest extends SeekValues {
    @Override
    List<Dialect> dialects() {
        return List.of(Dialect.H2, Dialect.SQLITE);
    }
}
