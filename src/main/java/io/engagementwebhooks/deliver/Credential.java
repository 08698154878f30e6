package io.engagementwebhooks.deliver;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.util.Locale;

/**
 * A secret on a message, as the value of a header: it prints {@code ***}, and leaves only for the origin (scheme, host and port)
 * that it was made for. Its text is read in this package alone: by what sends it, and by what takes it out of answers and records.
 * Expressions of Camel cannot read it. Immutable.
 */
public final class Credential {

    /** Of what a step sets in a header whose name does not say that it holds a secret. */
    private static final int SHORTEST_SECRET = 12;

    /** A field: Camel's expressions call methods, whatever their visibility. */
    final Secret value;

    private final URI madeFor;

    /** Whether answers may show it: what a step sets may be an everyday word, which answers hold by chance. */
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

    /** The value of a header that a step of a route sets: a secret if its name says so, or if it is long enough. */
    static Credential ofStep(String name, String value, URI madeFor) {
        boolean isEveryday = !Redactor.isSensitive(name) && value.length() < SHORTEST_SECRET;
        return new Credential(Secret.of(value), madeFor, isEveryday);
    }

    /** Whether it may be sent to a URL. */
    boolean isFor(URI url) {
        return url == madeFor || origin(url).equals(origin());
    }

    /** Where it may be sent to. */
    String origin() {
        return origin(madeFor);
    }

    /** Scheme, host and port of a URL; without user and password, and without the scheme's own port. */
    static String origin(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        String authority = String.valueOf(url.getRawAuthority()).toLowerCase(Locale.ROOT);
        String host = authority.substring(authority.lastIndexOf('@') + 1);
        String usual = scheme.equals("http") ? ":80" : ":443";
        return scheme + "://" + (host.endsWith(usual) ? host.substring(0, host.length() - usual.length()) : host);
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
