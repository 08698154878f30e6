package io.engagementwebhooks.console.signin;

import io.engagementwebhooks.console.PageRoutes;
import io.engagementwebhooks.webhook.auth.Secret;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Settings of the sign-in with an OpenID provider.
 *
 * @param issuer the provider's exact issuer
 * @param clientId OAuth client id of the console
 * @param clientSecret empty: a public client
 * @param redirect URL of this installation that the provider redirects to
 * @param scopes requested
 * @param accountClaim claim with the account
 * @param roleClaim claim with the role
 */
public record SingleSignOnSettings(
        URI issuer,
        String clientId,
        Optional<Secret> clientSecret,
        URI redirect,
        List<String> scopes,
        String accountClaim,
        String roleClaim) {

    /** Path of the redirect URL. */
    public static final String RETURN_PATH = PageRoutes.HOME + "/sign-in/return";

    /** What distinguishes the provider, and the console at it. */
    public String provider() {
        return issuer + " " + clientId;
    }

    public SingleSignOnSettings {
        Objects.requireNonNull(issuer);
        Objects.requireNonNull(clientId);
        Objects.requireNonNull(clientSecret);
        Objects.requireNonNull(redirect);
        scopes = List.copyOf(scopes);
        Objects.requireNonNull(accountClaim);
        Objects.requireNonNull(roleClaim);
    }
}
