package dev.underpin.pagination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageSpecTest {
    @Test
    void build_withoutTieBreaker_isRefused() {
        assertThatThrownBy(() -> PageSpec.named("orders", Row.class)
                        .sort("total", "total", ColumnType.DECIMAL, Row::total)
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unique(...)")
                .hasMessageContaining("\"orders\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "total,total", "-", ","})
    void build_defaultSortThatIsNone_isRefused(String sort) {
        assertThatThrownBy(() -> Row.spec().defaultSort(sort).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("defaultSort")
                .hasMessageContaining("createdAt");
    }

    @Test
    void declare_twice_isRefused() {
        assertThatThrownBy(() -> Row.spec().sort("total", "x", ColumnType.DECIMAL, Row::total))
                .hasMessageContaining("declared once: total");
        assertThatThrownBy(() -> Row.spec().unique("key", "key", ColumnType.UUID, Row::id))
                .hasMessageContaining("\"id\" already");
        assertThatThrownBy(() -> Row.spec().filterPrefix("a", "a").filter("a", "a", ColumnType.TEXT))
                .hasMessageContaining("declared once");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sort", "size", "cursor", "fields", "page"})
    void filter_reservedName_isRefused(String name) {
        assertThatThrownBy(() -> Row.spec().filterPrefix(name, "x")).hasMessageContaining(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a b", "a,b", "a[gte]", "é", "a;b"})
    void name_thatIsNoPlainOne_isRefused(String name) {
        assertThatThrownBy(() -> Row.spec().sort(name, "x", ColumnType.DECIMAL, Row::total))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Row.spec().filterPrefix(name, "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Row.spec().fields(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void options_thatMakeNoSense_areRefused() {
        assertThatThrownBy(() -> PageSpec.named(" ", Row.class)).hasMessageContaining("collection");
        assertThatThrownBy(() -> Row.spec().sort("x", " ", ColumnType.DECIMAL, Row::total))
                .hasMessageContaining("column");
        assertThatThrownBy(() -> Row.spec().size(0, 10)).hasMessageContaining("size");
        assertThatThrownBy(() -> Row.spec().size(11, 10)).hasMessageContaining("size");
        assertThatThrownBy(() -> Row.spec().size(1, Integer.MAX_VALUE)).hasMessageContaining("size");
        assertThatThrownBy(() -> Row.spec().allowOffset(-1)).hasMessageContaining("maxOffset");
        assertThatThrownBy(() -> Row.spec().build().first(0)).hasMessageContaining("size");
        assertThatThrownBy(() -> Row.spec().build().first(101)).hasMessageContaining("size");
        assertThat(Row.spec().build().first(100).size()).isEqualTo(100);
    }

    @Test
    void cursor_ofARowWithoutADeclaredValue_saysWhichAndHow() {
        PageSpec<Row> wrong = PageSpec.named("orders", Row.class)
                .sort("deletedAt", "o.deleted_at", ColumnType.INSTANT, Row::deletedAt)
                .unique("id", "o.id", ColumnType.UUID, Row::id)
                .defaultSort("deletedAt")
                .build();

        assertThatThrownBy(() -> wrong.first(1).after(Row.ONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("\"deletedAt\"")
                .hasMessageContaining("sortNullsLast");
    }

    @Test
    void collection_spec_isItsName() {
        assertThat(Row.spec().build().collection()).isEqualTo("orders");
    }
}
