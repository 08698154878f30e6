package io.engagementwebhooks.deliver.request;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.auth.Secret;
import java.net.URI;
import java.util.Locale;

/**
 * A secret header value on a message, bound to one origin (scheme, host and port). It prints {@code ***}. Only this
 * package reads its text, to send it and to mask it in responses and records; Camel expressions cannot. Immutable.
 */
public final class Credential {

    /** Shorter values that a step sets in a header without a secret-like name count as no secret. */
    private static final int SHORTEST_SECRET = 12;

    /** A field, since Camel's expressions can call methods of any visibility. */
    final Secret value;

    private final URI madeFor;

    /** Whether a response may show it: a step's value may be a common word that responses contain by chance. */
    final boolean isShownInAnswers;

    private Credential(Secret value, URI madeFor, boolean isShownInAnswers) {
        this.value = value;
        this.madeFor = madeFor;
        this.isShownInAnswers = isShownInAnswers;
    }

    /** @param madeFor a URL of the only origin it may be sent to */
    public static Credential of(String value, URI madeFor) {
        return new Credential(Secret.of(value), madeFor, false);
    }

    /** A header value that a route step set: a secret if the name is secret-like or the value is long enough. */
    static Credential ofStep(String name, String value, URI madeFor) {
        boolean isShort = !Redactor.isSensitive(name) && value.length() < SHORTEST_SECRET;
        return new Credential(Secret.of(value), madeFor, isShort);
    }

    /** Whether it may be sent to a URL. */
    boolean isFor(URI url) {
        return url == madeFor || origin(url).equals(origin());
    }

    /** The origin it may be sent to. */
    String origin() {
        return origin(madeFor);
    }

    /** Scheme, host and port of a URL; without user and password, and without the scheme's default port. */
    static String origin(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        String authority = String.valueOf(url.getRawAuthority()).toLowerCase(Locale.ROOT);
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        String defaultPort = scheme.equals("http") ? ":80" : ":443";
        return scheme + "://"
                + (host.endsWith(defaultPort) ? host.substring(0, host.length() - defaultPort.length()) : host);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credential that && value.equals(that.value) && isFor(that.madeFor);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return Redactor.MASK;
    }
}
