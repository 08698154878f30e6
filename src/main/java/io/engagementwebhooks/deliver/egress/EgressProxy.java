package io.engagementwebhooks.deliver.egress;

import io.engagementwebhooks.webhook.auth.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The HTTP proxy of outbound https, by CONNECT; plain http is sent directly. Its text never holds the password.
 *
 * @param host its name or address; exempt from egress rules
 * @param port its port
 * @param user the user name, or empty: no authentication
 * @param password of that user
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6">RFC 9110 section 9.3.6</a>
 */
public record EgressProxy(String host, int port, String user, Secret password) {

    private static final String FORM = "it is written http://[user:password@]host:port, with a port from 1 to 65535";

    public EgressProxy {
        Objects.requireNonNull(host);
        Objects.requireNonNull(user);
        Objects.requireNonNull(password);
    }

    /**
     * Parses {@code http://[user:password@]host:port}; user and password are percent-encoded if they contain {@code :},
     * {@code @}, {@code /} or {@code %}.
     *
     * @throws IllegalArgumentException if the text is invalid; the message omits the text, which may hold a password
     */
    static EgressProxy of(String text) {
        try {
            URI url = new URI(text);
            boolean nothingElse = (url.getRawPath() == null || url.getRawPath().matches("/?"))
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null;
            if (!"http".equalsIgnoreCase(url.getScheme())
                    || url.getHost() == null
                    || url.getPort() < 1
                    || url.getPort() > PortRules.HIGHEST
                    || !nothingElse) {
                throw new IllegalArgumentException(FORM);
            }
            String host = url.getHost().replaceAll("[\\[\\]]", "");
            String userInfo = url.getRawUserInfo();
            return userInfo == null
                    ? new EgressProxy(host, url.getPort(), "", Secret.of(""))
                    : of(host, url.getPort(), userInfo);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(FORM);
        }
    }

    private static EgressProxy of(String host, int port, String userInfo) {
        int colon = userInfo.indexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException(FORM);
        }
        String user = decoded(userInfo.substring(0, colon));
        String password = decoded(userInfo.substring(colon + 1));
        if ((user + password).chars().anyMatch(Character::isISOControl) || user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("its user holds a ':', or user or password a control character");
        }
        return new EgressProxy(host, port, user, Secret.of(password));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "proxy " + host + ":" + port;
    }
}
