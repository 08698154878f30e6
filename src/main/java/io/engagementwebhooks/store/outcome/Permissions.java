package io.engagementwebhooks.store.outcome;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Stores the {@link Permission} of each webhook that asks for one, and finds it by its token. Of concurrent changes, by
 * other instances too, one takes effect. Methods block until the commit, except {@link #remove}. Thread-safe.
 */
public record Permissions(SettingStore settings) {

    private static final JsonMapper JSON = new JsonMapper();

    public Optional<Permission> of(WebhookId webhook) {
        return settings.setting(name(webhook)).map(Permissions::read);
    }

    /**
     * Stores that a receiver is asked. A former token of the webhook ends.
     *
     * @param url its SHA-256, in hex
     * @param token null: the receiver gets none
     */
    public Permission ask(WebhookId webhook, String url, String token) {
        Permission last = of(webhook).orElse(null);
        Permission asked = Permission.asked(last, url, token == null ? null : Sha256.hex(token));
        Map<String, Optional<byte[]>> changes = new HashMap<>();
        endToken(last, changes);
        changes.put(name(webhook), Optional.of(written(asked)));
        if (token != null) {
            changes.put(
                    tokenName(asked.token()),
                    Optional.of((webhook.account() + "\n" + webhook.id()).getBytes(StandardCharsets.UTF_8)));
        }
        join(settings.settings(changes));
        return asked;
    }

    /**
     * Stores the answer to a question, unless something has changed since, such as a grant by its token.
     *
     * @return what is stored then
     */
    public Permission answered(WebhookId webhook, Permission asked, Permission answer) {
        return replace(webhook, asked, answer)
                ? answer
                : of(webhook).filter(Permission::granted).orElse(answer);
    }

    /** A receiver grants by a token, which ends. @return the webhook, named by its id; empty: there is no such token */
    public Optional<WebhookId> grant(String token, Integer rate, Instant now) {
        String hash = Sha256.hex(token);
        Optional<WebhookId> webhook = settings.setting(tokenName(hash))
                .map(stored -> new String(stored, StandardCharsets.UTF_8).split("\n"))
                .map(parts -> new WebhookId(parts[0], parts[1], parts[1]));
        return webhook.filter(id -> grant(id, hash, rate, now));
    }

    private boolean grant(WebhookId webhook, String token, Integer rate, Instant now) {
        Optional<Permission> asked = of(webhook).filter(known -> token.equals(known.token()));
        // an answer to the request may be stored at the same time
        while (asked.isPresent()) {
            Permission granted = asked.get().grantedAt(now, rate).withoutToken();
            if (replace(webhook, asked.get(), granted)) {
                join(settings.settings(Map.of(tokenName(token), Optional.empty())));
                return true;
            }
            asked = of(webhook).filter(known -> token.equals(known.token()));
        }
        return false;
    }

    private boolean replace(WebhookId webhook, Permission known, Permission by) {
        return join(settings.replace(name(webhook), written(known), written(by)));
    }

    private static <T> T join(CompletionStage<T> writing) {
        try {
            return writing.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException store ? store : e;
        }
    }

    /** The next delivery of a refused webhook asks its receiver again. */
    public void askAgain(WebhookId webhook) {
        of(webhook).filter(known -> !known.granted()).ifPresent(known -> replace(webhook, known, known.toAskAgain()));
    }

    /** Removes what is known of a webhook. */
    public void remove(WebhookId webhook) {
        of(webhook).ifPresent(known -> {
            Map<String, Optional<byte[]>> changes = new HashMap<>();
            endToken(known, changes);
            changes.put(name(webhook), Optional.empty());
            settings.settings(changes);
        });
    }

    private static void endToken(Permission known, Map<String, Optional<byte[]>> changes) {
        if (known != null && known.token() != null) {
            changes.put(tokenName(known.token()), Optional.empty());
        }
    }

    private static byte[] written(Permission permission) {
        try {
            return JSON.writeValueAsBytes(permission);
        } catch (IOException e) {
            throw new IllegalStateException("a record is always written", e);
        }
    }

    private static Permission read(byte[] stored) {
        try {
            return JSON.readValue(stored, Permission.class);
        } catch (IOException e) {
            throw new IllegalStateException("a stored permission is JSON", e);
        }
    }

    private static String name(WebhookId webhook) {
        return "permission/" + webhook.account() + "/" + webhook.id();
    }

    private static String tokenName(String hash) {
        return "permission-token/" + hash;
    }
}
