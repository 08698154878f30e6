package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** OAuth2 tokens, never their values. */
@Described("Tokens of OAuth clients, never their values")
public interface TokenControl {

    @ReadOnly
    @Described("Errors of OAuth clients whose deliveries wait for a token, by client")
    Map<String, String> problems(@Described("account") String account);

    @Described("Invalidates the token of an OAuth client, as after a refusal: the next delivery requests a new one."
            + " Returns whether there was one")
    boolean invalidate(@Described("account") String account, @Described("client") String client);
}
