package dev.underpin.pagination;

import java.util.List;

/** On databases that run in this process. */
class SeekWalkTest extends SeekWalk {
    @Override
    List<Dialect> dialects() {
        return List.of(Dialect.H2, Dialect.SQLITE);
    }
}
