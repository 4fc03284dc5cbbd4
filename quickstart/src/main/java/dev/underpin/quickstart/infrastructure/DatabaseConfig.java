package dev.underpin.quickstart.infrastructure;

import dev.underpin.result.DomainError;
import dev.underpin.result.ErrorCode;
import dev.underpin.result.ErrorKind;
import dev.underpin.result.Result;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which database, and who asks. User and password are kept apart from the URL, so that no message about the URL can
 * hold them.
 *
 * @param jdbcUrl the URL, without credentials
 * @param user the user; empty for the driver's default
 * @param password the password; empty for none
 * @param label what a log may say of the database
 * @param file where H2 has its file, without the extension; empty for PostgreSQL
 */
public record DatabaseConfig(String jdbcUrl, String user, String password, String label, Optional<Path> file) {
    /** Not the URL of a PostgreSQL database. The text does not repeat it: it may hold a password. */
    public static final ErrorCode DATABASE_URL_INVALID = ErrorCode.of(
            ErrorKind.VALIDATION,
            "DATABASE_URL_INVALID",
            "must look like postgres://user:password@host:port/database or jdbc:postgresql://host:port/database");

    /** A name that H2 would read as more than a name. */
    public static final ErrorCode DIRECTORY_INVALID =
            ErrorCode.of(ErrorKind.VALIDATION, "DIRECTORY_INVALID", "must be a path without semicolons");

    private static final String HOST = "(?:\\[[0-9a-fA-F:.]+]|[^:,@/?#\\s\\[\\]]+)(?::[0-9]{1,5})?";
    private static final Pattern URL = Pattern.compile("(?:jdbc:postgresql|postgres(?:ql)?)://"
            + "(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?"
            + "(?<host>" + HOST + "(?:," + HOST + ")*)"
            + "(?:/(?<name>[^/?#\\s]*))?"
            + "(?:\\?(?<params>[^#\\s]*))?");

    /** {@return an H2 database in a directory of its own} */
    public static Result<DatabaseConfig, DomainError> file(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        return absolute.toString().indexOf(';') >= 0
                ? Result.err(DIRECTORY_INVALID.error())
                : Result.ok(h2(absolute.resolve("shop")));
    }

    /** {@return the H2 database in the file of this name, to which H2 adds its extension} */
    static DatabaseConfig h2(Path file) {
        // The service closes the database itself, after the last request; H2's own hook would not wait for that. A
        // thread
        // that is interrupted while it reads closes the file for everybody, and H2 with it, unless it is opened again.
        return new DatabaseConfig(
                "jdbc:h2:retry:file:" + file + ";DB_CLOSE_ON_EXIT=FALSE",
                "",
                "",
                "H2 in " + file.getParent(),
                Optional.of(file));
    }

    /** {@return the PostgreSQL database of a URL} */
    public static Result<DatabaseConfig, DomainError> parse(String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            return Result.err(DATABASE_URL_INVALID.error());
        }
        try {
            return of(parts);
        } catch (IllegalArgumentException e) { // a percent sign without two digits
            return Result.err(DATABASE_URL_INVALID.error());
        }
    }

    private static Result<DatabaseConfig, DomainError> of(Matcher parts) {
        String user = decoded(parts.group("user"));
        String password = decoded(parts.group("password"));
        var params = new StringJoiner("&", "?", "").setEmptyValue("");
        for (String param : given(parts.group("params")).split("&", -1)) {
            String value = decoded(param.substring(param.indexOf('=') + 1));
            switch (param.replaceFirst("=.*", "")) {
                case "user" -> user = value;
                case "password" -> password = value;
                case "" -> {}
                default -> params.add(param);
            }
        }
        String place = parts.group("host") + '/' + given(parts.group("name"));
        String jdbcUrl = "jdbc:postgresql://" + place + params;
        return Result.ok(new DatabaseConfig(jdbcUrl, user, password, "PostgreSQL at " + place, Optional.empty()));
    }

    private static String decoded(@Nullable String part) {
        // In a URL, unlike in a form, a plus is a plus.
        return URLDecoder.decode(given(part).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String given(@Nullable String part) {
        return part == null ? "" : part;
    }

    /** {@return the label} */
    @Override
    public String toString() {
        return label;
    }
}
