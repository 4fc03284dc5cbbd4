package dev.underpin.persistence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {
    private static String sql(String raw) {
        return SqlText.of(raw.replace('~', '\n')).sql();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "SELECT a,  b~\tFROM t | select a, b from t",
                "select * from t where a = 'it''s' and b = 1.5e-3 | select * from t where a = ? and b = ?",
                "select a -- c'omment~from t /* and /* an */ other ' */ where b=2 | select a from t where b=?",
                "select t1.a from t1 where \"Name 'X'\" = :tenantId | select t1.a from t1 where \"Name 'X'\" = :tenantid",
                "select a from t where b = E'a\\'b' and c = $$d'e$$ and f = $x$g$x$ | select a from t where b = ? and c = ? and f = ?",
                "select a from t where b in (1, 2, 3) | select a from t where b in (...)",
                "select a from t where b IN (:k0,:k1) | select a from t where b in (...)",
                "select a from t where b in (<ids>) and c = 'x' | select a from t where b in (...) and c = ?",
                "select a from t where (b, c) in ((1, 'x'), (2, 'y')) | select a from t where (b, c) in (...)",
                "select a from t where b in (select c from u where d = 1) | select a from t where b in (select c from u where d = ?)",
                "select a::text from t where b = $1 | select a::text from t where b = $1",
                "select 'open | select ?",
                "select /* open | select",
            })
    void sql_whatDiffersFromRunToRun_isLeftOut(String raw, String expected) {
        assertThat(sql(raw)).isEqualTo(expected);
    }

    @Test
    void sql_listOfManyValues_isShort() {
        String values = IntStream.range(0, 100_000).mapToObj(Integer::toString).collect(Collectors.joining(","));

        assertThat(sql("select a from t where b in (" + values.substring(0, 9_000) + ")"))
                .isEqualTo("select a from t where b in (...)");
        assertThat(sql("select a from t where b in (" + values + ")")).hasSizeLessThan(10_001);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "select 1 | select",
                "-- insert~ (select a from t) union (select b from u) | select",
                "/* update */ UPDATE t set a = 1 | update",
                "insert into t select * from u returning id | insert",
                "select id from final table (insert into t values (1)) | insert",
                "select id from OLD TABLE(delete from t) | delete",
                "with x as (select 1) select * from x | select",
                "with recursive x(a, b) as (select 1, 2 union all select a, b from x), y as (select 3) delete from t | delete",
                "with x as materialized (insert into t values (1) returning id) select * from x | insert",
                "with x as (select 'a' insert) select * from x | select",
                "with x as (select \"delete\" from t) insert into u select * from x | insert",
                "replace into t values (1) | insert",
                "merge into t using u on true | merge",
                "values (1) | select",
                "table t | select",
                "{? = call f(?)} | call",
                "call p() | call",
                "create table t (a int) | create",
                "?  | ^^",
            })
    void verb_firstKeyword_tellsWhatAStatementDoes(String raw, String verb) {
        assertThat(SqlText.of(raw.replace('~', '\n')).verb()).isEqualTo(verb);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select a from t where id = ?",
                "select count(*) from t where id = ?",
                "with x as (select 1) select * from x",
                "select exists_at from t where id = 1"
            })
    void loads_rowsOfATable_isTrue(String raw) {
        assertThat(SqlText.of(raw).loads()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1",
                "select nextval('s')",
                "select next value for s",
                "select s.nextval from dual",
                "select pg_advisory_xact_lock(7)",
                "select get_lock('a', 1)",
                "select pg_try_advisory_lock(id) from t",
                "select 1 from users where name = ?",
                "select exists (select * from users where name = ?)",
                "select * from outbox order by id limit 10 for update skip locked",
                "select state from underpin_idempotency where id = ?",
                "insert into t select * from u"
            })
    void loads_sequencesLocksChecksAndQueues_isFalse(String raw) {
        assertThat(SqlText.of(raw).loads()).isFalse();
    }

    @Test
    void of_noText_isABatchOfSeveral() {
        assertThat(SqlText.of(null)).isEqualTo(new SqlText("(a batch of several)", "batch", false));
    }
}
