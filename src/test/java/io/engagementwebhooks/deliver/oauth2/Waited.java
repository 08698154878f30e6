package io.engagementwebhooks.deliver.oauth2;

import io.engagementwebhooks.webhook.OAuthClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Waits for tokens. */
final class Waited {

    private Waited() {}

    static Token token(TokenSource tokens, OAuthClient client) {
        return joined(tokens.obtain(client));
    }

    static Token tokenInsteadOf(TokenSource tokens, Token refused, OAuthClient client) {
        return joined(tokens.obtainInsteadOf(refused, client));
    }

    private static Token joined(CompletableFuture<Token> token) {
        try {
            return token.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : e;
        }
    }
}
