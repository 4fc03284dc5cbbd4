package dev.underpin.quickstart.http;

import dev.underpin.errors.Envelope;
import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.application.CustomerActivity.Reading;
import dev.underpin.quickstart.domain.CustomerId;
import dev.underpin.quickstart.http.Views.ActivityView;
import dev.underpin.quickstart.http.Views.CustomerView;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.Validation;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The routes of customers, but for the listing of their orders. */
final class CustomerRoutes {
    private static final int MAX_CUSTOMERS = 50;

    private static final ErrorCode IDS_OUT_OF_RANGE =
            ErrorCode.of(ErrorKind.VALIDATION, "IDS_OUT_OF_RANGE", "must be given 1 to " + MAX_CUSTOMERS + " times");
    private static final ErrorCode READING_UNKNOWN =
            ErrorCode.of(ErrorKind.VALIDATION, "READING_UNKNOWN", "must be together or one-by-one");
    private static final ErrorCode PARAMETER_UNKNOWN =
            ErrorCode.of(ErrorKind.VALIDATION, "PARAMETER_UNKNOWN", "must be none but id and read");

    private final Catalog catalog;

    CustomerRoutes(Catalog catalog) {
        this.catalog = catalog;
    }

    void register(RoutesConfig routes, Answers answers) {
        var customer = answers.to(http -> Requests.path(http, "id", CustomerId::parse)
                .flatMap(catalog::customer)
                .map(CustomerView::of));
        var customers = answers.to(this::activities);
        routes.get("/customers", customers);
        routes.head("/customers", customers);
        routes.get("/customers/{id}", customer);
        routes.head("/customers/{id}", customer);
    }

    /** What it took to read them is among what is said about the data. */
    private Result<Envelope<List<ActivityView>>, DomainError> activities(Context http) {
        return Requests.query(http)
                .flatMap(CustomerRoutes::asked)
                .flatMap(asked -> catalog.activities(asked.customers, asked.reading))
                .map(read -> Envelope.of(
                                read.value().stream().map(ActivityView::of).toList())
                        .meta(Map.of("statements", read.statements(), "suspected", read.suspected())));
    }

    private record Asked(List<CustomerId> customers, Reading reading) {}

    private static Result<Asked, DomainError> asked(Map<String, List<String>> params) {
        List<String> ids = params.getOrDefault("id", List.of());
        var v = Validation.start();
        v.require("parameters", Set.of("id", "read").containsAll(params.keySet()), PARAMETER_UNKNOWN);
        v.require("id", !ids.isEmpty() && ids.size() <= MAX_CUSTOMERS, IDS_OUT_OF_RANGE);
        var customers = v.checkEach("id", ids, CustomerId::parse);
        var reading = v.check("read", reading(params.getOrDefault("read", List.of("together"))));
        return v.build(() -> new Asked(customers.get().stream().distinct().toList(), reading.get()))
                .mapError(faults -> faults.in("query"));
    }

    private static Result<Reading, DomainError> reading(List<String> named) {
        return switch (named.size() == 1 ? named.get(0) : "") {
            case "together" -> Result.ok(Reading.TOGETHER);
            case "one-by-one" -> Result.ok(Reading.ONE_BY_ONE);
            default -> Result.err(READING_UNKNOWN.error());
        };
    }
}
