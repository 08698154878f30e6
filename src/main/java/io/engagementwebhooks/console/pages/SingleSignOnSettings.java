package io.engagementwebhooks.console.pages;

import io.engagementwebhooks.webhook.Secret;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How somebody signs in who is known to an OpenID provider.
 *
 * @param issuer the provider, exactly as it names itself
 * @param clientId we, as the provider knows us
 * @param clientSecret empty: we are a public client
 * @param redirect our address to which the provider sends browsers back
 * @param scopes what we ask for
 * @param accountClaim the claim that names the account
 * @param roleClaim the claim that names the role
 */
public record SingleSignOnSettings(
        URI issuer,
        String clientId,
        Optional<Secret> clientSecret,
        URI redirect,
        List<String> scopes,
        String accountClaim,
        String roleClaim) {

    /** Where the provider sends browsers back, behind our address. */
    public static final String RETURN_PATH = PageRoutes.HOME + "/sign-in/return";

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
