package dev.underpin.errors.validation;

import static dev.underpin.errors.validation.Validators.details;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.Future;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Null;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.hibernate.validator.constraints.CreditCardNumber;
import org.hibernate.validator.constraints.EAN;
import org.hibernate.validator.constraints.LuhnCheck;
import org.hibernate.validator.constraints.Mod10Check;
import org.hibernate.validator.constraints.Mod11Check;
import org.hibernate.validator.constraints.Range;
import org.junit.jupiter.api.Test;

/** A rejected value is nobody's business, whatever the message that a validator made of it. */
class LeakTest {
    private final BeanValidation validation = BeanValidation.of(Validators.standard());

    private List<String> messages(Object bean) {
        return details(validation.check(bean)).stream().map(Detail::message).toList();
    }

    record Interpolated(
            @Pattern(regexp = "-", message = "got ${validatedValue}")
            String direct,

            @Pattern(regexp = "-", message = "{leak.value}") String byKey,
            @Pattern(regexp = "-", message = "{leak.glued}") String glued) {}

    @Test
    void check_interpolatedText_isNotShown() {
        assertThat(messages(new Interpolated("s3cret", "s3cret", "s3cret"))).containsOnly("is not valid");
    }

    @Test
    void check_interpolatedTextWithBackslashes_isNotShown() {
        for (String value : List.of("s3\\\\cret", "s3\\{cret", "s3\\}c", "s3\\$c", "\\\\server\\share")) {
            assertThat(messages(new Interpolated(value, value, value)))
                    .as(value)
                    .containsOnly("is not valid");
        }
    }

    record Numbers(
            @Max(value = 3, message = "{leak.value}") long whole,

            @DecimalMax(value = "3.00", message = "{leak.formatted}")
            BigDecimal formatted,

            @Max(value = 3, message = "{leak.formatted}") double rounded,
            @Future(message = "{leak.date}") LocalDate day) {}

    @Test
    void check_interpolatedNumbers_areNotShownInAnyFormat() {
        assertThat(messages(new Numbers(4711, new BigDecimal("12.5"), 12.499, LocalDate.of(2001, 2, 3))))
                .hasSize(4)
                .containsOnly("is not valid");
    }

    @Test
    void check_aSingleDigit_isNotHuntedFor() {
        assertThat(messages(new Numbers(4, BigDecimal.ONE, 1, LocalDate.MAX))).containsExactly("is not valid");
    }

    record Limits(
            @Min(10) int min,
            @Max(20) int max,
            @Range(min = 1, max = 5) int range,
            @Size(max = 3) String size) {}

    @Test
    void check_limits_areShown() {
        assertThat(messages(new Limits(9, 21, 7, "abcd")))
                .containsExactlyInAnyOrder(
                        "must be greater than or equal to 10",
                        "must be less than or equal to 20",
                        "must be between 1 and 5",
                        "size must be between 0 and 3");
    }

    record CheckDigits(
            @LuhnCheck String luhn,
            @Mod10Check String mod10,
            @Mod11Check String mod11,
            @CreditCardNumber String card,
            @EAN String ean) {}

    @Test
    void check_checkDigits_doNotRepeatTheNumber() {
        List<String> messages = messages(new CheckDigits(
                "4000001234567890", "4000001234567890", "4000001234567890", "4000001234567890", "4000001234567"));

        assertThat(messages).hasSizeGreaterThanOrEqualTo(4).noneMatch(message -> message.contains("40000"));
    }

    record Scalars(
            @Null(message = "{leak.value}") DayOfWeek day,
            @Null(message = "{leak.value}") UUID id,
            @Null(message = "{leak.value}") Character letter,
            @AssertTrue(message = "{leak.value}") Boolean flag,
            @Null(message = "{leak.value}") StringBuilder builder) {}

    @Test
    void check_interpolatedScalarsOfAnyType_areNotShown() {
        assertThat(messages(new Scalars(DayOfWeek.FRIDAY, new UUID(1, 2), 'x', false, new StringBuilder("s3cret"))))
                .filteredOn(message -> !message.equals("is not valid"))
                .containsExactly("the value x is not one of ours");
    }

