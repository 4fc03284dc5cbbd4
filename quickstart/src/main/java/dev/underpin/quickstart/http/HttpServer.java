package dev.underpin.quickstart.http;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.underpin.errors.Renderer;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Json;
import dev.underpin.errors.validation.BeanValidation;
import dev.underpin.pagination.Paginator;
import dev.underpin.quickstart.application.Catalog;
import dev.underpin.quickstart.application.Orders;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.Header;
import io.javalin.http.HttpResponseException;
import jakarta.validation.Validation;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.messageinterpolation.ParameterMessageInterpolator;
import org.hibernate.validator.spi.nodenameprovider.JavaBeanProperty;

/** The running server. Thread-safe. */
public final class HttpServer implements AutoCloseable {
    private static final int MAX_THREADS = 64;
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    /** The links of a page repeat its query up to three times, and an escaped byte is three characters. */
    private static final int MAX_ANSWER_HEADER_BYTES = 10 * MAX_HEADER_BYTES;

    private static final long CROWDED_IDLE_MILLIS = 1_000;

    private final Javalin javalin;
    private final AtomicBoolean stopping;
    private final Duration drainTime;

    private HttpServer(Javalin javalin, AtomicBoolean stopping, Duration drainTime) {
        this.javalin = javalin;
        this.stopping = stopping;
        this.drainTime = drainTime;
    }

    /**
     * {@return a server that answers from now on}
     *
     * @param config what it is given and what it bears
     * @param orders the use cases of orders
     * @param catalog the use cases of the catalog
     * @param health what the service stands on
     */
    public static HttpServer start(HttpConfig config, Orders orders, Catalog catalog, Health health) {
        var stopping = new AtomicBoolean();
        ObjectMapper mapper = mapper();
        Json json = Jackson2Json.of(mapper);
        Renderer renderer = Renderer.builder(json)
                .statuses(HttpErrors.STATUSES)
                .logLevel(HttpErrors::level)
                .build();
        var answers = new Answers(renderer);
        var requests = new Requests(json);
        var gate = new Gate(config.estimatesPerMinute());
        var orderRoutes = new OrderRoutes(orders, gate, requests, beans(json), mapper);
        var paginator = Paginator.builder(config::cursorKeys).build();
        var listingRoutes = new OrderListingRoutes(orders, paginator);
        var catalogRoutes = new CatalogRoutes(catalog, gate, requests, json, mapper);
        var customerRoutes = new CustomerRoutes(catalog);
        var healthRoutes = new HealthRoutes(stopping::get, health);
        Javalin javalin = Javalin.create(javalinConfig -> {
            router(javalinConfig, answers);
            server(javalinConfig, config, new ServerErrors(renderer));
            orderRoutes.register(javalinConfig.routes, answers);
            listingRoutes.register(javalinConfig.routes, answers);
            catalogRoutes.register(javalinConfig.routes, answers);
            customerRoutes.register(javalinConfig.routes, answers);
            healthRoutes.register(javalinConfig.routes, answers);
        });
        return new HttpServer(javalin.start(), stopping, config.drainTime());
    }

    /** {@return a mapper that takes nothing but what is meant: no unknown fields, no "3" for 3, no 3.7 for 3, no 3 for "3"} */
    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(
                        LogicalType.Textual,
                        text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .build();
    }

    private static BeanValidation beans(Json json) {
        return BeanValidation.of(Validation.byProvider(HibernateValidator.class)
                .configure()
                // No expression language in messages, so nothing a client sends can be evaluated.
                .messageInterpolator(new ParameterMessageInterpolator())
                .propertyNodeNameProvider(property -> property instanceof JavaBeanProperty bean
                        ? json.propertyName(bean.getDeclaringClass(), bean.getName())
                        : property.getName())
                .buildValidatorFactory()
                .getValidator());
    }

    private static void router(JavalinConfig javalin, Answers answers) {
        javalin.startup.showJavalinBanner = false;
        javalin.startup.showOldJavalinVersionWarning = false;
        javalin.startup.startupWatcherEnabled = false;
        javalin.http.prefer405over404 = true;
        javalin.http.compressionStrategy = CompressionStrategy.NONE;
        javalin.router.javaLangErrorHandler(Answers::broken);
        javalin.routes.before(HttpServer::refuseOverride);
        javalin.routes.exception(HttpResponseException.class, answers::refused);
        javalin.routes.exception(Exception.class, answers::failed);
    }

    /** The router would take this header for the method: a GET could write. */
    private static void refuseOverride(Context http) {
        if (http.header(Header.X_HTTP_METHOD_OVERRIDE) != null) {
            throw new BadRequestResponse();
        }
    }

    private static void server(JavalinConfig javalin, HttpConfig config, ServerErrors errors) {
        javalin.jetty.threadPool = new QueuedThreadPool(MAX_THREADS);
        javalin.jetty.modifyServer(server -> {
            server.setStopTimeout(config.stopTimeout().toMillis());
            server.insertHandler(new BodyReader(config.bodyTimeout()));
            // Around the reader: a request whose body is on its way is a running one.
            server.insertHandler(new GracefulHandler());
            server.setErrorHandler(errors);
            server.setRequestLog(new AccessLog());
            var limit = new NetworkConnectionLimit(config.maxConnections(), server);
            limit.setEndPointIdleTimeout(CROWDED_IDLE_MILLIS);
            server.addBean(limit);
        });
        javalin.jetty.modifyServletContextHandler(context -> context.setErrorHandler(errors));
        javalin.jetty.modifyHttpConfiguration(http -> {
            http.setRequestHeaderSize(MAX_HEADER_BYTES);
            http.setMaxResponseHeaderSize(MAX_ANSWER_HEADER_BYTES);
            http.setUriCompliance(UriCompliance.DEFAULT);
        });
        javalin.jetty.addConnector((server, http) -> connector(server, http, config));
    }

    private static ServerConnector connector(Server server, HttpConfiguration http, HttpConfig config) {
        var connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(config.idleTimeout().toMillis());
        return connector;
    }

    /** {@return the port it listens on} */
    public int port() {
        return javalin.port();
    }

    /**
     * Says that it is not ready for as long as it takes until nobody sends more, lets running requests finish for as long
     * as they may, then stops. An interrupt cuts the first part short.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        if (stopping.compareAndSet(false, true)) {
            try {
                TimeUnit.NANOSECONDS.sleep(drainTime.toNanos());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            javalin.stop();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
