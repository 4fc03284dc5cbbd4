package dev.underpin.errors.validation;

import static dev.underpin.errors.validation.Validators.details;
import static org.assertj.core.api.Assertions.assertThat;

import dev.underpin.result.Detail;
import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.ListResourceBundle;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.ResourceBundle;
import java.util.function.Function;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.constraints.Range;
import org.hibernate.validator.messageinterpolation.ResourceBundleMessageInterpolator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which messages are shown: the same whatever the value is, or searched for it. */
class MessagesTest {
    private final BeanValidation validation = BeanValidation.of(Validators.standard());

    private List<String> messages(Object bean) {
        return messages(validation, bean);
    }

    private static List<String> messages(BeanValidation validation, Object bean) {
        return details(validation.check(bean)).stream().map(Detail::message).toList();
    }

    /* ---- always shown ---- */

    record Constant(
            @Size(min = 10, message = "name must be longer") String name) {}

    record Limited(
            @Size(min = 10, max = 20, message = "needs {min} to {max} letters")
            String name) {}

    @ParameterizedTest
    @ValueSource(strings = {"name", "longer", "must", "NAME", "letters", "10", "needs"})
    void check_wordOfTheMessageAsValue_keepsTheMessage(String value) {
        assertThat(messages(new Constant(value))).containsExactly("name must be longer");
        assertThat(messages(new Limited(value))).containsExactly("needs 10 to 20 letters");
    }

    record Numbers(
            @Min(value = 5, message = "has 4 wheels at least")
            int wheels,

            @Min(value = 5, message = "at least {value}") int seats,
            @Range(min = 1, max = 10) int doors) {}

    @Test
    void check_numberOfTheMessageAsValue_keepsTheMessage() {
        assertThat(messages(new Numbers(4, 4, 11)))
                .containsExactly("must be between 1 and 10", "at least 5", "has 4 wheels at least");
    }

    record Negative(@Min(-5) int low, @Max(-50) int high) {}

    @Test
    void check_negativeLimits_areShown() {
        assertThat(messages(new Negative(-6, -5)))
                .containsExactly("must be less than or equal to -50", "must be greater than or equal to -5");
    }

    record Template(
            @Size(min = 10, message = "{message}") String own,
            @Size(min = 10, message = "a {nokey} b") String no) {}

    @Test
    void check_placeholderThatIsNoLimit_isSearched() {
        assertThat(messages(new Template("x", "nokey"))).contains("is not valid");
    }

    /* ---- a text of the service under a standard key ---- */

    private static BeanValidation withTexts(Map<String, String> texts) {
        ResourceBundle bundle = new ListResourceBundle() {
            @Override
            protected Object[][] getContents() {
                return texts.entrySet().stream()
                        .map(text -> new Object[] {text.getKey(), text.getValue()})
                        .toArray(Object[][]::new);
            }
        };
        return BeanValidation.of(Validation.byProvider(HibernateValidator.class)
                .configure()
                .defaultLocale(Locale.ENGLISH)
                .messageInterpolator(new ResourceBundleMessageInterpolator(locale -> bundle))
                .buildValidatorFactory()
                .getValidator());
    }

    record Passwords(@Size(min = 3) List<String> passwords) {}

    @SuppressWarnings("ArrayRecordComponent") // as services have them
    record Pin(@Size(min = 99) char[] pin) {}

    record Keyed(@Size(min = 3) Map<String, String> tokens) {}

    record Worded(@Size(min = 99) String text) {}

    @Test
    void check_standardKeyOverridden_doesNotShowTheValue() {
        var overriding = withTexts(Map.of(
                "jakarta.validation.constraints.Size.message",
                "size of ${validatedValue} is wrong, so ${validatedValue}"));

        assertThat(messages(overriding, new Passwords(List.of("hunter2", "s3cret"))))
                .containsExactly("is not valid");
        assertThat(messages(overriding, new Keyed(Map.of("alice", "s3cret")))).containsExactly("is not valid");
        assertThat(messages(overriding, new Worded("s3cret"))).containsExactly("is not valid");
        assertThat(messages(overriding, new Passwords(List.of("a", "b")))).containsExactly("is not valid");
    }