    /* ---- objects ---- */

    @Constraint(validatedBy = RefusesValidator.class)
    @Target({ElementType.TYPE, ElementType.FIELD})
    @Retention(RetentionPolicy.RUNTIME)
    @interface Refuses {
        String message();

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    public static class RefusesValidator implements ConstraintValidator<Refuses, Object> {
        @Override
        public boolean isValid(Object value, ConstraintValidatorContext context) {
            return false;
        }
    }

    @Refuses(message = "{leak.bean}")
    record Leaky(String password) {}

    @Refuses(message = "{kind.matching}")
    record Quiet(String password) {}

    @Refuses(message = "the passwords differ")
    record Constant(String password) {}

    @Test
    void check_interpolatedBean_isNotShown() {
        assertThat(messages(new Leaky("s3cret"))).containsExactly("is not valid");
    }

    @Test
    void check_beanThatIsNotInterpolated_keepsTheMessage() {
        assertThat(messages(new Quiet("s3cret"))).containsExactly("both passwords must be the same");
        assertThat(messages(new Constant("s3cret"))).containsExactly("the passwords differ");
    }

    record Listed(@Refuses(message = "{leak.value}") List<String> words) {}

    @Test
    void check_interpolatedList_isNotShown() {
        assertThat(messages(new Listed(List.of("s3cret")))).containsExactly("is not valid");
    }

    @Refuses(message = "{kind.matching}")
    static final class Hostile {
        @Override
        public String toString() {
            throw new IllegalStateException("no session");
        }
    }

    @Refuses(message = "{kind.matching}")
    static final class Cyclic {
        @Override
        public String toString() {
            return "Cyclic[" + this + "]";
        }
    }

    @Test
    void check_beanWhoseTextCannotBeHad_isNotShown() {
        assertThat(messages(new Hostile())).containsExactly("is not valid");
        assertThat(messages(new Cyclic())).containsExactly("is not valid");
    }

    @Constraint(validatedBy = ConcatenatesValidator.class)
    @Target(ElementType.FIELD)
    @Retention(RetentionPolicy.RUNTIME)
    @interface Concatenates {
        String message() default "";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    public static class ConcatenatesValidator implements ConstraintValidator<Concatenates, Object> {
        @Override
        public boolean isValid(Object value, ConstraintValidatorContext context) {
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate("not allowed: " + value)
                    .addConstraintViolation();
            return false;
        }
    }

    record Concatenated(@Concatenates Object value) {}

    @Test
    void check_valueConcatenatedIntoTheTemplate_isNotShown() {
        for (Object value : List.of("s3cret", 4711, new Constant("s3cret"), List.of("s3cret"), UUID.randomUUID())) {
            assertThat(messages(new Concatenated(value))).as("%s", value).containsExactly("is not valid");
        }
    }

    /* ---- at random ---- */

    record Everything(
            @Pattern(regexp = "\u0000", message = "{leak.value}")
            String byKey,

            @Pattern(regexp = "\u0000", message = "${validatedValue}")
            String direct,

            @Concatenates String concatenated,

            @LuhnCheck(message = "{org.hibernate.validator.constraints.LuhnCheck.message}")
            String luhn,

            @Email String email,
            @Size(min = 1_000) String size) {}

    @Test
    void check_randomValues_areNeverInTheMessage() {
        Random random = new Random(20261121);
        String alphabet = "abcXYZ019 .,:;-_/\\{}$\"'<>&%\u00e4\u4e2d";
        for (int round = 0; round < 1_000; round++) {
            String value = random.ints(2 + random.nextInt(20), 0, alphabet.length())
                    .collect(StringBuilder::new, (text, i) -> text.append(alphabet.charAt(i)), StringBuilder::append)
                    .toString();
            String printed = value.replace("\\", "");

            for (String message : messages(new Everything(value, value, value, value, value, value))) {
                if (!message.equals("is not valid")) {
                    assertThat(" " + message + " ").doesNotContain(" " + value + " ", " " + printed + " ");
                }
            }
        }
    }
}
