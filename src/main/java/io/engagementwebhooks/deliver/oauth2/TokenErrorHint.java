package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;

/** Hints for the owner of an OAuth client on a token or a token error. */
final class TokenErrorHint {

    private TokenErrorHint() {}

    static String on(Token token) {
        if (!token.lifetimeKnown()) {
            return "A token came. The server does not say how long it is good for; it is used for "
                    + Token.UNKNOWN_LIFE.toMinutes() + " minutes, or until a receiver refuses it";
        }
        return token.lifetime().isZero()
                ? "The token has already expired: each delivery has to fetch its own"
                : "A token came, good for " + token.lifetime().toSeconds() + " s";
    }

    static String on(TokenError error, OAuthClient client) {
        return switch (error) {
            case NAME_NOT_RESOLVED ->
                "Check the host in authenticationEndpoint. Only public addresses are called; the operator of this server finds"
                        + " more in its log, and can open others by webhooks.egress.allow";
            case ADDRESS_REFUSED ->
                "Only public addresses are called, by https; the operator of this server can open others by"
                        + " webhooks.egress.allow";
            case CONNECTION_REFUSED -> "Check host and port in authenticationEndpoint, and whether the server runs";
            case TLS ->
                "The server's certificate must be valid, for this host name, and of a known authority or of that in"
                        + " tls.ca; if the server asks for a client certificate, it must know that in tls.certificate";
            case TIME_OUT -> "Check whether the server runs, and whether a firewall lets us through to it";
            case NO_ANSWER -> "Check whether this is an HTTP server, and whether it wants https";
            case UNAVAILABLE ->
                "The server has an error, or too many requests. Deliveries wait, and retry automatically";
            case REDIRECT ->
                "Credentials follow no redirect: write the URL that it leads to as authenticationEndpoint,"
                        + " with tokenPath: \"\"";
            case NOT_JSON -> "This looks like a page, not a token endpoint: check authenticationEndpoint and tokenPath";
            case NO_TOKEN ->
                "Check authenticationEndpoint and tokenPath, and whether the server grants"
                        + " client_credentials to this client";
            case UNUSABLE_TOKEN -> "Only bearer tokens can be sent to receivers";
            case CLIENT_REFUSED -> onRefusal(client);
            case REQUEST_REFUSED ->
                "Check tokenPath, and scope, audience and resource, and whether the server grants"
                        + " client_credentials to this client"
                        + (client.credential() instanceof ClientCredential.InHeader header
                                ? orEncoded(client, header)
                                : "");
        };
    }

    private static String onRefusal(OAuthClient client) {
        ClientCredential credential = client.credential();
        if (credential instanceof ClientCredential.InHeader header) {
            return "The server knows no such client, or the secret is wrong" + orOtherMethod(client, header);
        }
        if (credential instanceof ClientCredential.InForm) {
            return "The server knows no such client, or the secret is wrong, or it wants them in a header:"
                    + " authorizationMethod: header";
        }
        if (credential instanceof ClientCredential.SignedAssertion assertion) {
            return "The server knows no such client, or not the public key of this private key (algorithm "
                    + assertion.algorithm().text()
                    + assertion.keyId().map(id -> ", key id " + id).orElse(", no key id")
                    + "), or expects another assertionAudience than "
                    + assertion.audience().orElse(client.tokenUrl().toString())
                    + ", or its clock is minutes away from ours";
        }
        if (credential instanceof ClientCredential.Certificate certificate) {
            return "The server knows no such client, or does not know it by this certificate ("
                    + certificate.tls().chain().get(0).getSubjectX500Principal().getName() + ")";
        }
        return "The server knows no such client, or wants it to prove who it is: see authorizationMethod";
    }

    private static String orOtherMethod(OAuthClient client, ClientCredential.InHeader header) {
        return orEncoded(client, header) + ", or it wants them in the form: authorizationMethod: body";
    }

    /** A hint at the other encoding, if it makes a difference. */
    private static String orEncoded(OAuthClient client, ClientCredential.InHeader header) {
        if (isPlain(client.clientId()) && isPlain(header.clientSecret().reveal())) {
            return "";
        }
        return header.encoding() == Encoding.RFC6749
                ? ", or it wants id and secret as they are, without form-encoding: encoding: raw"
                : ", or it wants id and secret form-encoded, as the standard has it: encoding: rfc6749";
    }

    /** Whether form-encoding does not change the text. */
    private static boolean isPlain(String text) {
        return TokenRequests.encoded(text).equals(text);
    }
}
