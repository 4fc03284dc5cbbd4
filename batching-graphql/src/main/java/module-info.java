/** Batching for graphql-java: loaders of a scope as DataLoaders, which need nothing enabled and cannot hang. */
// Both have a name, and no descriptor
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
@org.jspecify.annotations.NullMarked
module dev.underpin.batching.graphql {
    requires transitive com.graphqljava;
    requires transitive dev.underpin.batching;
    requires transitive org.dataloader;
    requires static transitive org.jspecify;

    exports dev.underpin.batching.graphql;
}
