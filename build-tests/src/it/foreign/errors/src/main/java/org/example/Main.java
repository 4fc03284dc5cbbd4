package org.example;

import dev.underpin.errors.BodyWriter;
import dev.underpin.errors.Envelope;
import dev.underpin.errors.Renderer;
import dev.underpin.errors.Rendered;
import dev.underpin.errors.UseCase;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Answers requests with no JSON library, no validation and no logging backend on the class path. */
public final class Main {
    private static final ErrorCode GONE = ErrorCode.of(ErrorKind.NOT_FOUND, "ORDER_GONE", "no order {id}");
    private static final BodyWriter WRITER = tree -> tree.toString().getBytes(StandardCharsets.UTF_8);

    private Main() {}

    public static void main(String[] arguments) {
        print(context -> Result.ok(Envelope.of("an order")));
        print(context -> Result.err(GONE.error(Map.of("id", 7))));
        print(context -> {
            throw new IllegalStateException("secret");
        });
    }

    private static void print(UseCase useCase) {
        Rendered answer = Renderer.builder(WRITER).build().answer(Map.of("X-Request-Id", "request-1")::get, useCase);
        System.out.println(answer.status() + " " + new String(answer.body(), StandardCharsets.UTF_8));
    }
}
