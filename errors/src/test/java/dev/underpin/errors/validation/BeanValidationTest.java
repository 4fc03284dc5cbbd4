package dev.underpin.errors.validation;

import static dev.underpin.errors.validation.Validators.details;
import static dev.underpin.errors.validation.Validators.fields;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.underpin.errors.PlainJson;
import dev.underpin.errors.Renderer;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import dev.underpin.result.ValidationError;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Payload;
import jakarta.validation.ValidationException;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;
import jakarta.validation.constraintvalidation.SupportedValidationTarget;
import jakarta.validation.constraintvalidation.ValidationTarget;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BeanValidationTest {
    private final BeanValidation validation = BeanValidation.of(Validators.standard());

    interface Strict {}

    record Signup(
            @NotBlank String name,
            @Size(min = 8, max = 64) String password,
            @DecimalMin(value = "0.50", inclusive = false) BigDecimal fee,
            @Positive(groups = Strict.class) int age) {}

    @Test
    void check_validBean_isTheBean() {
        var signup = new Signup("ann", "long enough", BigDecimal.ONE, -1);

        assertThat(validation.check(signup).orElseThrow()).isSameAs(signup);
    }

    @Test
    void check_faults_haveCodeMessageAndLimits() {
        var result = validation.check(new Signup(" ", "short", new BigDecimal("0.50"), -1));

        assertThat(details(result))
                .extracting(Detail::field, Detail::code, Detail::message, Detail::args, Detail::in)
                .containsExactly(
                        tuple(
                                "fee",
                                "DECIMAL_MIN",
                                "must be greater than 0.50",
                                Map.of("value", new BigDecimal("0.50"), "inclusive", false),
                                null),
                        tuple("name", "NOT_BLANK", "must not be blank", Map.of(), null),
                        tuple("password", "SIZE", "size must be between 8 and 64", Map.of("min", 8, "max", 64), null));
    }

    @Test
    void check_group_checksThatGroup() {
        assertThat(fields(validation.check(new Signup("", "", BigDecimal.ZERO, -1), Strict.class)))
                .containsExactly("age");
    }

    record Broken(@Size String word, @SizeOfDuck Object duck) {}

    @Constraint(validatedBy = {})
    @Target(ElementType.FIELD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface SizeOfDuck {
        String message() default "";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    @Test
    void check_validatorFails_letsItFly() {
        assertThatThrownBy(() -> validation.check(new Broken("", ""))).isInstanceOf(ValidationException.class);
    }

    /* ---- whose fault ---- */

    record Price(@Min(1) long cents) {}

    static class Service {
        Service(@NotNull String dependency) {}

        @NotNull
        String find(@NotBlank String id) {
            return id;
        }

        @Ordered
        void between(int from, int until) {}
    }

    @Constraint(validatedBy = OrderedParameters.class)
    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Ordered {
        String message() default "from must be before until";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    @SupportedValidationTarget(ValidationTarget.PARAMETERS)
    public static class OrderedParameters implements ConstraintValidator<Ordered, Object[]> {
        @Override
        public boolean isValid(Object[] values, ConstraintValidatorContext context) {
            return (int) values[0] < (int) values[1];
        }
    }

    private DomainError errorOf(Set<? extends ConstraintViolation<?>> violations) {
        assertThat(violations).isNotEmpty();
        return validation.toError(new ConstraintViolationException(violations));
    }

    @Test
    void toError_constructorOfARecord_isAFaultOfTheInput() throws Exception {
        DomainError error = errorOf(Validators.standard()
                .forExecutables()
                .validateConstructorParameters(Price.class.getDeclaredConstructor(long.class), new Object[] {0L}));

        assertThat(error.kind()).isEqualTo(ErrorKind.VALIDATION);
        assertThat(fields(error)).containsExactly("cents");
    }

    @Test
    void toError_constructorOfAService_isOurBug() throws Exception {
        DomainError error = errorOf(Validators.standard()
                .forExecutables()
                .validateConstructorParameters(
                        Service.class.getDeclaredConstructor(String.class), new Object[] {null}));

        assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL);
        assertThat(error.details()).isEmpty();
        assertThat(error.cause().orElseThrow()).isInstanceOf(ConstraintViolationException.class);
    }

    @Test
    void toError_returnValue_isOurBug() throws Exception {
        DomainError error = errorOf(Validators.standard()
                .forExecutables()
                .validateReturnValue(new Service(""), Service.class.getDeclaredMethod("find", String.class), null));

        assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL);
        assertThat(error.details()).isEmpty();
    }

    @Test
    void toError_returnValueAmongParameters_isOurBug() throws Exception {
        var service = new Service("");
        var find = Service.class.getDeclaredMethod("find", String.class);
        Set<ConstraintViolation<?>> both = new LinkedHashSet<>();
        both.addAll(Validators.standard().forExecutables().validateParameters(service, find, new Object[] {""}));
        both.addAll(Validators.standard().forExecutables().validateReturnValue(service, find, null));

        assertThat(errorOf(both).kind()).isEqualTo(ErrorKind.INTERNAL);
    }

    @Test
    void toError_crossParameter_isTheWholeWithItsMessage() throws Exception {
        DomainError error = errorOf(Validators.standard()
                .forExecutables()
                .validateParameters(
                        new Service(""),
                        Service.class.getDeclaredMethod("between", int.class, int.class),
                        new Object[] {2, 1}));

        assertThat(error.details())
                .extracting(Detail::field, Detail::code, Detail::message)
                .containsExactly(tuple("$", "ORDERED", "from must be before until"));
    }

    @Test
    void toError_withoutViolations_isAValidationErrorWithoutDetails() {
        DomainError error = validation.toError(new ConstraintViolationException("secret", null));

        assertThat(error.code()).isEqualTo(ValidationError.VALIDATION_FAILED);
        assertThat(error.details()).isEmpty();
        assertThat(error.message()).doesNotContain("secret");
        assertThat(validation
                        .toError(new ConstraintViolationException(Set.of()))
                        .details())
                .isEmpty();
    }

    /* ---- the bean as a whole ---- */

    @Constraint(validatedBy = SamePasswordsValidator.class)
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface SamePasswords {
        String message() default "{kind.matching}";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    public static class SamePasswordsValidator implements ConstraintValidator<SamePasswords, Passwords> {
        @Override
        public boolean isValid(Passwords passwords, ConstraintValidatorContext context) {
            return passwords.first().equals(passwords.second());
        }
    }

    @SamePasswords
    record Passwords(
            @NotBlank @Size(min = 3) @Pattern(regexp = "\\S+")
            String first,

            String second) {}

    @Test
    void check_classLevelConstraint_isTheWholeWithItsMessage() {
        assertThat(details(validation.check(new Passwords("abc", "abd"))))
                .extracting(Detail::field, Detail::code, Detail::message)
                .containsExactly(tuple("$", "SAME_PASSWORDS", "both passwords must be the same"));
    }

    @Test
    void check_severalConstraintsOnOneField_areAllThereInOrder() {
        assertThat(details(validation.check(new Passwords(" ", " "))))
                .extracting(Detail::field, Detail::code)
                .containsExactly(tuple("first", "PATTERN"), tuple("first", "NOT_BLANK"), tuple("first", "SIZE"));
    }

    @Test
    void toError_violationsInAnyOrder_haveTheSameBytes() {
        var renderer = Renderer.builder(new PlainJson()).build();
        List<ConstraintViolation<?>> violations =
                new ArrayList<>(Validators.standard().validate(new Passwords(" ", "x")));
        violations.addAll(Validators.standard().validate(new Signup("", "", BigDecimal.ZERO, 1)));
        Random random = new Random(20261121);
        Set<String> bodies = new LinkedHashSet<>();

        for (int i = 0; i < 100; i++) {
            Collections.shuffle(violations, random);
            var error = validation.toError(new ConstraintViolationException(new LinkedHashSet<>(violations)));
            bodies.add(new String(
                    renderer.answer(name -> name.equals("X-Request-Id") ? "r" : null, context -> Result.err(error))
                            .body(),
                    UTF_8));
        }

        assertThat(bodies).hasSize(1);
    }

    /* ---- codes and arguments ---- */

    @ParameterizedTest
    @CsvSource({
        "NotBlank,NOT_BLANK",
        "Min,MIN",
        "UUID,UUID",
        "URL,URL",
        "Mod10Check,MOD10_CHECK",
        "NotHTMLText,NOT_HTML_TEXT",
        "ISBN,ISBN",
        "AB,AB",
        "A1b2C,A1B2_C",
        "_Odd_Name,ODD_NAME",
        "Größe,GRE",
        "_,INVALID"
    })
    void code_ofAConstraint_isItsNameInUpperSnakeCase(String name, String code) {
        assertThat(Constraints.code(name)).isEqualTo(code);
    }

    @Test
    void code_ofAVeryLongName_isBounded() {
        assertThat(Constraints.code("Abc".repeat(100))).hasSizeBetween(50, 60);
    }

    record Custom(
            @Min(value = 3, message = "{kind.text}") int number,

            @Pattern(regexp = "secret-[a-z]+", message = "has the wrong form")
            String text) {}

    @Test
    void check_textAttributes_areNoArguments() {
        assertThat(details(validation.check(new Custom(1, "x"))))
                .extracting(Detail::message, Detail::args)
                .containsExactly(
                        tuple("must be at most 3", Map.of("value", 3L)), tuple("has the wrong form", Map.of()));
    }

    @Test
    void check_moreConstraintsThanAreCached_areAllMapped() {
        for (int i = 0; i < 3; i++) {
            assertThat(details(BeanValidation.of(Validators.standard()).check(new Custom(1, "x"))))
                    .hasSize(2);
        }
    }

    /* ---- what comes out of messages ---- */

    @Constraint(validatedBy = SaysValidator.class)
    @Target(ElementType.FIELD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Says {
        String message() default "";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    /** Says what it is told, as a validator with texts of its own does; backslashes keep the interpolation away. */
    public static class SaysValidator implements ConstraintValidator<Says, Says2> {
        @Override
        public boolean isValid(Says2 says, ConstraintValidatorContext context) {
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate(says.template()).addConstraintViolation();
            return false;
        }
    }

    /** No record, whose text would be found in the message. */
    static final class Says2 {
        private final String template;

        Says2(String template) {
            this.template = template;
        }

        String template() {
            return template;
        }

        @Override
        public String toString() {
            return "Says2";
        }
    }

    record Spoken(@Says Says2 it) {}

    private String said(String template) {
        return details(validation.check(new Spoken(new Says2(template)))).get(0).message();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{0} {} %s %d %n",
                "a 'quoted' word",
                "#{1+1}",
                "<b>&amp;</b>",
                "nul \0 esc \u001b cr \r lf \n ls \u2028 bidi \u202e lone \ud800"
            })
    void check_messageWithMarksOfFormatters_isVerbatim(String text) {
        assertThat(said(text)).isEqualTo(text);
    }

    @Test
    void check_messageWithExpression_isNotShown() {
        assertThat(said("${1+1}")).isEqualTo("is not valid");
        assertThat(said("a ${validatedValue} b")).isEqualTo("is not valid");
    }

    @Test
    void check_escapedKeys_areVerbatimAndNotResolvedAgain() {
        assertThat(said("\\{jakarta.validation.constraints.NotNull.message\\}"))
                .isEqualTo("{jakarta.validation.constraints.NotNull.message}");
    }

    @Test
    void check_messageOfAMegabyte_staysBoundedInTheAnswer() {
        var result = validation.check(new Spoken(new Says2("x".repeat(1 << 20))));

        byte[] body = Renderer.builder(new PlainJson())
                .build()
                .answer(name -> null, context -> result)
                .body();
        assertThat(body.length).isLessThan(3_000);
    }

    record Many(List<@NotBlank String> words) {}

    @Test
    void toError_tenThousandFaults_areSortedAndBoundedInTheAnswer() {
        // Hibernate Validator keeps violations in a set whose hashes are all equal, so it takes minutes to make
        // this many at once: made by the hundred, and put into an exception that does not copy them.
        Set<ConstraintViolation<?>> violations = Collections.newSetFromMap(new IdentityHashMap<>());
        var hundred = new Many(Collections.nCopies(100, ""));
        for (int i = 0; i < 100; i++) {
            violations.addAll(Validators.standard().validate(hundred));
        }
        DomainError error = validation.toError(new ConstraintViolationException(Set.of()) {
            private static final long serialVersionUID = 1;

            @Override
            public Set<ConstraintViolation<?>> getConstraintViolations() {
                return violations;
            }
        });

        assertThat(fields(error)).hasSize(10_000).isSorted();
        String body = answer(error);
        assertThat(body.length()).isLessThan(20_000);
        assertThat(body).contains("\"truncated\":true");
    }

    private static String answer(DomainError error) {
        var renderer = Renderer.builder(new PlainJson()).build();
        return new String(
                renderer.answer(name -> null, context -> Result.err(error)).body(), UTF_8);
    }
}
