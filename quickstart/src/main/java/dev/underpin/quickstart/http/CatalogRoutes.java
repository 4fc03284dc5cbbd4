package dev.underpin.quickstart.http;

import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.domain.Sku;
import dev.underpin.quickstart.http.Views.CustomerView;
import dev.underpin.quickstart.http.Views.ProductView;
import io.javalin.config.RoutesConfig;

/** The routes below {@code /customers} and {@code /products}. */
final class CatalogRoutes {
    private final Catalog catalog;

    CatalogRoutes(Catalog catalog) {
        this.catalog = catalog;
    }

    void register(RoutesConfig routes, Answers answers) {
        var customer = answers.to(http -> Requests.path(http, "id", CustomerId::parse)
                .flatMap(catalog::customer)
                .map(CustomerView::of));
        var product = answers.to(http ->
                Requests.path(http, "sku", Sku::parse).flatMap(catalog::product).map(ProductView::of));
        routes.get("/customers/{id}", customer);
        routes.head("/customers/{id}", customer);
        routes.get("/products/{sku}", product);
        routes.head("/products/{sku}", product);
    }
}