    @Test
    void check_standardMessageOfAContainer_isShown() {
        assertThat(messages(new Passwords(List.of("hunter2", "s3cret"))))
                .containsExactly("size must be between 3 and 2147483647");
        assertThat(messages(new Pin("hunter2".toCharArray())))
                .containsExactly("size must be between 99 and 2147483647");
    }

    /* ---- what the service's own validator says ---- */

    @Constraint(validatedBy = SaysValidator.class)
    @Target({ElementType.FIELD, ElementType.TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @interface Says {
        String message() default "";

        Class<?>[] groups() default {};

        Class<? extends Payload>[] payload() default {};
    }

    /** Says of a value what the test is told to. */
    public static class SaysValidator implements ConstraintValidator<Says, Object> {
        static Function<Object, String> words = Object::toString;

        @Override
        public boolean isValid(Object value, ConstraintValidatorContext context) {
            context.disableDefaultConstraintViolation();
            context.buildConstraintViolationWithTemplate(words.apply(value)).addConstraintViolation();
            return false;
        }
    }

    record Said(@Says Object value) {}

    @Says
    @SuppressWarnings("ArrayRecordComponent") // as services have them
    record Account(String user, char[] password, List<String> roles) {}

    private String said(Object value, String text) {
        return saidOf(new Said(value), text);
    }

    private String saidOf(Object bean, String text) {
        SaysValidator.words = any -> text;
        try {
            return messages(bean).get(0);
        } finally {
            SaysValidator.words = Object::toString;
        }
    }

    private void assertHidden(Object value, String text) {
        assertThat(said(value, text)).as(text).isEqualTo("is not valid");
    }

    private void assertShown(Object value, String text) {
        assertThat(said(value, text)).isEqualTo(text);
    }

    @Test
    void check_componentOfARecordInTheMessage_isNotShown() {
        Account account = new Account("alice", "hunter2".toCharArray(), List.of("admin", "auditor"));

        for (String text : List.of("no alice", "password hunter2 is weak", "not an auditor", "ALICE", "Auditors!")) {
            assertThat(saidOf(account, text)).as(text).isEqualTo("is not valid");
        }
        assertThat(saidOf(account, "user and password must differ")).isEqualTo("user and password must differ");
    }

    @Test
    void check_arrayInTheMessage_isNotShown() {
        assertHidden("hunter2".toCharArray(), "weak: hunter2");
        assertHidden("hunter2".toCharArray(), "weak: " + Arrays.toString("hunter2".toCharArray()));
        assertHidden("hunter2".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "weak: hunter2");
        assertHidden(new int[] {47, 11}, "not 47");
        assertHidden(new int[] {1, 2}, "not [1, 2]");
        assertHidden(new String[] {"hunter2"}, "not hunter2");
        assertHidden(new Object[] {null, List.of("hunter2")}, "not hunter2");
        assertShown(new int[] {47, 11}, "must be sorted");
    }

    @Test
    void check_containerInTheMessage_isNotShown() {
        assertHidden(List.of("hunter2"), "not hunter2");
        assertHidden(Map.of("hunter2", 1), "not hunter2");
        assertHidden(Map.of(1, "hunter2"), "not hunter2");
        assertHidden(Map.of(1, List.of("hunter2")), "not hunter2");
        assertHidden(Optional.of(new StringBuilder("hunter2")), "not hunter2");
        assertHidden(List.of("a", "b"), "not [a, b]");
        assertHidden(Collections.nCopies(5_000, "hunter2"), "not hunter2");
        assertShown(Optional.empty(), "must be present");
        assertShown(Collections.nCopies(5_000, "hunter2"), "are too many");
    }

    @Test
    void check_valueInAnotherCase_isNotShown() {
        assertHidden("HunTer2", "not hunter2");
        assertHidden("hunter2", "not HUNTER2");
        assertHidden("Straße", "not STRASSE");
        assertHidden("  hunter2\n", "not 'hunter2'");
        assertHidden(Locale.GERMANY, "not DE_de");
        assertShown("Straße", "must be a street");
    }

    @Test
    void check_numberInAnotherFormat_isNotShown() {
        assertHidden(1234.5, "not 1,234.50");
        assertHidden(1_000_000, "not 1\u202f000\u202f000");
        assertHidden(java.time.LocalDate.of(2001, 2, 3), "not 03.02.01");
        assertHidden(Double.NaN, "NaN is no number");
        assertShown(1234.5, "must be less");
    }

    /** Fails as a list of a closed session does. */
    static final class Lazy extends AbstractList<String> {
        @Override
        public String get(int index) {
            throw new IllegalStateException("no session");
        }

        @Override
        public int size() {
            return 1;
        }
    }

    static final class NoText {
        @Override
        @SuppressWarnings("ToStringReturnsNull")
        public String toString() {
            return null;
        }
    }

    @Test
    void check_valueWithoutAText_isNotShown() {
        assertHidden(new Lazy(), "must not be empty");
        assertHidden(new NoText(), "must not be empty");
        assertHidden(List.of(new NoText()), "must not be empty");
    }

    /* ---- at random ---- */

    record Holder(
            @Says Object value,

            @Pattern(regexp = "\u0000", message = "got ${validatedValue}")
            String text) {}

    @Test
    void check_randomSecretsInAnyShape_areNeverShown() {
        Random random = new Random(20261121);
        List<Function<String, Object>> shapes = List.of(
                secret -> secret,
                String::toCharArray,
                secret -> List.of("x", secret),
                secret -> Map.of("k", secret),
                secret -> new String[] {secret},
                secret -> new Account(secret, new char[0], List.of()),
                secret -> new Account("", secret.toCharArray(), List.of()),
                secret -> Optional.of(List.of(secret)));
        List<Function<String, String>> sayings = List.of(
                secret -> "got " + secret,
                secret -> secret + "!",
                secret -> "(" + secret.toUpperCase(Locale.ROOT) + ")",
                secret -> "x" + secret.toLowerCase(Locale.ROOT) + "y");
        for (int round = 0; round < 1_000; round++) {
            String secret = "s" + Long.toString(random.nextLong() & Long.MAX_VALUE, 36) + "Z";
            Object value = shapes.get(random.nextInt(shapes.size())).apply(secret);
            String saying = sayings.get(random.nextInt(sayings.size())).apply(secret);

            SaysValidator.words = any -> saying;
            assertThat(messages(new Holder(value, secret)))
                    .as(saying)
                    .hasSize(2)
                    .containsOnly("is not valid");
        }
        SaysValidator.words = Object::toString;
    }

    /* ---- the language ---- */

    record Named(@NotBlank String name) {}

    @Test
    void check_onAGermanMachine_speaksTheLanguageOfTheFactory() {
        Locale machine = Locale.getDefault();
        Locale.setDefault(Locale.GERMANY);
        try {
            Validator recipe = Validation.byProvider(HibernateValidator.class)
                    .configure()
                    .defaultLocale(Locale.ENGLISH)
                    .buildValidatorFactory()
                    .getValidator();
            Validator plain = Validation.buildDefaultValidatorFactory().getValidator();

            assertThat(messages(BeanValidation.of(recipe), new Named(""))).containsExactly("must not be blank");
            assertThat(messages(BeanValidation.of(plain), new Named(""))).containsExactly("darf nicht leer sein");
        } finally {
            Locale.setDefault(machine);
        }
    }
}
