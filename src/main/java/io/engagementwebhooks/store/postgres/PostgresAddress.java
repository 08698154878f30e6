package io.engagementwebhooks.store.postgres;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.auth.Secret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.postgresql.Driver;

/**
 * The address and the credentials of a PostgreSQL database.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, without a password
 * @param user the role, or empty: the one of the URL or the operating system
 * @param password its password, or empty: it needs none
 */
public record PostgresAddress(String url, String user, Optional<Secret> password) {

    /** The prefix of JDBC URLs of PostgreSQL. */
    public static final String PREFIX = "jdbc:postgresql:";

    private static final String HOST = "(\\[[^]@]*]|[^\\[\\]:,/@]*)(:\\d{0,5})?";
    /** A URL without parameters. Stricter than the driver, which logs a malformed port, perhaps half a password. */
    private static final Pattern WITHOUT_PARAMETERS =
            Pattern.compile(PREFIX + "(//" + HOST + "(," + HOST + ")*(/[^@]*)?|(?!//)[^@]*)");

    private static final int CONNECT_SECONDS = 5;
    private static final Set<String> LOCAL_HOSTS = Set.of("localhost", "127.0.0.1", "::1", "[::1]");
    /** A connection without a response for this long is treated as lost. */
    private static final int SOCKET_TIMEOUT_SECONDS = 10;

    public PostgresAddress {
        Objects.requireNonNull(url);
        Objects.requireNonNull(user);
        Objects.requireNonNull(password);
    }

    /** The fault of a URL, as the predicate of a sentence; empty: none. */
    public static Optional<String> fault(String url) {
        if (withoutParameters(url).indexOf('@') >= 0) {
            return Optional.of(
                    "holds a user or password before an '@'; give webhooks.store.user and webhooks.store.password"
                            + " (an '@' in a database's name is written %40)");
        }
        Properties parsed = parsed(url);
        if (parsed == null || parsed.getProperty("PGDBNAME", "").isEmpty()) {
            return Optional.of("must be like jdbc:postgresql://host:5432/database");
        }
        return parsed.getProperty("password") == null
                ? Optional.empty()
                : Optional.of("holds a password, which ends up in logs; give it as webhooks.store.password");
    }

    /** Whether connections stay on this machine or use TLS. */
    public boolean isSafe() {
        Properties parsed = parsed(url);
        boolean isNear = parsed != null
                && List.of(parsed.getProperty("PGHOST", "").split(",")).stream().allMatch(LOCAL_HOSTS::contains);
        String mode = parsed == null ? "" : parsed.getProperty("sslmode", "");
        return isNear || Set.of("require", "verify-ca", "verify-full").contains(mode);
    }

    private static Properties parsed(String url) {
        return WITHOUT_PARAMETERS.matcher(withoutParameters(url)).matches() ? Driver.parseURL(url, null) : null;
    }

    private static String withoutParameters(String url) {
        int parameters = url.indexOf('?');
        return parameters < 0 ? url : url.substring(0, parameters);
    }

    public Connection connect(String purpose, String options) throws SQLException {
        return DriverManager.getConnection(url, properties(purpose, options));
    }

    /**
     * The connection properties for the driver.
     *
     * @param purpose shown by the server as part of the application name
     * @param options of the session, such as {@code -c lock_timeout=2000}, or empty
     */
    public Properties properties(String purpose, String options) {
        Properties properties = new Properties();
        if (!user.isEmpty()) {
            properties.setProperty("user", user);
        }
        password.ifPresent(secret -> properties.setProperty("password", secret.reveal()));
        properties.setProperty("ApplicationName", "engagement-webhooks " + purpose);
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
        properties.setProperty("loginTimeout", Integer.toString(CONNECT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_TIMEOUT_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("prepareThreshold", "1");
        properties.setProperty("logUnclosedConnections", "false");
        if (!options.isEmpty()) {
            properties.setProperty("options", options);
        }
        return properties;
    }

    /** The URL without its parameters; masked where it may hold a password elsewhere. */
    @Override
    public String toString() {
        String place = withoutParameters(url);
        return WITHOUT_PARAMETERS.matcher(place).matches() ? place : PREFIX + "//" + Redactor.MASK;
    }
}
