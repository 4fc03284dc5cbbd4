package dev.underpin.errors.validation;

import dev.underpin.errors.json.Json;
import dev.underpin.result.Detail;
import dev.underpin.result.DomainError;
import dev.underpin.result.Result;
import jakarta.validation.ConstraintViolationException;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import jakarta.validation.ValidatorFactory;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Locale;
import org.hibernate.validator.HibernateValidator;
import org.hibernate.validator.spi.nodenameprovider.JavaBeanProperty;

/** Validators as services make them. */
final class Validators {
    private static final ValidatorFactory STANDARD = Validation.byProvider(HibernateValidator.class)
            .configure()
            .defaultLocale(Locale.ENGLISH)
            .buildValidatorFactory();

    private Validators() {}

    static Validator standard() {
        return STANDARD.getValidator();
    }

    /** The recipe of the README. */
    static Validator named(Json json) {
        return Validation.byProvider(HibernateValidator.class)
                .configure()
                .propertyNodeNameProvider(property -> property instanceof JavaBeanProperty bean
                        ? json.propertyName(bean.getDeclaringClass(), bean.getName())
                        : property.getName())
                .buildValidatorFactory()
                .getValidator();
    }

    static ConstraintViolationException parameters(Object target, Method method, Object... args) {
        return new ConstraintViolationException(standard().forExecutables().validateParameters(target, method, args));
    }

    static List<Detail> details(Result<?, ? extends DomainError> result) {
        return result.fold(value -> List.<Detail>of(), DomainError::details);
    }

    static List<String> fields(Result<?, ? extends DomainError> result) {
        return details(result).stream().map(Detail::field).toList();
    }

    static List<String> fields(DomainError error) {
        return error.details().stream().map(Detail::field).toList();
    }
}
