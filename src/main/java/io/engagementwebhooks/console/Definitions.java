package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.ThingKind;
import io.engagementwebhooks.webhook.WebhookId;
import io.engagementwebhooks.webhook.setup.FieldFault;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** How things are defined, by the file or by the API, without what is secret. Thread-safe. */
final class Definitions {

    /** What the file defines is changed nowhere else, so that its tags need not outlive the process. */
    private static final SecretKeySpec TAGS = newKey();

    private final MadeByApi made;
    private final SetUps setUps;

    Definitions(MadeByApi made, SetUps setUps) {
        this.made = made;
        this.setUps = setUps;
    }

    /** Adds to the view of a thing by whom it is managed. */
    Map<String, Object> with(Map<String, Object> view, String account, ThingKind kind, String name) {
        Optional<MadeByApi.Kept> kept = byApi(account, kind, name);
        view.put("managedBy", kept.isPresent() ? "api" : "file");
        return view;
    }

    /** As {@link #with}, and how it is defined. */
    Map<String, Object> withDefinition(Map<String, Object> view, String account, ThingKind kind, String name) {
        with(view, account, kind, name);
        Optional<MadeByApi.Kept> kept = byApi(account, kind, name);
        view.put(
                "changedAt",
                DeliveryView.text(kept.map(MadeByApi.Kept::changedAt).orElse(null)));
        view.put("definitionProblem", kept.map(MadeByApi.Kept::problem).orElse(null));
        view.put(
                "definition",
                kept.<JsonNode>map(known -> shown(known.definition()))
                        .or(() -> ofFile(account, kind, name).map(json -> Masked.shown(MadeByApi.parsed(json))))
                        .orElse(null));
        return view;
    }

    /** Another one whenever the definition is another. */
    String version(String account, ThingKind kind, String name) {
        return byApi(account, kind, name)
                .map(MadeByApi.Kept::version)
                .orElseGet(
                        () -> hash(ofFile(account, kind, name).orElseGet(() -> name.getBytes(StandardCharsets.UTF_8))));
    }

    private Optional<MadeByApi.Kept> byApi(String account, ThingKind kind, String name) {
        return isOfFile(setUps.ofFile(), account, kind, name) ? Optional.empty() : made.kept(account, kind, name);
    }

    private Optional<byte[]> ofFile(String account, ThingKind kind, String name) {
        return setUps.ofFile().definition(account, kind, name);
    }

    /** Things made by the API that cannot be in effect now, by their names. */
    List<String> resting(String account, ThingKind kind) {
        return made.kept(account, kind).stream()
                .filter(kept -> kept.isResting())
                .map(kept -> kept.definition().path(Editing.nameKey(kind)).asText())
                .filter(name -> !isOfFile(setUps.ofFile(), account, kind, name))
                .toList();
    }

    /** A definition made by the API as it may be shown. */
    static JsonNode shown(ObjectNode definition) {
        return Masked.shown(plain(definition));
    }

    /** Without what is ours in it; of an API key nothing is left that is secret. */
    static ObjectNode plain(ObjectNode definition) {
        return definition.deepCopy().without(List.of(FormerNames.MEMBER, "sha256"));
    }

    /** Whether the file has a thing of this name. */
    static boolean isOfFile(SetUp file, String account, ThingKind kind, String name) {
        return switch (kind) {
            case WEBHOOK -> file.webhook(new WebhookId(account, name)).isPresent();
            case OAUTH_CLIENT ->
                file.oauthClients(account).stream()
                        .anyMatch(client -> client.name().equals(name));
            case CONNECTION ->
                file.salesforceConnections(account).stream()
                                .anyMatch(c -> c.name().equals(name))
                        || file.contentsquareConnections(account).stream()
                                .anyMatch(c -> c.name().equals(name));
            case API_KEY ->
                file.account(account).map(Account::apiKeys).orElse(List.of()).stream()
                        .anyMatch(key -> key.name().equals(name));
            case SIGNING_KEY ->
                file.account(account).map(Account::signingKeys).orElse(List.of()).stream()
                        .anyMatch(key -> key.id().equals(name));
        };
    }

    static ProblemException invalid(List<FieldFault> faults) {
        return new ProblemException(Problem.invalid(faults.stream()
                .map(fault -> new Problem.Field(fault.pointer(), fault.detail(), fault.wayOut()))
                .toList()));
    }

    /** Keyed: all of a definition but its secrets is shown beside it, and could be tried out with guessed ones. */
    private static String hash(byte[] bytes) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(TAGS);
            return HexFormat.of().formatHex(mac.doFinal(bytes), 0, 16);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static SecretKeySpec newKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new SecretKeySpec(key, "HmacSHA256");
    }
}
