package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a query by keys does on any database. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KeyedQueryContract {
    static final int ROWS = 5_000;

    record Part(long id, String code, UUID guid, long owner) {}

    static final RowMapper<Part> PART = (rs, context) -> new Part(
            rs.getLong("id"), rs.getString("code"), UUID.fromString(rs.getString("guid")), rs.getLong("owner"));

    private static final String BY_ID = "select p.* from parts p where p.id = any(:keys)";
    private static final String BY_CODE = "select p.* from parts p where p.code = any(:keys)";
    private static final String BY_GUID = "select p.* from parts p where p.guid = any(:keys)";
    private static final String BY_OWNER = "select p.* from parts p where p.owner = any(:keys) order by p.id desc";

    private final List<String> statements = new ArrayList<>();
    Handle handle;

    /** {@return a handle on an empty database} */
    abstract Handle open() throws Exception;

    abstract void stop() throws Exception;

    /** {@return the type of a column of texts that are compared as they are} */
    abstract String exactText();

    /** {@return the type of a column of texts whose case does not count} */
    abstract String looseText();

    abstract String uuid();

    /** Has the database count the rows of a table, as it does by itself sooner or later. */
    abstract void analyze(String table);

    /** {@return whether a plan reads a table by an index only} */
    abstract boolean seeks(String table, List<String> plan);

    String explain() {
        return "explain ";
    }

    @BeforeAll
    void create() throws Exception {
        handle = open();
        handle.execute("create table parts (id bigint primary key, code " + exactText() + " not null unique, guid "
                + uuid() + " not null unique, owner bigint not null)");
        handle.execute("create index parts_owner on parts (owner)");
        var batch = handle.prepareBatch("insert into parts values (?, ?, ?, ?)");
        for (long id = 1; id <= ROWS; id++) {
            String guid = guid(id).toString();
            batch.bind(0, id)
                    .bind(1, "c" + id)
                    .bind(
                            2,
                            (position, statement, context) ->
                                    statement.setObject(position, uuid().equals("uuid") ? UUID.fromString(guid) : guid))
                    .bind(3, id / 4)
                    .add();
        }
        handle.useTransaction(same -> assertThat(batch.execute()).hasSize(ROWS));
        analyze("parts");
    }

    @AfterAll
    void drop() throws Exception {
        handle.close();
        stop();
    }

    @BeforeEach
    void listen() {
        statements.clear();
        handle.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext context) {
                statements.add(context.getRenderedSql());
            }
        });
    }

    static UUID guid(long id) {
        return new UUID(0x0190_a5b0_0000_7000L + (id << 32), 0x8000_0000_0000_0000L + id);
    }

    private List<Long> ids(List<Long> keys) {
        return KeyedQuery.of(handle, BY_ID).fetchOne(keys, PART, Part::id).stream()
                .map(part -> part.map(Part::id).orElse(null))
                .toList();
    }

    @Test
    void fetchOne_keys_areAnsweredInTheirOrderWithDuplicatesAndGaps() {
        assertThat(ids(List.of(5L, 3L, 99_999L, 5L, 1L))).containsExactly(5L, 3L, null, 5L, 1L);
        assertThat(statements).hasSize(1);
    }

    @Test
    void fetchOne_noKeys_runsNothing() {
        assertThat(ids(List.of())).isEmpty();
        assertThat(statements).isEmpty();
    }

    @Test
    void fetchOne_anyNumberOfKeys_isOneStatementOfOneText() {
        for (int size : new int[] {1, 2, 3, 17, 999, 1_000}) {
            List<Long> keys = LongStream.rangeClosed(1, size).boxed().toList();
            assertThat(ids(keys)).isEqualTo(keys);
        }

        assertThat(statements).hasSize(6).containsOnly(statements.get(0));
    }

    @Test
    void fetchOne_manyKeys_areReadByTheThousand() {
        List<Long> keys =
                new ArrayList<>(LongStream.rangeClosed(1, 2_500).boxed().toList());
        keys.addAll(List.copyOf(keys));
        Collections.shuffle(keys, new Random(4));

        assertThat(ids(keys)).isEqualTo(keys);
        assertThat(statements).hasSize(3);
    }

    @Test
    void fetchOne_extremesOfNumbers_areFoundOrNot() {
        handle.execute("insert into parts values (9007199254740993, 'odd', '" + guid(-1) + "', -1)");
        handle.execute("insert into parts values (-9223372036854775808, 'min', '" + guid(-2) + "', -1)");
        handle.execute("insert into parts values (9223372036854775807, 'max', '" + guid(-3) + "', -1)");

        assertThat(ids(List.of(Long.MAX_VALUE, 9_007_199_254_740_993L, 9_007_199_254_740_992L, Long.MIN_VALUE)))
                .containsExactly(Long.MAX_VALUE, 9_007_199_254_740_993L, null, Long.MIN_VALUE);
        handle.execute("delete from parts where owner = -1");
    }

    @Test
    void fetchOne_smallerNumbers_areFound() {
        assertThat(KeyedQuery.of(handle, BY_ID).fetchOne(List.of(7, 8), PART, part -> (int) part.id()))
                .extracting(part -> part.orElseThrow().id())
                .containsExactly(7L, 8L);
        assertThat(KeyedQuery.of(handle, BY_ID).fetchOne(List.of((short) 7), PART, part -> (short) part.id()))
                .extracting(part -> part.orElseThrow().id())
                .containsExactly(7L);
    }

    @Test
    void fetchOne_uuids_areFound() {
        assertThat(
                        KeyedQuery.of(handle, BY_GUID)
                                .fetchOne(List.of(guid(2), guid(77_777), guid(1)), PART, Part::guid)
                                .stream()
                                .map(part -> part.map(Part::id).orElse(0L)))
                .containsExactly(2L, 0L, 1L);
    }

    /** Each is what some form of the keys could take for something else. */
    @Test
    void fetchOne_textsOfAnyKind_areFoundAsTheyAre() {
        assertFound(
                List.of(
                        "",
                        " ",
                        "null",
                        "NULL",
                        "a,b",
                        "{a}",
                        "[a]",
                        "\"a\"",
                        "\\",
                        "a\\\"b",
                        "'a'",
                        "a'b",
                        "a\nb\tc\u0001",
                        "\\u0041",
                        ":keys",
                        "?",
                        "%",
                        "\u00e9",
                        "\u4e2d",
                        "<a>",
                        "$1",
                        "${a}"),
                List.of("A,B", "\\\\", "\"\"", "a", "A"));
    }

    @Test
    void fetchOne_textsBeyond16Bits_areFoundAsTheyAre() {
        assertFound(List.of("\ud83d\ude00", "a", "?"), List.of("\ud83d\ude01", "??"));
    }

    private void assertFound(List<String> there, List<String> missing) {
        handle.execute("create table texts (code " + exactText() + " primary key)");
        there.forEach(text -> handle.execute("insert into texts values (?)", text));
        List<String> asked = new ArrayList<>(there);
        asked.addAll(missing);

        List<Optional<String>> found = KeyedQuery.of(handle, "select code from texts where code = any(:keys)")
                .fetchOne(asked, (rs, context) -> rs.getString(1), text -> text);
        handle.execute("drop table texts");

        assertThat(found.subList(0, there.size()))
                .containsExactlyElementsOf(there.stream().map(Optional::of).toList());
        assertThat(found.subList(there.size(), asked.size())).containsOnly(Optional.empty());
    }

    @Test
    void fetchMany_rowsOfAKey_keepTheOrderOfTheStatement() {
        List<List<Part>> parts = KeyedQuery.of(handle, BY_OWNER).fetchMany(List.of(2L, -5L, 1L, 2L), PART, Part::owner);

        assertThat(parts.stream().map(each -> each.stream().map(Part::id).toList()))
                .containsExactly(
                        List.of(11L, 10L, 9L, 8L), List.of(), List.of(7L, 6L, 5L, 4L), List.of(11L, 10L, 9L, 8L));
    }

    @Test
    void fetchOne_twoRowsOfAKey_namesTheColumnAndNoValue() {
        assertThatThrownBy(() -> KeyedQuery.of(handle, BY_OWNER).fetchOne(List.of(1_213L), PART, Part::owner))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("p.owner must be unique")
                .hasMessageNotContaining("1213");
    }

    @Test
    void fetchOne_otherParametersAndTemplates_areThoseOfTheStatement() {
        handle.setTemplateEngine((template, context) -> "a template engine saw it");
        try {
            assertThat(KeyedQuery.of(
                                    handle,
                                    "select p.* from parts p where p.id <> :not and p.id=ANY ( :keys )\n-- <it> '")
                            .bind("not", 3L)
                            .fetchOne(List.of(3L, 4L), PART, Part::id))
                    .extracting(Optional::isPresent)
                    .containsExactly(false, true);
        } finally {
            handle.setTemplateEngine(TemplateEngine.NOP);
        }
    }

    @Test
    void fetchMany_conditionInTwoPlaces_hasTheKeysInBoth() {
        assertThat(KeyedQuery.of(
                                handle,
                                "select p.* from parts p where p.id = any(:keys)"
                                        + " union all select q.* from parts q where q.id = any(:keys)")
                        .fetchMany(List.of(3L, 4L), PART, Part::id))
                .allSatisfy(rows -> assertThat(rows).hasSize(2));
    }

    /* ---- columns that compare less exactly than Java ---- */

    @Test
    void fetchOne_keysOfTwoCasesInTwoStatements_haveTheirRowOnce() {
        handle.execute("create table loose (code " + looseText() + " primary key)");
        handle.execute("insert into loose values ('KEY0')");
        List<String> keys = new ArrayList<>(List.of("key0"));
        for (int i = 1; i <= 1_000; i++) {
            keys.add("other" + i);
        }
        keys.add("KEY0");

        List<Optional<String>> rows = KeyedQuery.of(handle, "select code from loose where code = any(:keys)")
                .fetchOne(keys, (rs, context) -> rs.getString(1), code -> code);

        assertThat(rows.get(0)).isEmpty();
        assertThat(rows.get(1_001)).contains("KEY0");
    }

    @Test
    void fetchOne_rowOfAnotherCase_doesNotVanish() {
        handle.execute("create table loose (code " + looseText() + " primary key)");
        handle.execute("insert into loose values ('Abc')");
        KeyedQuery query = KeyedQuery.of(handle, "select code from loose where code = any(:keys)");

        assertThatThrownBy(() -> query.fetchOne(List.of("aBC"), (rs, context) -> rs.getString(1), code -> code))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not asked for")
                .hasMessageContaining("code compares otherwise")
                .hasMessageNotContaining("Abc")
                .hasMessageNotContaining("aBC");
        assertThat(query.fetchOne(
                        List.of("abc"), (rs, context) -> rs.getString(1), code -> code.toLowerCase(Locale.ROOT)))
                .containsExactly(Optional.of("Abc"));
        handle.execute("drop table loose");
    }

    /* ---- plans ---- */

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 1_000})
    void plan_ofAnyKeysAndTypes_seeks(int size) {
        List<Long> numbers = LongStream.rangeClosed(1, size).boxed().toList();
        assertSeeks("parts", BY_ID, numbers);
        assertSeeks("parts", BY_CODE, numbers.stream().map(id -> "c" + id).toList());
        assertSeeks(
                "parts", BY_GUID, numbers.stream().map(KeyedQueryContract::guid).toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40})
    void plan_ofManyRows_seeks(int size) {
        assertSeeks("parts", BY_OWNER, LongStream.rangeClosed(1, size).boxed().toList());
    }

    @Test
    void plan_withoutAnIndex_isNoticed() {
        assertThat(seeks("parts", plan("select p.* from parts p where p.id + 0 = any(:keys)", List.of(1L, 2L))))
                .isFalse();
    }

    <K> void assertSeeks(String table, String select, List<K> keys) {
        List<String> plan = plan(select, keys);
        assertThat(seeks(table, plan)).as("%s%n%s", select, plan).isTrue();
    }

    private <K> List<String> plan(String select, List<K> keys) {
        return KeyedQuery.of(handle, explain() + select)
                .fetchMany(
                        keys,
                        (rs, context) -> {
                            List<String> cells = new ArrayList<>();
                            for (int i = 1; i <= rs.getMetaData().getColumnCount(); i++) {
                                cells.add(rs.getMetaData().getColumnLabel(i) + "=" + rs.getString(i));
                            }
                            return cells;
                        },
                        row -> keys.get(0))
                .stream()
                .flatMap(List::stream)
                .flatMap(List::stream)
                .toList();
    }

    /* ---- bugs of the caller ---- */

    @Test
    void fetchOne_keysOfNoKnownClassOrOfSeveral_areRefused() {
        KeyedQuery query = KeyedQuery.of(handle, BY_ID);

        assertThatThrownBy(() -> query.fetchOne(List.of(1.5), PART, part -> 1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "keys must be Long, Integer, Short, String or UUID, and others be mapped: java.lang.Double");
        assertThatThrownBy(() -> query.<Object, Part>fetchOne(List.of(1L, "a"), PART, Part::id))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keys must be of one class: java.lang.Long and java.lang.String");
        assertThatThrownBy(() -> query.fetchOne(Arrays.asList(1L, null), PART, Part::id))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("a key is null");
        assertThat(statements).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1",
                "select * from parts where id in (:keys)",
                "select * from parts where id = any(:ids)",
                ""
            })
    void of_noPlaceForKeys_saysWhatIsMissing(String select) {
        assertThatThrownBy(() -> KeyedQuery.of(handle, select))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("select must have a condition column = any(:keys): ");
    }

    @Test
    void bind_nameOfTheKeys_isRefused() {
        KeyedQuery query = KeyedQuery.of(handle, BY_ID);

        assertThatThrownBy(() -> query.bind("keys", 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
