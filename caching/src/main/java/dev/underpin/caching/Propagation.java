package dev.underpin.caching;

/** How far an invalidation has come when the call returns. In this process it has always been done. */
public enum Propagation {
    /** It has been done at every level there is. */
    DONE,
    /** The remote level could not be told in time: it will be, in order, and is not read for what it was not told of. */
    QUEUED
}
