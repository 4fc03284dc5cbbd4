package dev.underpin.errors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.underpin.result.Unit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    @Test
    void of_data_isOkWithoutMetaAndHeaders() {
        assertThat(Envelope.of("a")).isEqualTo(new Envelope<>("a", 200, Map.of(), Map.of()));
    }

    @Test
    void created_location_isInTheHeaders() {
        var created = Envelope.created("a", "/orders/1");

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.headers()).isEqualTo(Map.of("Location", "/orders/1"));
    }

    @Test
    void empty_always_isNoContent() {
        assertThat(Envelope.empty()).isEqualTo(new Envelope<>(Unit.UNIT, 204, Map.of(), Map.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 199, 400, 500})
    void status_ofNoSuccess_isRejected(int status) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Envelope<>("a", status, Map.of(), Map.of()))
                .withMessage("status must be that of a success, 200 to 399: " + status);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 202, 304, 399})
    void status_ofASuccess_isAccepted(int status) {
        assertThat(new Envelope<>("a", status, Map.of(), Map.of()).status()).isEqualTo(status);
    }

    @Test
    void data_null_isRejected() {
        assertThatNullPointerException().isThrownBy(() -> Envelope.of(null)).withMessage("data");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\r\nb", "ä", "a(b)"})
    void headers_nameThatIsNoToken_isRejectedWithoutRepeatingIt(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Envelope.of("a").headers(Map.of(name, "v")))
                .withMessage("a header name must be a token of letters, digits and !#$%&'*+-.^_`|~");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\nSet-Cookie: a=1", "x\0", "x\u001b[31m", "x\u007f", "x\u0085", "x\u010a", "x\u2028"})
    void headers_valueThatCouldEndTheHeader_isRejectedByNameOnly(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Envelope.of("a").headers(Map.of("X-Name", value)))
                .withMessageEndingWith(": X-Name")
                .withMessageNotContaining(value);
    }

    @Test
    void created_locationWithLineBreak_isRejected() {
        assertThatIllegalArgumentException().isThrownBy(() -> Envelope.created("a", "/orders/1\r\nX: y"));
    }

    @Test
    void headers_everyTokenAndLatin1Character_isAccepted() {
        var headers = Map.of("aZ09!#$%&'*+-.^_`|~", "tab\t space \u00e9 ~");

        assertThat(Envelope.of("a").headers(headers).headers()).isEqualTo(headers);
    }

    @Test
    void headers_sameNameInOtherCase_replaces() {
        var envelope =
                Envelope.created("a", "/1").headers(Map.of("location", "/2")).headers(Map.of());

        assertThat(envelope.headers()).hasSize(1).containsValue("/2");
    }

    @Test
    void constructor_namesThatDifferByCaseOnly_isRejected() {
        var headers = Map.of("ETag", "1", "etag", "2");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Envelope<>("a", 200, headers, Map.of()))
                .withMessageStartingWith("headers must differ by more than case: ");
    }

    @Test
    void headers_nullValue_isRejectedByName() {
        var headers = new HashMap<String, String>();
        headers.put("ETag", null);

        assertThatNullPointerException()
                .isThrownBy(() -> Envelope.of("a").headers(headers))
                .withMessage("value of header ETag");
    }

    @Test
    void meta_addedTwice_isSortedAndTheLaterWins() {
        var envelope = Envelope.of("a")
                .meta(Map.of("z", 1, "b", 2))
                .meta(Map.of("b", 3, "a", 4))
                .meta(Map.of());

        assertThat(envelope.meta()).containsExactly(Map.entry("a", 4), Map.entry("b", 3), Map.entry("z", 1));
    }

    @Test
    void meta_nullValue_isRejectedByName() {
        var meta = new HashMap<String, Object>();
        meta.put("next", null);

        assertThatNullPointerException()
                .isThrownBy(() -> Envelope.of("a").meta(meta))
                .withMessage("value of meta next");
    }

    @Test
    void maps_changedAfterwards_leaveTheEnvelopeAsItWas() {
        var headers = new HashMap<>(Map.of("ETag", "1"));
        var meta = new HashMap<String, Object>(Map.of("size", 1));
        var envelope = new Envelope<>("a", 200, headers, meta);
        headers.clear();
        meta.clear();

        assertThat(envelope.headers()).isEqualTo(Map.of("ETag", "1"));
        assertThat(envelope.meta()).isEqualTo(Map.of("size", 1)).isUnmodifiable();
    }

    @Test
    void toString_always_hidesDataAndHeaders() {
        var envelope = Envelope.of(List.of("secret"))
                .headers(Map.of("Set-Cookie", "secret"))
                .meta(Map.of("size", 1));

        assertThat(envelope).hasToString("Envelope[status=200, meta=[size]]");
    }
}
