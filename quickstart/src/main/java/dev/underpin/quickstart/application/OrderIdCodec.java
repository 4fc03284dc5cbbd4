package dev.underpin.quickstart.application;

import dev.underpin.quickstart.domain.OrderId;
import dev.underpin.result.spi.Codec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What is noted of the steps of an order: which order it is. */
public final class OrderIdCodec implements Codec<OrderId> {
    /** The only one. */
    public static final OrderIdCodec ORDER_ID = new OrderIdCodec();

    private OrderIdCodec() {}

    @Override
    public byte[] encode(OrderId id) {
        return id.toString().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public OrderId decode(byte[] bytes) throws IOException {
        return OrderId.parse(new String(bytes, StandardCharsets.US_ASCII))
                .orElseThrow(error -> new IOException("Not the id of an order: " + bytes.length + " bytes"));
    }
}
