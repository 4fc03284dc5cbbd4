package org.example;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.underpin.errors.Renderer;
import dev.underpin.errors.Rendered;
import dev.underpin.errors.UseCase;
import dev.underpin.errors.json.Jackson2Json;
import dev.underpin.errors.json.Json;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Answers requests, and reads what it answered, with Jackson 2 and without the other one. */
public final class Main {
    private static final ErrorCode GONE = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_GONE", "no order {id}");
    private static final Json JSON = Jackson2Json.of(new ObjectMapper());

    record Order(int id, String item) {}

    private Main() {}

    public static void main(String[] arguments) {
        Rendered order = answer(context -> Result.ok(new Order(7, "pen")));
        Rendered gone = answer(context -> Result.err(GONE.error(Map.of("id", 7))));

        System.out.println(text(order));
        System.out.println(text(gone));
        System.out.println(JSON.readError(gone.status(), gone.headers()::get, gone.body()).is(GONE));
        System.out.println(read("{\"id\":8,\"item\":\"ink\"}"));
        System.out.println(read("{\"id\":"));
    }

    private static Rendered answer(UseCase useCase) {
        return Renderer.builder(JSON).build().answer(Map.of("X-Request-Id", "request-1")::get, useCase);
    }

    private static String text(Rendered answer) {
        return answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8);
    }

    private static String read(String body) {
        return JSON.read(body.getBytes(StandardCharsets.UTF_8), Order.class)
                .fold(Order::toString, error -> error.kind() + " " + error.code().name());
    }
}
